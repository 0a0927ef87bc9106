/**
 * A run as files: weights, curves, everything that is known of it.
 *
 * @typedef {import("./context.js").Context} Context
 */

/** @import { Epoch } from "../../lib/types.js" */

import { download, get, isAbort } from "../../lib/api.js";
import { h, replace } from "../../lib/dom.js";
import { nameOf } from "../../lib/jobs.js";
import { toast } from "../../lib/notice.js";
import { csv, save } from "./files.js";
import { scrubber } from "./scrubber.js";

/** The service's bound for a page of epochs. */
const PAGE = 10_000;

/** @param {HTMLElement} root @param {Context} context @param {AbortSignal} signal */
export async function showExports(root, context, signal) {
  const { run, selected } = context;
  const name = nameOf(run.job);
  const files = /** @type {[string, string, () => Promise<void>][]} */ ([
    ["Weights", "The state that is chosen above, as safetensors, with all that is needed to import it elsewhere.", async () => {
      const { model_id } = run.job;
      if (model_id === null) throw new Error("There is no model yet: it comes with the first checkpoint.");
      save(await download(`/v1/models/${model_id}/weights`, { signal, query: selected.query }), `${name}.safetensors`);
    }],
    ["Curves", "Every epoch with its losses, metrics and learning rate, as CSV.", async () => {
      save(new Blob([curves(await allEpochs(run.id, signal))], { type: "text/csv" }), `${name}.csv`);
    }],
    ["Run", "The recipe and the results, as JSON.", async () => {
      const job = await get(`/v1/jobs/${run.id}`, { signal });
      save(new Blob([JSON.stringify(job, null, 2)], { type: "application/json" }), `${name}.json`);
    }],
  ]);
  replace(root,
    h("div", { class: "card run-bar" }, scrubber(context, signal)),
    h("div", { class: "grid" }, files.map(([title, help, act]) => h("section", { class: "card stack" },
      h("h2", {}, title), h("p", { class: "muted" }, help),
      h("div", {}, h("button", { class: "button", type: "button", onclick: () => attempt(act) }, `Save ${title.toLowerCase()}`))))),
    h("p", { class: "muted small" }, "Charts have buttons of their own, for PNG and SVG."));
}

/** @param {() => Promise<void>} act */
async function attempt(act) {
  try {
    await act();
  } catch (error) {
    if (!isAbort(error)) toast(error instanceof Error ? error.message : String(error));
  }
}

/** @param {string} id @param {AbortSignal} signal @returns {Promise<Epoch[]>} */
async function allEpochs(id, signal) {
  /** @type {Epoch[]} */
  const rows = [];
  let page;
  do {
    const query = { after: rows.at(-1)?.seq ?? 0, limit: PAGE };
    page = (await get(`/v1/jobs/${id}/epochs`, { signal, query })).data;
    rows.push(...page);
  } while (page.length === PAGE);
  return rows;
}

/** The epochs as a table: a metric that was not finite by its name. @param {Epoch[]} rows */
function curves(rows) {
  const names = ["train", "validation"].flatMap((part) => {
    const measured = rows.map((row) => (part === "train" ? row.train : row.validation) ?? {});
    return [...new Set(measured.flatMap(Object.keys))].map((metric) => ({ part, metric }));
  });
  const value = (/** @type {Epoch} */ row, /** @type {string} */ part, /** @type {string} */ metric) =>
    row.non_finite?.[`${part}_${metric}`] ?? (part === "train" ? row.train : row.validation)?.[metric];
  return csv(
    ["fold", "epoch", ...names.map(({ part, metric }) => `${part}_${metric}`), "learning_rate", "seconds", "samples"],
    rows.map((row) => [
      row.fold, row.epoch, ...names.map(({ part, metric }) => value(row, part, metric)),
      row.learning_rate, row.seconds, row.samples,
    ]),
  );
}
