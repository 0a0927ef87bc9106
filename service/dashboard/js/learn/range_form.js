/** What to test learning rates with: a run's recipe, or a small new one. */

/** @import { Catalog, CatalogEntry } from "../lib/catalog.js" */
/** @import { Part } from "./part.js" */
/** @import { Job } from "./range_view.js" */

import { h, replace } from "../lib/dom.js";
import { ago, words } from "../lib/format.js";
import { problemNotice } from "../lib/notice.js";
import { field, numberInput, select } from "./fields.js";
import { specFields } from "./spec_fields.js";

const NEW = "new";

/**
 * @typedef {object} Offer
 * @property {Catalog} catalog
 * @property {{ id: string, name: string }[]} datasets
 * @property {Job[]} jobs
 * @property {(body: Record<string, any>) => Promise<void>} start
 */

/** @param {Part} part @param {Offer} offer */
export function rangeForm({ place, again }, { catalog, datasets, jobs, start }) {
  const { query } = place;
  const go = (/** @type {Record<string, string | number>} */ changes) => {
    place.go(changes, { replace: true });
    again();
  };
  const recipe = query.get("recipe") ?? NEW;
  const job = jobs.find(({ id }) => id === recipe);
  const given = rangeSpec(query);
  const said = h("div", {});
  const button = h("button", { class: "button primary", type: "submit", id: "range-start" }, "Run the test");
  const submit = async (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    button.disabled = true;
    try {
      await start({ ...(job ? like(job) : fresh(query, datasets)), range_test: given });
    } catch (error) {
      button.disabled = false;
      replace(said, problemNotice(error));
    }
  };
  const recipes = /** @type {[string, string][]} */ ([
    [NEW, "a small new one"],
    ...jobs.map((each) => [each.id, `${each.name ?? "unnamed"} · ${ago(each.created_at)}`]),
  ]);
  const entry = rangeEntry(catalog);
  return h(
    "form",
    { class: "stack", onsubmit: submit, novalidate: true },
    h("h2", {}, "Test learning rates"),
    field("For the recipe of", select(recipes, job ? recipe : NEW, (value) => go({ recipe: value }))),
    job ? null : freshFields(query, catalog, datasets, go),
    h("details", { open: Object.keys(given).length > 0 }, h("summary", {}, "How to test"),
      h("div", { class: "grid choices" }, specFields(entry, given, "range", (spec) => go({ range: JSON.stringify(spec) })).map(({ element }) => element)),
    ),
    h("div", {}, button),
    said,
  );
}

/**
 * The test's settings, of which the catalogue tells in the schema of whole recipes.
 *
 * @param {Catalog} catalog
 * @returns {Pick<CatalogEntry, "fields">}
 */
function rangeEntry({ recipe }) {
  const definitions = recipe.$defs ?? {};
  const whole = recipe.properties ? recipe : definitions.Recipe;
  const found = JSON.stringify(whole.properties.range_test).match(/#\/\$defs\/(\w+)/)?.[1] ?? "";
  const fields = Object.entries(definitions[found]?.properties ?? {}).map(([name, schema]) => ({
    name, help: schema.description ?? "", required: false, default: schema.default, json_schema: schema,
  }));
  return { fields };
}

/** @param {URLSearchParams} query @returns {Record<string, any>} */
function rangeSpec(query) {
  try {
    return JSON.parse(query.get("range") ?? "{}");
  } catch {
    return {}; // an address that was cut off
  }
}

/**
 * @param {URLSearchParams} query
 * @param {Catalog} catalog
 * @param {Offer["datasets"]} datasets
 * @param {(changes: Record<string, string | number>) => void} go
 */
function freshFields(query, catalog, datasets, go) {
  const { dataset, units, optimizer, batch } = chosen(query);
  const builtIn = (catalog.families.dataset ?? []).map(({ kind }) => /** @type {[string, string]} */ ([kind, words(kind)]));
  const own = datasets.map(({ id, name }) => /** @type {[string, string]} */ ([id, name]));
  const optimizers = (catalog.families.optimizer ?? []).filter(({ fields }) => fields.some(({ name }) => name === "learning_rate"));
  return h("div", { class: "grid choices" },
    field("Data", select([...builtIn, ...own], dataset, (value) => go({ dataset: value }))),
    field("Hidden units", numberInput(units, (value) => go({ units: value }), { min: 1, max: 4096, step: 1 })),
    field("Optimizer", select(optimizers.map(({ kind }) => [kind, words(kind)]), optimizer, (value) => go({ optimizer: value }))),
    field("Rows of a mini-batch", numberInput(batch, (value) => go({ batch: value }), { min: 1, step: 1 })),
  );
}

/** @param {URLSearchParams} query */
function chosen(query) {
  return {
    dataset: query.get("dataset") ?? "two_moons",
    units: Number(query.get("units") ?? 16),
    optimizer: query.get("optimizer") ?? "adam",
    batch: Number(query.get("batch") ?? 32),
  };
}

/** @param {URLSearchParams} query @param {Offer["datasets"]} datasets */
function fresh(query, datasets) {
  const { dataset, units, optimizer, batch } = chosen(query);
  const stored = datasets.find(({ id }) => id === dataset);
  return {
    name: `rates for ${stored?.name ?? words(dataset)}, ${words(optimizer)}`,
    dataset: stored ? dataset : { kind: dataset },
    network: { layers: [{ kind: "dense", units }] },
    optimizer,
    training: { batch_size: batch },
  };
}

/** A test of what a run was trained by; folds make no sense for it. @param {Job} job */
function like({ name, spec, dataset, targets }) {
  const { stopping: _, validation, ...recipe } = spec;
  return {
    ...recipe,
    ...(validation.folds ? {} : { validation }),
    name: `rates for ${name ?? "a run"}`.slice(0, 200),
    dataset: dataset.id,
    ...(targets.length ? { targets } : {}),
  };
}
