/** What to test learning rates with: a run's recipe, or a small new one. */

/** @import { Catalog, CatalogField, Job, JobCreate } from "../../lib/types.js" */
/** @import { Part } from "./part.js" */

import { Problem } from "../../lib/api.js";
import { recipeSchemaOf } from "../../lib/catalog.js";
import { h, replace } from "../../lib/dom.js";
import { fieldForm, showErrors } from "../../lib/form.js";
import { ago, words } from "../../lib/format.js";
import { nameOf } from "../../lib/jobs.js";
import { problemNotice } from "../../lib/notice.js";
import { recipeOf } from "../../lib/recipe.js";
import { field, numberInput, select } from "./fields.js";

const NEW = "new";
/** Of a name, in characters, as the service takes it. */
const MAX_NAME_LENGTH = 200;

/**
 * @typedef {object} Offer
 * @property {Catalog} catalog
 * @property {{ id: string, name: string }[]} datasets
 * @property {Job[]} jobs
 * @property {(body: JobCreate) => Promise<void>} start
 */

/** @param {Part} part @param {Offer} offer */
export function rangeForm({ route, again }, { catalog, datasets, jobs, start }) {
  const { query } = route;
  const keep = (/** @type {Record<string, string | number>} */ changes) => route.go(changes, { replace: true });
  const recipe = query.get("recipe") ?? NEW;
  const job = jobs.find(({ id }) => id === recipe);
  const said = h("div", {});
  const button = h("button", { class: "button primary", type: "submit" }, "Run the test");
  const submit = async (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    button.disabled = true;
    try {
      await start({ ...(job ? like(job) : fresh(query, datasets)), range_test: rangeSpec(query) });
    } catch (error) {
      button.disabled = false;
      const left = error instanceof Problem ? showErrors(form, error.errors) : [];
      replace(said, error instanceof Problem && error.errors.length && !left.length ? null : problemNotice(error));
    }
  };
  const recipes = /** @type {[string, string][]} */ ([
    [NEW, "a small new one"],
    ...jobs.map((each) => [each.id, `${nameOf(each)} · ${ago(each.created_at)}`]),
  ]);
  const form = h(
    "form",
    { class: "stack", onsubmit: submit, novalidate: true },
    h("h2", {}, "Test learning rates"),
    field("For the recipe of", select(recipes, job ? recipe : NEW, (value) => { keep({ recipe: value }); again(); })),
    job ? null : freshFields(query, catalog, datasets, keep),
    h("details", {}, h("summary", {}, "How to test"),
      h("div", { class: "grid choices" }, settingsOf(catalog).map((each) => fieldForm({
        catalog, field: each, value: rangeSpec(query)[each.name], pointer: `/range_test/${each.name}`,
        onChange: (value) => keep({ range: JSON.stringify({ ...rangeSpec(query), [each.name]: value }) }),
      }))),
    ),
    h("div", {}, button),
    said,
  );
  return form;
}

/**
 * The test's settings, of which the catalogue tells in the schema of whole recipes.
 *
 * @param {Catalog} catalog
 * @returns {CatalogField[]}
 */
function settingsOf(catalog) {
  const recipe = recipeSchemaOf(catalog);
  const reference = recipe.properties.range_test.anyOf.find((/** @type {object} */ each) => "$ref" in each).$ref;
  const { properties } = recipe.$defs[reference.split("/").at(-1)];
  return Object.entries(properties).map(([name, schema]) => ({
    name, help: schema.description, required: false, default: schema.default, json_schema: schema,
  }));
}

/** @param {URLSearchParams} query @returns {Record<string, unknown>} */
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

/** @param {URLSearchParams} query @param {Offer["datasets"]} datasets @returns {JobCreate} */
function fresh(query, datasets) {
  const { dataset, units, optimizer, batch } = chosen(query);
  const stored = datasets.find(({ id }) => id === dataset);
  return {
    name: `rates for ${stored?.name ?? words(dataset)}, ${words(optimizer)}`,
    dataset: stored ? dataset : /** @type {JobCreate["dataset"]} */ ({ kind: dataset }),
    network: { layers: [{ kind: "dense", units }] },
    optimizer: /** @type {JobCreate["optimizer"]} */ (optimizer),
    training: { batch_size: batch },
  };
}

/**
 * A test of what a run was trained by; folds make no sense for it.
 *
 * @param {Job} job Its dataset still exists.
 * @returns {JobCreate}
 */
function like(job) {
  const { stopping: _, validation, ...recipe } = recipeOf(job);
  return {
    ...recipe,
    ...(validation && "folds" in validation ? {} : { validation }),
    name: `rates for ${nameOf(job)}`.slice(0, MAX_NAME_LENGTH),
    dataset: /** @type {string} */ (job.dataset.id),
    targets: job.targets,
  };
}
