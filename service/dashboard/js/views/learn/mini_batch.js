/** The mini-batch of a trace: which examples are in it, and which of them is shown. */

/** @import { Model, Row } from "../../lib/types.js" */
/** @import { Route } from "../../lib/route.js" */

import { h } from "../../lib/dom.js";
import { field, numberInput } from "./fields.js";
import { figure } from "./figures.js";

/** Examples that are taken at most. */
const MAX_EXAMPLES = 32;

/**
 * @typedef {{ row: number, values?: Row }} Member
 *   A row of the data by its number, which counts from 0, and what was typed in its place.
 * @typedef {{ members: Member[], shown: number }} MiniBatch
 */

/** @param {Route} route @returns {MiniBatch} */
export function miniBatchOf({ query }) {
  const members = membersOf(query.get("rows")) ?? [{ row: Number(query.get("row") ?? 0) }];
  const wanted = Number(query.get("example") ?? 1) - 1;
  return { members, shown: Math.min(Math.max(wanted, 0), members.length - 1) };
}

/**
 * What an address has of it.
 *
 * @param {MiniBatch} batch
 */
export function inAddress({ members, shown }) {
  const [only] = members;
  const isSimple = members.length === 1 && only && !only.values;
  return {
    row: isSimple ? only.row : null,
    rows: isSimple ? null : JSON.stringify(members.map((each) => (each.values ? each : each.row))),
    example: members.length === 1 ? null : shown + 1,
  };
}

/**
 * The same with another member in the place of the one that is shown.
 *
 * @param {MiniBatch} batch
 * @param {Member} member
 * @returns {MiniBatch}
 */
export function withShown({ members, shown }, member) {
  return { members: members.map((each, i) => (i === shown ? member : each)), shown };
}

/**
 * How many examples there are; more of them are the rows that follow.
 *
 * @param {MiniBatch} batch
 * @param {number | null} total Rows of the data, if there are any.
 * @param {(to: MiniBatch) => void} change
 */
export function sizeField({ members, shown }, total, change) {
  const most = Math.min(MAX_EXAMPLES, total ?? MAX_EXAMPLES);
  const input = numberInput(members.length, (size) => {
    const resized = members.slice(0, size);
    while (resized.length < size) resized.push({ row: ((resized.at(-1)?.row ?? -1) + 1) % (total ?? Infinity) });
    change({ members: resized, shown: Math.min(shown, size - 1) });
  }, { min: 1, max: most, step: 1 });
  return field("Examples", input);
}

/**
 * A button for each example, with its loss; nothing for a single one.
 *
 * @param {MiniBatch} batch
 * @param {Model} model
 * @param {(number | null)[]} losses
 * @param {(to: MiniBatch) => void} change
 */
export function exampleChips({ members, shown }, model, losses, change) {
  if (members.length === 1) return null;
  const leave = () => change({ members: members.filter((_, i) => i !== shown), shown: Math.max(shown - 1, 0) });
  return h(
    "div",
    { class: "row", role: "group", "aria-label": "The examples of the mini-batch" },
    members.map((member, i) =>
      h("button", {
        class: "chip", type: "button", id: `example-${i}`, "aria-pressed": i === shown,
        onclick: () => change({ members, shown: i }),
      }, `${nameOf(member, model)} · L ${figure(losses[i])}`),
    ),
    h("button", { class: "button quiet", type: "button", onclick: leave }, "Take this one out"),
  );
}

/** @param {Member} member @param {Model} model */
function nameOf({ row, values }, model) {
  return `${model.job_id === null ? "example" : "row"} ${row + 1}${values ? ", changed" : ""}`;
}

/** @param {string | null} text @returns {Member[] | null} */
function membersOf(text) {
  if (text === null) return null;
  try {
    /** @type {unknown} */
    const given = JSON.parse(text);
    if (!Array.isArray(given) || given.length === 0) return null;
    return given.slice(0, MAX_EXAMPLES).map((each) =>
      typeof each === "object" && each ? { row: Number(each.row) || 0, values: each.values } : { row: Number(each) || 0 },
    );
  } catch {
    return null; // an address that was cut off
  }
}
