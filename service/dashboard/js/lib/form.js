/**
 * Forms drawn from the catalogue: a spec is a choice of its kind, the equation, a sentence, and a
 * field for each hyper-parameter. A kind that the service learns needs no change here.
 *
 * Every field carries the JSON pointer of its value, so that the service's errors find it.
 */

/** @import { Catalog, CatalogEntry, CatalogField, FieldProblem } from "./types.js" */

import { h, replace } from "./dom.js";
import { equation } from "./equation.js";
import { words } from "./format.js";

/** @typedef {{kind: string, [name: string]: unknown}} Spec */

/**
 * A spec in its long form: `"relu"` is `{kind: "relu"}`.
 * @param {string | Spec} value
 * @returns {Spec}
 */
export const long = (value) => (typeof value === "string" ? { kind: value } : value);

/**
 * A spec to begin with: what it needs and has no default of gets a modest value.
 * @param {CatalogEntry} entry
 * @returns {Spec}
 */
export function starting(entry) {
  const required = entry.fields.filter((field) => field.required);
  return { kind: entry.kind, ...Object.fromEntries(required.map(({ name, json_schema: { type } }) => [name, type === "integer" ? 16 : type === "number" ? 1 : ""])) };
}

/**
 * The choice of a member of a family, with its hyper-parameters.
 * @param {object} options
 * @param {Catalog} options.catalog
 * @param {string} options.family
 * @param {Spec | null} options.value
 * @param {string} options.pointer
 * @param {string} options.label
 * @param {(value: Spec | null) => void} options.onChange
 * @param {string} [options.none] What it is called to choose none; without it one must be chosen.
 * @param {boolean} [options.compact] Without equation and summary.
 * @returns {HTMLElement}
 */
export function specForm({ catalog, family, value, pointer, label, onChange, none, compact = false }) {
  const entries = catalog.families[family] ?? [];
  let current = value;
  const about = h("div", { class: "spec-about" });
  const fields = h("div", { class: "spec-fields" });
  const id = identifier(pointer);
  const select = h(
    "select",
    {
      id,
      value: current?.kind ?? "",
      onchange: () => {
        const entry = entries.find(({ kind }) => kind === select.value);
        current = entry ? starting(entry) : null;
        draw();
        onChange(current);
      },
    },
    none === undefined ? null : h("option", { value: "" }, none),
    entries.map(({ kind }) => h("option", { value: kind }, words(kind))),
  );
  const draw = () => {
    const entry = entries.find(({ kind }) => kind === current?.kind);
    const shown = (entry?.fields ?? []).map((field) =>
      fieldForm({
        catalog,
        field,
        value: current?.[field.name],
        pointer: `${pointer}/${field.name}`,
        onChange: (each) => {
          const { [field.name]: _, ...others } = /** @type {Spec} */ (current);
          current = each === undefined ? /** @type {Spec} */ (others) : { .../** @type {Spec} */ (others), [field.name]: each };
          onChange(current);
        },
      }),
    );
    replace(about, compact || !entry ? [] : [h("p", { class: "muted small" }, entry.summary), entry.equation ? equation(entry.equation, { display: true }) : null]);
    replace(fields, shown);
    fields.hidden = shown.length === 0;
    about.hidden = about.childElementCount === 0;
  };
  draw();
  return h(
    "div",
    { class: "spec" },
    h("div", { class: "field", dataset: { pointer } }, h("label", { for: id }, label), select, errorOf(id)),
    about,
    fields,
  );
}

/**
 * The field of one hyper-parameter.
 * @param {object} options
 * @param {Catalog} options.catalog
 * @param {CatalogField} options.field
 * @param {unknown} options.value undefined: its default.
 * @param {string} options.pointer
 * @param {(value: unknown) => void} options.onChange undefined: its default.
 * @returns {HTMLElement}
 */
export function fieldForm({ catalog, field, value, pointer, onChange }) {
  const { name, json_schema: schema, default: standard } = field;
  const label = capital(words(name));
  const shape = shapeOf(schema, catalog);
  if (shape.family !== null) {
    const nested = value ?? standard;
    return specForm({
      catalog,
      family: shape.family,
      value: nested ? long(/** @type {Spec | string} */ (nested)) : null,
      pointer,
      label,
      onChange: (each) => onChange(each ?? undefined),
      none: shape.isNullable ? "automatic" : undefined,
      compact: true,
    });
  }
  /** @param {unknown} each */
  const tell = (each) => onChange(each === standard ? undefined : each);
  const id = identifier(pointer);
  const input = control(shape, id, value === undefined ? standard : value, tell);
  input.setAttribute("aria-describedby", `${id}-hint ${id}-error`);
  const isCheck = shape.type === "boolean";
  return h(
    "div",
    { class: "field", dataset: { pointer } },
    isCheck ? h("div", { class: "row" }, input, h("label", { for: id, class: "label" }, label)) : [h("label", { for: id }, label), input],
    h("span", { class: "hint", id: `${id}-hint` }, field.help),
    errorOf(id),
  );
}

/**
 * @param {Shape} shape
 * @param {string} id
 * @param {unknown} value
 * @param {(value: unknown) => void} tell
 */
function control(shape, id, value, tell) {
  if (shape.type === "boolean") {
    const box = h("input", { type: "checkbox", id, checked: value === true, onchange: () => tell(box.checked) });
    return box;
  }
  if (shape.choices) {
    const select = h(
      "select",
      { id, value: String(value ?? ""), onchange: () => tell(shape.choices?.find((each) => String(each) === select.value) ?? null) },
      shape.isNullable ? h("option", { value: "" }, "none") : null,
      shape.choices.map((each) => h("option", { value: String(each) }, words(String(each)))),
    );
    return select;
  }
  const isNumber = shape.type === "integer" || shape.type === "number";
  const input = h("input", {
    id,
    type: isNumber ? "number" : "text",
    step: shape.type === "integer" ? 1 : isNumber ? "any" : null,
    min: shape.minimum,
    max: shape.maximum,
    placeholder: shape.isNullable ? "automatic" : null,
    value: value ?? "",
    oninput: () => {
      if (input.value === "") tell(shape.isNullable ? null : undefined);
      else tell(isNumber ? Number(input.value) : input.value);
    },
  });
  return input;
}

/**
 * @typedef {object} Shape What kind of field a JSON schema asks for.
 * @property {string | null} family Of the specs that it takes.
 * @property {string} type
 * @property {boolean} isNullable
 * @property {unknown[] | null} choices
 * @property {number | undefined} minimum
 * @property {number | undefined} maximum
 */

/**
 * @param {any} schema
 * @param {Catalog} catalog
 * @returns {Shape}
 */
function shapeOf(schema, catalog) {
  /** @type {any[]} */
  const options = schema.anyOf ?? [schema];
  const isNullable = options.some(({ type }) => type === "null");
  const kinds = options.find((option) => option.discriminator)?.discriminator.mapping;
  const own = options.find(({ type }) => type !== "null") ?? {};
  return {
    family: kinds ? familyOf(Object.keys(kinds), catalog) : null,
    type: own.type ?? "string",
    isNullable,
    choices: own.enum ?? null,
    minimum: own.minimum ?? own.exclusiveMinimum,
    maximum: own.maximum ?? own.exclusiveMaximum,
  };
}

/**
 * @param {string[]} kinds
 * @param {Catalog} catalog
 */
function familyOf(kinds, catalog) {
  const wanted = [...kinds].sort().join();
  const found = Object.entries(catalog.families).find(([, entries]) => entries.map(({ kind }) => kind).sort().join() === wanted);
  return found?.[0] ?? null;
}

/** @param {string} pointer */
const identifier = (pointer) => `field${pointer.replaceAll(/[^\w]/g, "-")}`;

/** @param {string} id */
const errorOf = (id) => h("span", { class: "error", id: `${id}-error`, hidden: true });

/** @param {string} text */
const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/**
 * Puts errors at the fields that their pointers name, or at the nearest one around it.
 * @param {HTMLElement} root
 * @param {FieldProblem[]} errors
 * @returns {FieldProblem[]} Those that have no field.
 */
export function showErrors(root, errors) {
  for (const field of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll("[data-pointer]"))) mark(field, "");
  return errors.filter(({ pointer, message }) => {
    const field = fieldAt(root, pointer);
    if (field) mark(field, message);
    return field === null;
  });
}

/**
 * @param {HTMLElement} root
 * @param {string} pointer
 * @returns {HTMLElement | null}
 */
function fieldAt(root, pointer) {
  for (let at = pointer; at !== ""; at = at.slice(0, at.lastIndexOf("/"))) {
    const field = root.querySelector(`[data-pointer="${CSS.escape(at)}"]`);
    if (field) return /** @type {HTMLElement} */ (field);
  }
  return null;
}

/**
 * @param {HTMLElement} field
 * @param {string} message Empty where it is right.
 */
function mark(field, message) {
  const error = field.querySelector(".error");
  const input = field.querySelector("input, select, textarea");
  if (error instanceof HTMLElement) {
    error.textContent = message;
    error.hidden = message === "";
  }
  if (message === "") input?.removeAttribute("aria-invalid");
  else input?.setAttribute("aria-invalid", "true");
  field.toggleAttribute("data-wrong", message !== "");
}
