/** What came of several runs, and the settings in which they differ. */

/** @import { Job } from "../../lib/types.js" */

import { Problem, get } from "../../lib/api.js";
import { h } from "../../lib/dom.js";
import { duration, number, percent, words } from "../../lib/format.js";
import { judged, layerText, nameOf, secondsOf } from "../../lib/jobs.js";
import { layersOf, recipeOf } from "../../lib/recipe.js";
import { href } from "../../lib/route.js";

/** @typedef {import("./view.js").Compared} Compared */

const NONE = "–";

/** @type {[string, (job: Job) => string][]} */
const OUTCOMES = [
  ["status", (job) => job.status],
  ["best loss", (job) => (job.best ? number(judged(job.best).loss) : NONE)],
  ["accuracy there", (job) => percent(job.best ? judged(job.best).accuracy : undefined)],
  ["best epoch", (job) => (job.best ? number(job.best.epoch) : NONE)],
  ["epochs done", (job) => number(job.progress.epoch)],
  ["time", (job) => duration(secondsOf(job))],
  ["stopped because", (job) => words(job.stop_reason ?? NONE)],
];

/**
 * @param {Compared[]} compared
 * @param {AbortSignal} signal
 */
export async function differences(compared, signal) {
  const jobs = compared.map(({ job }) => job);
  const names = await Promise.all(jobs.map((job) => datasetName(job, signal)));
  const alike = layersAlike(jobs);
  const settings = jobs.map((job, place) => new Map([["dataset", names[place] ?? NONE], ...settingsOf(job, alike)]));
  const keys = [...new Set(settings.flatMap((each) => [...each.keys()]))];
  const differing = keys.filter((key) => new Set(settings.map((each) => each.get(key) ?? NONE)).size > 1);
  return h(
    "table",
    { class: "table differences" },
    h("caption", { class: "unseen" }, "Results and differing settings, a column for each run"),
    h(
      "thead",
      {},
      h(
        "tr",
        {},
        h("td", {}),
        compared.map(({ job, colour }) =>
          h("th", { scope: "col" }, h("span", { class: "row" }, h("span", { class: "swatch", style: { background: `var(${colour})` } }), h("a", { href: href(["runs", job.id]) }, nameOf(job)))),
        ),
      ),
    ),
    group("Results", OUTCOMES.map(([name, value]) => row(name, jobs.map(value))), jobs.length),
    group(
      "Settings",
      differing.length
        ? differing.map((key) => row(key, settings.map((each) => each.get(key) ?? NONE)))
        : [h("tr", {}, h("td", { colspan: jobs.length + 1, class: "muted" }, "All settings are the same."))],
      jobs.length,
    ),
  );
}

/**
 * @param {string} name
 * @param {HTMLTableRowElement[]} rows
 * @param {number} columns
 */
function group(name, rows, columns) {
  return h("tbody", {}, h("tr", { class: "group" }, h("th", { colspan: columns + 1, scope: "rowgroup" }, name)), rows);
}

/**
 * @param {string} name
 * @param {string[]} values
 */
function row(name, values) {
  return h("tr", {}, h("th", { scope: "row" }, name), values.map((value) => h("td", {}, value)));
}

/**
 * @param {Job} job
 * @param {AbortSignal} signal
 */
async function datasetName(job, signal) {
  const digest = job.dataset.sha256.slice(0, 8);
  if (job.dataset.id === null) return `deleted (${digest})`;
  try {
    const { name } = await get(`/v1/datasets/${job.dataset.id}`, { signal });
    return `${name} (${digest})`;
  } catch (error) {
    if (error instanceof Problem) return digest;
    throw error;
  }
}

/**
 * At which places all networks have the same kind of layer, so that its settings can be compared.
 * @param {Job[]} jobs
 * @returns {boolean[]}
 */
function layersAlike(jobs) {
  const most = Math.max(...jobs.map((job) => layersOf(job).length));
  return Array.from({ length: most }, (_, place) => new Set(jobs.map((job) => layersOf(job)[place]?.kind)).size === 1);
}

/**
 * Every setting by its path; a layer where others have another kind of layer is one setting.
 * @param {Job} job
 * @param {boolean[]} alike
 * @returns {[string, string][]}
 */
function settingsOf(job, alike) {
  const { network, ...others } = recipeOf(job);
  const { layers = [], ...settings } = network ?? {};
  return [
    ...layers.flatMap((layer, place) => {
      const name = `network.layers.${place}`;
      return alike[place] ? flattened(layer, name) : [/** @type {[string, string]} */ ([name, layerText(layer)])];
    }),
    ...flattened({ network: settings, ...others }),
  ];
}

/**
 * Every value by its path: `optimizer.learning_rate`.
 * @param {unknown} value
 * @param {string} [path]
 * @returns {[string, string][]}
 */
function flattened(value, path = "") {
  if (value !== null && typeof value === "object") {
    return Object.entries(value).flatMap(([key, each]) => flattened(each, path ? `${path}.${key}` : key));
  }
  return [[path, value === null ? NONE : String(value)]];
}
