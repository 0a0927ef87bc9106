/** Everything of a recipe besides data and network, drawn from the catalogue. */

import { h, replace } from "../../lib/dom.js";
import { count, words } from "../../lib/format.js";
import { fieldForm, long, specForm, starting } from "../../lib/form.js";

/** @typedef {import("../../lib/catalog.js").Catalog} Catalog */
/** @typedef {import("../../lib/form.js").Spec} Spec */
/** @typedef {import("./draft.js").Draft} Draft */

/**
 * @typedef {object} Part
 * @property {string} name Of the recipe's member.
 * @property {string} family
 * @property {string} title
 * @property {string} [none] One may be chosen, or none, which is called this.
 * @property {boolean} [isList] Several may be chosen.
 */

/** @type {Part[]} */
const FOLDED = [
  { name: "schedule", family: "schedule", title: "Learning-rate schedule" },
  { name: "regularizers", family: "regularizer", title: "Regularization", isList: true },
  { name: "stopping", family: "stopping", title: "Stopping", isList: true },
  { name: "validation", family: "validation", title: "Validation" },
  { name: "loss", family: "loss", title: "Loss", none: "what the task calls for" },
  { name: "augmentation", family: "augmentation", title: "Augmentation", isList: true },
  { name: "clipping", family: "clipping", title: "Gradient clipping", none: "none" },
];

/**
 * @param {Draft} draft
 * @param {Catalog} catalog
 */
export function recipeSections(draft, catalog) {
  return [
    h(
      "section",
      { class: "card stack", "aria-labelledby": "optimizer-title" },
      h("h2", { id: "optimizer-title" }, "Optimizer"),
      one(draft, catalog, { name: "optimizer", family: "optimizer", title: "Method" }),
    ),
    training(draft, catalog),
    h("section", { class: "card folded", "aria-label": "More settings" }, FOLDED.map((part) => folded(draft, catalog, part))),
  ];
}

/**
 * How long, in what portions: the fields of the recipe's own schema.
 * @param {Draft} draft
 * @param {Catalog} catalog
 */
function training(draft, catalog) {
  const [reference] = Object.values(catalog.recipe.properties.training).filter((value) => String(value).startsWith("#/$defs/"));
  const { properties } = catalog.recipe.$defs[String(reference).replace("#/$defs/", "")];
  return h(
    "section",
    { class: "card stack", "aria-labelledby": "training-title" },
    h("h2", { id: "training-title" }, "Training"),
    h(
      "div",
      { class: "spec-fields" },
      Object.entries(properties).map(([name, schema]) =>
        fieldForm({
          catalog,
          field: { name, help: schema.description ?? "", required: false, default: schema.default, json_schema: schema },
          value: draft.body.training?.[name],
          pointer: `/training/${name}`,
          onChange: (value) => {
            const { [name]: _, ...others } = draft.body.training ?? {};
            draft.change({ training: value === undefined ? others : { ...others, [name]: value } });
          },
        }),
      ),
    ),
  );
}

/**
 * @param {Draft} draft
 * @param {Catalog} catalog
 * @param {Part} part
 */
function folded(draft, catalog, part) {
  const { name, title, isList } = part;
  const told = h("span", { class: "muted" });
  const tell = () => { told.textContent = summary(draft, catalog, part); };
  tell();
  draft.onChange(tell);
  const help = catalog.recipe.properties[name]?.description;
  const isSet = draft.body[name] !== undefined && (!isList || draft.body[name].length > 0);
  return h(
    "details",
    { open: isSet },
    h("summary", {}, h("h2", {}, title), told),
    h("div", { class: "stack fold" }, help ? h("p", { class: "muted small" }, help) : null, isList ? many(draft, catalog, part) : one(draft, catalog, part)),
  );
}

/**
 * @param {Draft} draft
 * @param {Catalog} catalog
 * @param {Part} part
 */
function summary(draft, catalog, { name, isList, none }) {
  const value = draft.body[name];
  if (isList) return value?.length ? value.map((/** @type {any} */ each) => words(long(each).kind)).join(", ") : "none";
  return value ? words(long(value).kind) : (none ?? words(standard(catalog, name)?.kind ?? ""));
}

/**
 * What holds where a recipe does not say.
 * @param {Catalog} catalog
 * @param {string} name
 * @returns {Spec | null}
 */
function standard(catalog, name) {
  const value = catalog.recipe.properties[name]?.default;
  return value ? long(value) : null;
}

/**
 * @param {Draft} draft
 * @param {Catalog} catalog
 * @param {Part} part
 */
function one(draft, catalog, { name, family, title, none }) {
  const value = draft.body[name];
  return specForm({
    catalog,
    family,
    value: value ? long(value) : none === undefined ? standard(catalog, name) : null,
    pointer: `/${name}`,
    label: title,
    none,
    onChange: (spec) => draft.change({ [name]: spec ?? undefined }),
  });
}

/**
 * @param {Draft} draft
 * @param {Catalog} catalog
 * @param {Part} part
 */
function many(draft, catalog, { name, family, title }) {
  const list = h("div", { class: "stack" });
  const adding = h("div", { class: "row", role: "group", "aria-label": `Add to ${title}` });
  /** @returns {Spec[]} */
  const members = () => (draft.body[name] ?? []).map(long);
  const draw = () => {
    replace(list, members().map((value, place) =>
      h(
        "div",
        { class: "member" },
        specForm({
          catalog,
          family,
          value,
          pointer: `/${name}/${place}`,
          label: `${title} ${count(place + 1)}`,
          onChange: (spec) => {
            const changed = members();
            if (spec) changed[place] = spec;
            draft.change({ [name]: changed });
          },
        }),
        h("button", { class: "button quiet", type: "button", "aria-label": `Remove ${title} ${count(place + 1)}`, onclick: () => { draft.change({ [name]: members().filter((_, each) => each !== place) }); draw(); } }, "Remove"),
      ),
    ));
  };
  replace(
    adding,
    h("span", { class: "label muted" }, "Add"),
    (catalog.families[family] ?? []).map((entry) =>
      h("button", { class: "chip", type: "button", title: entry.summary, onclick: () => { draft.change({ [name]: [...members(), starting(entry)] }); draw(); } }, words(entry.kind)),
    ),
  );
  draw();
  return h("div", { class: "stack" }, list, adding);
}
