/**
 * What maps and curves of a model's predictions share.
 *
 * @typedef {import("./context.js").Context} Context
 * @typedef {import("./answers.js").Answers} Answers
 */

/** @import { DatasetColumn, Label, Row, Task } from "../../lib/types.js" */

import { h } from "../../lib/dom.js";
import { count, number, percent } from "../../lib/format.js";
import { token } from "./colours.js";
import { usual } from "./grid.js";

const MAX_TOLD = 3;

/** The place of the target that is shown, among several. @param {Context} context @param {Task} task */
export function targetOf({ state }, { targets }) {
  return Math.max(0, targets.indexOf(state.text("target") ?? ""));
}

/**
 * A choice that the address keeps.
 *
 * @param {Context} context
 * @param {{name: string, label: string, options: string[], chosen: string, onchange: () => void}} how
 */
export function choice({ state }, { name, label, options, chosen, onchange }) {
  const select = h("select", {
    value: chosen,
    onchange: () => {
      state.keep(name, select.value);
      onchange();
    },
  }, options.map((option) => h("option", { value: option }, option)));
  return h("label", { class: "field inline small" }, h("span", {}, label), select);
}

/** The choice of the target; null if there is one only. @param {Context} context @param {Task} task @param {() => void} onchange */
export function targetChoice(context, task, onchange) {
  const { targets } = task;
  const chosen = targets[targetOf(context, task)] ?? "";
  return targets.length < 2 ? null : choice(context, { name: "target", label: "Target", options: targets, chosen, onchange });
}

/** The colours of the classes. @param {Task} task */
export function classLegend({ classes }) {
  return h("ul", { class: "run-classes" }, classes.map((name, place) =>
    h("li", {}, h("i", { class: "run-dot", style: { background: `var(${token(place)})` } }), String(name))));
}

/** Which rows are drawn, and how the other columns stand. @param {import("./decision.js").Known} known @param {number} axes */
export function noteOn({ model, dataset, rows }, axes) {
  return [
    rows.length < dataset.rows ? `Points: the first ${count(rows.length)} of ${count(dataset.rows)} rows. ` : "",
    model.inputs.length > axes ? "The other columns are at their mean, or their most frequent value." : "",
  ];
}

/** What columns are like where nothing else is said. @param {DatasetColumn[]} columns @returns {Map<string, Label | null>} */
export const usualValues = (columns) => new Map(columns.map((column) => [column.name, usual(column)]));

/**
 * What is right for a row: its number, or the place of its class; null where it is not known.
 *
 * @param {Row} row @param {string} target @param {Task} task
 * @returns {number | null}
 */
export function truthOf(row, target, task) {
  const truth = row[target];
  if (task.kind === "regression") return typeof truth === "number" ? truth : null;
  const place = task.classes.findIndex((each) => each === truth);
  return place < 0 ? null : place;
}

/** In words: the number, or the most probable classes. @param {Answers} answers @param {number} place */
export function inWords(answers, place) {
  if (answers.kind === "numbers") return number(answers.values[place]);
  const row = answers.parts[place] ?? [];
  return row
    .map((part, each) => ({ part, name: answers.classes[each] ?? "" }))
    .sort((a, b) => b.part - a.part)
    .slice(0, MAX_TOLD)
    .map(({ part, name }) => `${name} ${percent(part)}`)
    .join(", ");
}
