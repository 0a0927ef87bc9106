/** A field for a value of a column: a slider over its range, or its values to choose from. */

/** @import { DatasetColumn, Label } from "../../lib/types.js" */

import { h } from "../../lib/dom.js";
import { number } from "../../lib/format.js";

const STEPS = 200;

/**
 * @param {DatasetColumn} column @param {Label | null} value @param {(value: Label | null) => void} onValue
 * @returns {HTMLElement}
 */
export function inputField(column, value, onValue) {
  const isNumber = (column.kind === "integer" || column.kind === "float") && column.minimum !== null && column.maximum !== null;
  return isNumber ? slider(column, value, onValue) : choice(column, value, onValue);
}

/** @param {DatasetColumn} column @param {Label | null} value @param {(value: Label | null) => void} onValue */
function slider(column, value, onValue) {
  const [low, high] = [column.minimum ?? 0, column.maximum ?? 1];
  const id = `input-${column.name}`;
  const whole = column.kind === "integer";
  const now = typeof value === "number" ? value : column.mean ?? low;
  const shown = h("output", { for: id }, value === null ? "unknown" : number(now));
  const input = h("input", {
    type: "range", id, min: low, max: high, step: whole ? 1 : (high - low) / STEPS || 1, value: now,
    oninput: () => {
      shown.value = number(input.valueAsNumber);
      onValue(input.valueAsNumber);
    },
  });
  return h("div", { class: "field run-input" },
    h("label", { for: id }, column.name, " ", shown), input,
    h("span", { class: "run-ends muted" }, h("span", {}, number(low, 3)), h("span", {}, number(high, 3))));
}

/** @param {DatasetColumn} column @param {Label | null} value @param {(value: Label | null) => void} onValue */
function choice(column, value, onValue) {
  const known = (column.most_frequent ?? []).map((each) => each.value);
  const all = value === null || known.includes(value) ? known : [...known, value];
  const id = `input-${column.name}`;
  const select = h("select", {
    id, value: value === null ? "" : String(all.indexOf(value)),
    onchange: () => onValue(select.value === "" ? null : all[Number(select.value)] ?? null),
  }, all.map((each, place) => h("option", { value: place }, String(each))), h("option", { value: "" }, "unknown"));
  return h("div", { class: "field run-input" }, h("label", { for: id }, column.name), select);
}
