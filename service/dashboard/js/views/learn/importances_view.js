/** The permutation importance of each input column of a model, and a check of its gradient. */

/** @import { GradientCheck, Importances, Model } from "../../lib/types.js" */
/** @import { Part } from "./part.js" */

import { get, post } from "../../lib/api.js";
import { h } from "../../lib/dom.js";
import { equation } from "../../lib/equation.js";
import { count, number } from "../../lib/format.js";
import { problemNotice } from "../../lib/notice.js";
import { checkpointOf, pickModel } from "./model_picker.js";

/** Rows that the gradient is checked on. */
const ROWS = 8;
/** Columns that are shown at once, the most important ones. */
const MAX_BARS = 20;

/** @param {Part} part */
export async function showImportances(part) {
  const { root } = part;
  const picked = await pickModel(part);
  if (!picked) return;
  root.append(h("section", { class: "card", "aria-label": "The model" }, h("div", { class: "grid choices" }, picked.fields)));
  root.append(
    h("div", { class: "grid" }, ...(await Promise.all([
      told(part, () => importances(part, picked.model)),
      told(part, () => gradientCheck(part, picked.model)),
    ]))),
  );
}

/** One that fails leaves the other. @param {Part} part @param {() => Promise<HTMLElement>} ask */
async function told({ signal, again }, ask) {
  try {
    return await ask();
  } catch (error) {
    if (signal.aborted) throw error;
    return problemNotice(error, again);
  }
}

/** @param {Part} part @param {Model} model */
async function importances(part, model) {
  const { inputs, score, baseline, rows } = await post(`/v1/models/${model.id}/importances`, {}, { signal: part.signal, query: checkpointOf(part) });
  const largest = Math.max(...inputs.map(({ importance }) => Math.abs(importance ?? 0)), 1e-12);
  return h(
    "section",
    { class: "card stack", "aria-label": "Feature importance" },
    h("h2", {}, "Feature importance"),
    h("p", { class: "muted" }, `One column at a time is shuffled among the rows; a bar shows how far the ${words[score] ?? score} ${score === "loss" ? "rises" : "falls"} from ${number(baseline)} (${count(rows)} rows). If shuffling a column does not hurt the score, the model does not use it.`),
    bars(inputs.slice(0, MAX_BARS), largest),
    inputs.length > MAX_BARS
      ? h("details", {}, h("summary", {}, `${inputs.length - MAX_BARS} more`), bars(inputs.slice(MAX_BARS), largest))
      : null,
  );
}

/** @param {Importances["inputs"]} inputs @param {number} largest What fills a bar. */
function bars(inputs, largest) {
  return h("ul", { class: "bars" }, inputs.map(({ column, importance, deviation }) =>
    h("li", {},
      h("span", { class: "bar-name", title: column }, column),
      h("span", { class: "bar-track" }, h("span", {
        class: (importance ?? 0) < 0 ? "bar-fill negative" : "bar-fill",
        style: { width: `${(100 * Math.abs(importance ?? 0)) / largest}%` },
      })),
      h("span", { class: "bar-value mono small" }, `${number(importance, 3)} ± ${number(deviation, 2)}`),
    ),
  ));
}

/** @type {Record<string, string>} */
const words = { r2: "R²" };

/** @param {Part} part @param {Model} model */
async function gradientCheck(part, model) {
  const { signal } = part;
  const title = h("h2", {}, "Gradient check");
  if (model.job_id === null) {
    return h("section", { class: "card stack" }, title, h("p", { class: "muted" }, "This model was imported, so there are no rows to check its gradient on. Send some rows to its gradient check over the API."));
  }
  const { dataset } = await get(`/v1/jobs/${model.job_id}`, { signal });
  if (dataset.id === null) {
    return h("section", { class: "card stack" }, title, h("p", { class: "muted" }, "The data that the model was trained on have been deleted, so there are no rows to check its gradient on."));
  }
  const { data } = await get(`/v1/datasets/${dataset.id}/rows`, { signal, query: { limit: ROWS } });
  const check = await post(`/v1/models/${model.id}/gradient_check`, { records: data }, { signal, query: checkpointOf(part) });
  return h(
    "section",
    { class: "card stack", "aria-label": "Gradient check" },
    title,
    h("p", { class: "muted" }, `Backpropagation gives an analytic derivative a; central differences of the loss give a numeric one, n. The table shows both where they differ most, over ${data.length} rows.`),
    equation(String.raw`n = \frac{L(\theta + w) - L(\theta - w)}{2w}, \qquad \text{error} = \frac{|a - n|}{\max(|a|, |n|, 10^{-5})}`, { display: true }),
    h("p", {}, h("strong", { class: check.passed ? "good" : "bad" }, check.passed ? "Passed" : "Failed"), `: the tolerance is a relative error of ${number(check.tolerance)}.`),
    checkTable(check),
  );
}

/** @param {GradientCheck} check */
function checkTable({ blocks }) {
  return h(
    "div",
    { class: "table-frame", tabindex: 0, role: "region", "aria-label": "Block by block" },
    h(
      "table",
      { class: "table" },
      h("thead", {}, h("tr", {}, ["Parameters", "Backpropagation", "Central differences", "Relative error"].map((head, i) => h("th", { scope: "col", class: i ? "number" : "" }, head)))),
      h("tbody", {}, blocks.map(({ name, index, analytic, numeric, largest_relative_error: error, passed }) =>
        h("tr", {},
          h("td", {}, h("code", {}, name), index ? h("span", { class: "muted small" }, ` at ${index.map((each) => each + 1).join(", ")}`) : null),
          h("td", { class: "number mono" }, number(analytic, 7)),
          h("td", { class: "number mono" }, number(numeric, 7)),
          h("td", { class: `number mono ${passed ? "good" : "bad"}` }, number(error, 2)),
        ),
      )),
    ),
  );
}
