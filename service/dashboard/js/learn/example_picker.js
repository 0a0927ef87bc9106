/** The choice of one example: a row of the data that the model was trained on, or one that is typed. */

/** @import { Model } from "./replies.js" */
/** @import { Image } from "./images.js" */
/** @import { Part } from "./part.js" */

import { get, Problem } from "../lib/api.js";
import { h } from "../lib/dom.js";
import { field, numberInput, select } from "./fields.js";

/** @typedef {Record<string, any>} Row A row by the names of its columns. */

/** Columns that are shown at once; of more, only when they are asked for. */
const MOST_OPEN = 10;

/**
 * @param {Part} part
 * @param {Model} model
 * @returns {Promise<{ row: Row, image: Image | null, fields: HTMLElement[], editor: HTMLElement }>}
 */
export async function pickExample(part, model) {
  const { place } = part;
  const index = Number(place.query.get("row") ?? 0);
  const stored = await storedRow(part, model, index);
  const typed = typedRow(place.query.get("values"));
  const row = typed ?? stored?.row ?? blank(model);
  const change = (/** @type {string} */ column, /** @type {any} */ value) => {
    place.go({ values: JSON.stringify({ ...row, [column]: value }) });
    part.again();
  };
  return {
    row,
    image: stored?.image ?? null,
    fields: stored ? [rowField(part, index, stored.total, typed !== null)] : [],
    editor: editorOf(model, row, change),
  };
}

/**
 * @param {Part} part
 * @param {number} index
 * @param {number} total
 * @param {boolean} isTyped
 */
function rowField({ place, again }, index, total, isTyped) {
  const go = (/** @type {number} */ to) => {
    place.go({ row: Math.min(Math.max(to, 0), total - 1), values: null, unit: null });
    again();
  };
  const input = numberInput(index + 1, (value) => go(value - 1), { id: "learn-row", min: 1, max: total, step: 1 });
  const beside = (/** @type {string} */ label, /** @type {string} */ sign, /** @type {number} */ to) =>
    h("button", {
      class: "button icon", type: "button", id: `learn-row-${to < index ? "before" : "after"}`, "aria-label": label, title: label,
      onclick: () => go(to),
    }, sign);
  return h(
    "div",
    { class: "row-choice" },
    field(`Row, of ${total}${isTyped ? ", changed below" : ""}`, input),
    beside("The row before", "‹", index - 1),
    beside("The next row", "›", index + 1),
  );
}

/**
 * The row of the job's dataset, which may have been deleted; an imported model has none.
 *
 * @param {Part} part
 * @param {Model} model
 * @param {number} index
 * @returns {Promise<{ row: Row, total: number, image: Image | null } | null>}
 */
async function storedRow({ signal }, model, index) {
  if (model.job_id === null) return null;
  const { dataset } = await get(`/v1/jobs/${model.job_id}`, { signal });
  if (dataset.id === null) return null;
  try {
    const [{ image }, page] = await Promise.all([
      get(`/v1/datasets/${dataset.id}`, { signal }),
      get(`/v1/datasets/${dataset.id}/rows`, { signal, query: { offset: index, limit: 1 } }),
    ]);
    return page.data[0] ? { row: page.data[0], total: page.total, image } : null;
  } catch (error) {
    if (error instanceof Problem && error.status === 404) return null;
    throw error;
  }
}

/** @param {string | null} values @returns {Row | null} */
function typedRow(values) {
  if (values === null) return null;
  try {
    const row = JSON.parse(values);
    return row && typeof row === "object" ? row : null;
  } catch {
    return null; // an address that was cut off
  }
}

/** @param {Model} model @returns {Row} */
function blank({ inputs, task }) {
  const empty = { integer: 0, float: 0, boolean: false, string: "" };
  const given = inputs.map(({ name, kind }) => [name, empty[/** @type {keyof typeof empty} */ (kind)]]);
  const right = task.targets.map((name) => [name, task.classes?.[0] ?? 0]);
  return Object.fromEntries([...given, ...right]);
}

/**
 * @param {Model} model
 * @param {Row} row
 * @param {(column: string, value: any) => void} change
 */
function editorOf({ inputs, task }, row, change) {
  const columns = [
    ...inputs.map(({ name, kind }) => field(name, control(kind, row[name], (value) => change(name, value)))),
    ...task.targets.map((name) => field(`y: ${name}`, answer(task.classes, row[name], (value) => change(name, value)))),
  ];
  const grid = h("div", { class: "example-values" }, columns);
  if (columns.length <= MOST_OPEN) return grid;
  return h("details", {}, h("summary", {}, `Its ${columns.length} values`), grid);
}

/**
 * @param {any[] | null} classes
 * @param {any} value
 * @param {(value: any) => void} change
 */
function answer(classes, value, change) {
  if (!classes?.length) return numberInput(value, change);
  const place = Math.max(0, classes.indexOf(value));
  return select(classes.map((each, i) => [String(i), String(each)]), String(place), (i) => change(classes[Number(i)]));
}

/**
 * @param {string} kind
 * @param {any} value
 * @param {(value: any) => void} change
 */
function control(kind, value, change) {
  if (kind === "boolean") {
    return select([["true", "true"], ["false", "false"]], String(value), (each) => change(each === "true"));
  }
  if (kind !== "string") return numberInput(value ?? "", change, kind === "integer" ? { step: 1 } : {});
  const input = h("input", { type: "text", value: value ?? "", onchange: () => change(input.value) });
  return input;
}
