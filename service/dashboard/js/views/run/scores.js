/** The measures of a model as tables. */

/** @import { Label } from "../../lib/types.js" */

import { h } from "../../lib/dom.js";
import { count, number, percent } from "../../lib/format.js";
import { token } from "./colours.js";
import { measureName } from "./measures.js";

const SHARES = new Set(["accuracy", "precision", "recall", "f1", "hamming_loss"]);

/** @param {string} name @param {number | null} value */
const told = (name, value) => (SHARES.has(name) ? percent(value) : value === null ? "–" : number(value));

/** The measures over all rows. @param {any} scores */
export function figures(scores) {
  const single = Object.entries(scores).filter(([, value]) => typeof value === "number" || value === null);
  return h("dl", { class: "run-figures" }, single.map(([name, value]) =>
    h("div", {}, h("dt", { class: "run-measure" }, measureName(name)), h("dd", {}, told(name, /** @type {number | null} */ (value))))));
}

/** The confusion matrix: actual classes by predicted classes. @param {any} scores */
export function confusionMatrix(scores) {
  if (scores.kind !== "classification") return null;
  const labels = /** @type {string[]} */ (scores.per_class.map((/** @type {{label: Label}} */ each) => String(each.label)));
  const matrix = /** @type {number[][]} */ (scores.confusion_matrix);
  const cell = (/** @type {number} */ value, /** @type {number} */ row, /** @type {number} */ column) => {
    const share = value / (matrix[row]?.reduce((a, b) => a + b, 0) || 1);
    const colour = row === column ? "var(--good)" : "var(--bad)";
    return h("td", {
      class: "number", title: `actual ${labels[row]}, predicted ${labels[column]}: ${count(value)}, ${percent(share)} of the row`,
      style: { background: value === 0 ? "transparent" : `color-mix(in srgb, ${colour} ${Math.round(8 + 42 * share)}%, var(--surface))` },
    }, count(value));
  };
  return h("section", { class: "card stack" },
    h("h2", {}, "Confusion matrix"),
    h("div", { class: "table-frame", tabindex: 0, role: "region", "aria-label": "Confusion matrix" },
      h("table", { class: "table run-confusion" },
        h("thead", {}, h("tr", {}, h("td", {}), labels.map((label) => h("th", { scope: "col", class: "number" }, label)))),
        h("tbody", {}, matrix.map((values, row) =>
          h("tr", {}, h("th", { scope: "row" }, labels[row]), values.map((value, column) => cell(value, row, column))))))),
    h("p", { class: "small muted" }, "Rows: actual class. Columns: predicted class."));
}

/** The measures of each class, or of each target. @param {any} scores */
export function perClass(scores) {
  const rows = /** @type {any[]} */ (scores.per_class ?? scores.per_target);
  const [first] = rows;
  if (first === undefined || (scores.kind === "regression" && rows.length === 1)) return null;
  const names = Object.keys(first).filter((name) => name !== "label" && name !== "target");
  return h("section", { class: "card" },
    h("h2", {}, scores.per_class === undefined ? "Metrics per target" : "Metrics per class"),
    h("div", { class: "table-frame", tabindex: 0, role: "region", "aria-label": scores.per_class === undefined ? "Metrics per target" : "Metrics per class" },
      h("table", { class: "table" },
        h("thead", {}, h("tr", {}, h("td", {}), names.map((name) => h("th", { scope: "col", class: "number run-measure" }, measureName(name))))),
        h("tbody", {}, rows.map((row, place) => h("tr", {},
          h("th", { scope: "row" }, h("i", { class: "run-dot run-inline-dot", style: { background: `var(${token(place)})` } }), String(row.label ?? row.target)),
          names.map((name) => h("td", { class: "number" }, name === "support" ? count(row[name]) : told(name, row[name])))))))));
}
