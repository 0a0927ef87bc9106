/** The choice of examples: rows of the data that the model was trained on, or such as are typed. */

/** @import { Image, Label, Model, Row } from "../../lib/types.js" */
/** @import { Part } from "./part.js" */
/** @import { MiniBatch } from "./mini_batch.js" */

import { get, Problem } from "../../lib/api.js";
import { h } from "../../lib/dom.js";
import { field, numberInput, select } from "./fields.js";
import { inAddress, miniBatchOf, sizeField, withShown } from "./mini_batch.js";

/** Columns that are shown at once; of more, only when they are asked for. */
const MAX_OPEN = 10;

/**
 * @typedef {Row[string]} Value
 * @typedef {object} Examples
 * @property {MiniBatch} batch
 * @property {Row[]} rows Of all its members.
 * @property {Row} row Of the one that is shown.
 * @property {Image | null} image What rows are, if they are images.
 * @property {HTMLElement[]} fields
 * @property {HTMLElement} editor Of the row that is shown.
 * @property {(to: MiniBatch) => void} change
 */

/**
 * @param {Part} part
 * @param {Model} model
 * @returns {Promise<Examples>}
 */
export async function pickExamples(part, model) {
  const { route, again } = part;
  const batch = miniBatchOf(route);
  const stored = await storedRows(part, model, batch.members.map(({ row }) => row));
  const rows = batch.members.map(({ row, values }) => values ?? stored?.rows.get(row) ?? blank(model));
  const row = rows[batch.shown] ?? blank(model);
  const change = (/** @type {MiniBatch} */ to) => {
    route.go(inAddress(to));
    again();
  };
  const type = (/** @type {string} */ column, /** @type {Value} */ value) =>
    change(withShown(batch, { row: batch.members[batch.shown]?.row ?? 0, values: { ...row, [column]: value } }));
  return {
    batch,
    rows,
    row,
    image: stored?.image ?? null,
    fields: [...(stored ? [rowField(batch, stored.total, change)] : []), sizeField(batch, stored?.total ?? null, change)],
    editor: editorOf(model, row, type),
    change,
  };
}

/**
 * The row of the example that is shown.
 *
 * @param {MiniBatch} batch
 * @param {number} total
 * @param {(to: MiniBatch) => void} change
 */
function rowField(batch, total, change) {
  const { row: index, values } = batch.members[batch.shown] ?? { row: 0 };
  const go = (/** @type {number} */ to) => change(withShown(batch, { row: Math.min(Math.max(to, 0), total - 1) }));
  const input = numberInput(index + 1, (value) => go(value - 1), { id: "learn-row", min: 1, max: total, step: 1 });
  const beside = (/** @type {string} */ label, /** @type {string} */ sign, /** @type {number} */ to) =>
    h("button", {
      class: "button icon", type: "button", id: `learn-row-${to < index ? "before" : "after"}`, "aria-label": label, title: label,
      onclick: () => go(to),
    }, sign);
  return h(
    "div",
    { class: "row-choice" },
    field(`Row, of ${total}${values ? ", changed below" : ""}`, input),
    beside("The row before", "‹", index - 1),
    beside("The next row", "›", index + 1),
  );
}

/**
 * Rows of the job's dataset, which may have been deleted; an imported model has none.
 *
 * @param {Part} part
 * @param {Model} model
 * @param {number[]} indexes
 * @returns {Promise<{ rows: Map<number, Row>, total: number, image: Image | null } | null>}
 */
async function storedRows({ signal }, model, indexes) {
  if (model.job_id === null) return null;
  const { dataset } = await get(`/v1/jobs/${model.job_id}`, { signal });
  if (dataset.id === null) return null;
  try {
    const [{ image }, ...pages] = await Promise.all([
      get(`/v1/datasets/${dataset.id}`, { signal }),
      ...stretchesOf(indexes).map(({ offset, limit }) => get(`/v1/datasets/${dataset.id}/rows`, { signal, query: { offset, limit } })),
    ]);
    const rows = new Map(pages.flatMap(({ offset, data }) => data.map((row, i) => /** @type {[number, Row]} */ ([offset + i, row]))));
    return pages[0] && rows.size ? { rows, total: pages[0].total, image } : null;
  } catch (error) {
    if (error instanceof Problem && error.status === 404) return null;
    throw error;
  }
}

/**
 * Numbers that follow each other, together.
 *
 * @param {number[]} indexes
 */
function stretchesOf(indexes) {
  /** @type {{ offset: number, limit: number }[]} */
  const stretches = [];
  for (const index of [...new Set(indexes)].sort((a, b) => a - b)) {
    const last = stretches.at(-1);
    if (last && last.offset + last.limit === index) last.limit += 1;
    else stretches.push({ offset: index, limit: 1 });
  }
  return stretches;
}

/** @param {Model} model @returns {Row} */
function blank({ inputs, task }) {
  const empty = { integer: 0, float: 0, boolean: false, string: "" };
  const given = inputs.map(({ name, kind }) => [name, empty[kind]]);
  const right = task.targets.map((name) => [name, task.classes[0] ?? 0]);
  return Object.fromEntries([...given, ...right]);
}

/**
 * @param {Model} model
 * @param {Row} row
 * @param {(column: string, value: Value) => void} change
 */
function editorOf({ inputs, task }, row, change) {
  const columns = [
    ...inputs.map(({ name, kind }) => field(name, control(kind, row[name], (value) => change(name, value)))),
    ...task.targets.map((name) => field(`y: ${name}`, answer(task.classes, row[name], (value) => change(name, value)))),
  ];
  const grid = h("div", { class: "example-values" }, columns);
  if (columns.length <= MAX_OPEN) return grid;
  return h("details", {}, h("summary", {}, `Its ${columns.length} values`), grid);
}

/**
 * @param {Label[]} classes
 * @param {Value | undefined} value
 * @param {(value: Value) => void} change
 */
function answer(classes, value, change) {
  if (classes.length === 0) return numberInput(String(value ?? ""), change);
  const place = Math.max(0, classes.indexOf(value ?? ""));
  return select(classes.map((each, i) => [String(i), String(each)]), String(place), (i) => change(classes[Number(i)] ?? null));
}

/**
 * @param {string} kind
 * @param {Value | undefined} value
 * @param {(value: Value) => void} change
 */
function control(kind, value, change) {
  if (kind === "boolean") {
    return select([["true", "true"], ["false", "false"]], String(value), (each) => change(each === "true"));
  }
  if (kind !== "string") return numberInput(String(value ?? ""), change, kind === "integer" ? { step: 1 } : {});
  const input = h("input", { type: "text", value: value ?? "", onchange: () => change(input.value) });
  return input;
}
