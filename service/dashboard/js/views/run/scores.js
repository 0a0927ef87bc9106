/** The measures of a model as tables. */

/** @import { Scores } from "../../lib/types.js" */

import { h } from "../../lib/dom.js";
import { count, number, percent } from "../../lib/format.js";
import { token } from "./colours.js";
import { measureName } from "./measures.js";

const SHARES = new Set(["accuracy", "precision", "recall", "f1", "hamming_loss"]);

/** @param {string} name @param {number | null} value */
const told = (name, value) => (SHARES.has(name) ? percent(value) : value === null ? "–" : number(value));

/** The measures over all rows. @param {Scores} scores */
export function figures(scores) {
  const single = Object.entries(scores).filter(([, value]) => typeof value === "number" || value === null);
  return h("dl", { class: "run-figures" }, single.map(([name, value]) =>
    h("div", {}, h("dt", { class: "run-measure" }, measureName(name)), h("dd", {}, told(name, /** @type {number | null} */ (value))))));
}

/** The confusion matrix: actual classes by predicted classes. @param {Scores} scores */
export function confusionMatrix(scores) {
  if (scores.kind !== "classification") return null;
  const labels = scores.per_class.map(({ label }) => String(label));
  const matrix = scores.confusion_matrix;
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

/** The measures of each class, or of each target. @param {Scores} scores */
export function perClass(scores) {
  const isOfClasses = scores.kind === "classification";
  const rows = isOfClasses
    ? scores.per_class.map(({ label, ...measures }) => ({ of: String(label), measures: valuesOf(measures) }))
    : scores.per_target.map(({ target, ...measures }) => ({ of: target, measures: valuesOf(measures) }));
  const [first] = rows;
  if (first === undefined || (scores.kind === "regression" && rows.length === 1)) return null;
  const names = Object.keys(first.measures);
  const title = isOfClasses ? "Metrics per class" : "Metrics per target";
  return h("section", { class: "card" },
    h("h2", {}, title),
    h("div", { class: "table-frame", tabindex: 0, role: "region", "aria-label": title },
      h("table", { class: "table" },
        h("thead", {}, h("tr", {}, h("td", {}), names.map((name) => h("th", { scope: "col", class: "number run-measure" }, measureName(name))))),
        h("tbody", {}, rows.map((row, place) => h("tr", {},
          h("th", { scope: "row" }, h("i", { class: "run-dot run-inline-dot", style: { background: `var(${token(place)})` } }), row.of),
          names.map((name) => h("td", { class: "number" }, name === "support" ? count(row.measures[name] ?? 0) : told(name, row.measures[name] ?? null)))))))));
}

/** Measures by their names, whichever there are. @param {Record<string, number | null>} measures */
const valuesOf = (measures) => measures;
