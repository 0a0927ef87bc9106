/** The recipe's own settings, which have no kinds to choose from: their fields are those of its schema. */

/** @import { Catalog } from "../../lib/types.js" */

import { recipeSchemaOf } from "../../lib/catalog.js";
import { h, replace } from "../../lib/dom.js";
import { fieldForm } from "../../lib/form.js";

/** @typedef {import("./draft.js").Draft} Draft */

/**
 * A field for each setting of a member of the recipe.
 * @param {Draft} draft
 * @param {Catalog} catalog
 * @param {string} member
 */
export function settings(draft, catalog, member) {
  return h(
    "div",
    { class: "spec-fields" },
    Object.entries(schemaOf(catalog, member)).map(([name, schema]) =>
      fieldForm({
        catalog,
        field: { name, help: schema.description ?? "", required: false, default: schema.default, json_schema: schema },
        value: draft.body[member]?.[name],
        pointer: `/${member}/${name}`,
        onChange: (value) => {
          const { [name]: _, ...others } = draft.body[member] ?? {};
          draft.change({ [member]: value === undefined ? others : { ...others, [name]: value } });
        },
      }),
    ),
  );
}

/**
 * The same of a member that may be left out: a box to tick, and then its fields.
 * @param {Draft} draft
 * @param {Catalog} catalog
 * @param {{name: string, optional: string}} part
 */
export function optionalSettings(draft, catalog, { name, optional }) {
  const fields = h("div", {});
  const box = h("input", {
    type: "checkbox",
    checked: Boolean(draft.body[name]),
    onchange: () => {
      draft.change({ [name]: box.checked ? {} : undefined });
      draw();
    },
  });
  const draw = () => replace(fields, box.checked ? settings(draft, catalog, name) : null);
  draw();
  return h("div", { class: "stack" }, h("label", { class: "row label" }, box, optional), fields);
}

/**
 * @param {Catalog} catalog
 * @param {string} member
 * @returns {Record<string, any>}
 */
function schemaOf(catalog, member) {
  const property = recipeSchemaOf(catalog).properties[member];
  /** @type {any[]} */
  const options = property.anyOf ?? [property];
  const { $ref } = options.find((option) => option.$ref !== undefined);
  return recipeSchemaOf(catalog).$defs[$ref.replace("#/$defs/", "")].properties;
}
