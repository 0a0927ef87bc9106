/** Everything of a recipe besides data and network, drawn from the catalogue. */

/** @import { Catalog } from "../../lib/types.js" */

import { recipeSchemaOf } from "../../lib/catalog.js";
import { h, replace } from "../../lib/dom.js";
import { count, words } from "../../lib/format.js";
import { long, specForm, starting } from "../../lib/form.js";
import { optionalSettings, settings } from "./settings.js";

/** @typedef {import("../../lib/form.js").Spec} Spec */
/** @typedef {import("./draft.js").Draft} Draft */

/**
 * @typedef {object} Part
 * @property {string} name Of the recipe's member.
 * @property {string} [family] Of the specs to choose from; without it, it has settings only.
 * @property {string} title
 * @property {string} [none] One may be chosen, or none, which is called this.
 * @property {boolean} [isList] Several may be chosen.
 * @property {string} [optional] It may be left out, and this is what is asked for with it.
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
  { name: "checkpoints", title: "Checkpoints", none: "the best and the last" },
  { name: "diagnostics", title: "Diagnostics", none: "none", optional: "Measure weights, gradients and dead units of each layer" },
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
 * How long, in what portions.
 * @param {Draft} draft
 * @param {Catalog} catalog
 */
function training(draft, catalog) {
  return h(
    "section",
    { class: "card stack", "aria-labelledby": "training-title" },
    h("h2", { id: "training-title" }, "Training"),
    settings(draft, catalog, "training"),
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
  const help = recipeSchemaOf(catalog).properties[name]?.description;
  const isSet = draft.body[name] !== undefined && (!isList || draft.body[name].length > 0);
  return h(
    "details",
    { open: isSet },
    h("summary", {}, h("h2", {}, title), told),
    h("div", { class: "stack fold" }, help ? h("p", { class: "muted small" }, help) : null, formOf(draft, catalog, part)),
  );
}

/**
 * @param {Draft} draft
 * @param {Catalog} catalog
 * @param {Part} part
 */
function formOf(draft, catalog, { family, optional, ...part }) {
  if (family !== undefined) return part.isList ? many(draft, catalog, { ...part, family }) : one(draft, catalog, { ...part, family });
  return optional === undefined ? settings(draft, catalog, part.name) : optionalSettings(draft, catalog, { ...part, optional });
}

/**
 * @param {Draft} draft
 * @param {Catalog} catalog
 * @param {Part} part
 */
function summary(draft, catalog, { name, family, isList, none, optional }) {
  const value = draft.body[name];
  if (family === undefined) return value?.every || (value && optional) ? everySo(value.every ?? 1) : (none ?? "");
  if (isList) return value?.length ? value.map((/** @type {any} */ each) => words(long(each).kind)).join(", ") : "none";
  return value ? words(long(value).kind) : (none ?? words(standard(catalog, name)?.kind ?? ""));
}

/** @param {number} epochs */
const everySo = (epochs) => (epochs === 1 ? "every epoch" : `every ${count(epochs)} epochs`);

/**
 * What holds where a recipe does not say.
 * @param {Catalog} catalog
 * @param {string} name
 * @returns {Spec | null}
 */
function standard(catalog, name) {
  const value = recipeSchemaOf(catalog).properties[name]?.default;
  return value ? long(value) : null;
}

/**
 * @param {Draft} draft
 * @param {Catalog} catalog
 * @param {Part & {family: string}} part
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
 * @param {Part & {family: string}} part
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
