/** The settings of a spec as fields, drawn from the catalogue: bounds, defaults and help are its. */

/** @import { CatalogEntry, CatalogField } from "../lib/catalog.js" */

import { words } from "../lib/format.js";
import { field, numberInput, select } from "./fields.js";

/**
 * @typedef {Record<string, any>} Spec
 */

/**
 * Fields for settings that are numbers, choices, or yes and no; others keep their defaults.
 *
 * @param {Pick<CatalogEntry, "fields">} entry
 * @param {Spec} spec
 * @param {string} id What the fields' ids begin with.
 * @param {(spec: Spec) => void} onChange
 * @returns {{ name: string, element: HTMLElement }[]}
 */
export function specFields(entry, spec, id, onChange) {
  return entry.fields.flatMap((each) => {
    const value = spec[each.name] ?? each.default;
    const change = (/** @type {any} */ to) => onChange({ ...spec, [each.name]: to });
    const control = controlOf(each, value, change);
    if (!control) return [];
    control.id = `${id}-${each.name}`;
    return [{ name: each.name, element: field(words(each.name), control, each.help) }];
  });
}

/**
 * @param {CatalogField} each
 * @param {any} value
 * @param {(value: any) => void} change
 */
function controlOf({ json_schema: schema, required }, value, change) {
  if (schema.type === "boolean") {
    return select([["false", "no"], ["true", "yes"]], String(value), (each) => change(each === "true"));
  }
  if (schema.enum) {
    return select(schema.enum.map((/** @type {string} */ each) => [each, words(each)]), value, change);
  }
  if (schema.type !== "number" && schema.type !== "integer") return null;
  return numberInput(value ?? "", change, {
    min: schema.minimum ?? schema.exclusiveMinimum,
    max: schema.maximum ?? schema.exclusiveMaximum,
    step: schema.type === "integer" ? 1 : "any",
    required,
  });
}
