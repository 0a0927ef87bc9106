/**
 * The predictions of the model: over two columns as a map (a decision boundary or a response surface), over one column as curves.
 *
 * @typedef {import("./context.js").Context} Context
 *
 * @typedef {object} Known
 * @property {Model} model
 * @property {Dataset} dataset
 * @property {Row[]} rows the first rows of the dataset
 * @property {DatasetColumn[]} columns those that can be an axis
 * @property {boolean} scrubs whether it has a scrubber of its own
 */

/** @import { Dataset, DatasetColumn, Model, Row } from "../../lib/types.js" */

import { h, replace } from "../../lib/dom.js";
import { DecisionMap } from "./decision_map.js";
import { ResponseCurves } from "./response_curves.js";
import { waitingForModel } from "./waiting.js";

/**
 * The columns that can be an axis.
 *
 * @param {Model} model
 * @param {Dataset | null} dataset
 * @returns {DatasetColumn[]}
 */
export function axisColumns(model, dataset) {
  const names = new Set(model.inputs.map((input) => input.name));
  return (dataset?.columns ?? []).filter((column) => names.has(column.name) && isAxis(column));
}

/** @param {DatasetColumn} column */
const isAxis = (column) => column.minimum !== null && column.kind !== "boolean";

/**
 * Whether all that a model is given can be shown at once: one or two columns of numbers.
 *
 * @param {DatasetColumn[]} inputs
 */
export const isWholePicture = (inputs) => (inputs.length === 1 || inputs.length === 2) && inputs.every(isAxis);

/**
 * @param {HTMLElement} root @param {Context} context @param {AbortSignal} signal
 * @param {{scrubs?: boolean}} [how] `scrubs`: with a scrubber of its own
 */
export async function showDecision(root, context, signal, { scrubs = true } = {}) {
  replace(root, waitingForModel(context.run));
  const [model, dataset, rows] = await Promise.all([
    context.source.model(), context.source.dataset(), context.source.rows(),
  ]);
  signal.throwIfAborted();
  const columns = axisColumns(model, dataset);
  if (dataset === null || columns.length === 0) {
    const reason = dataset === null
      ? "The dataset of this run was deleted, so the column ranges are unknown."
      : "This plot needs a numeric column.";
    replace(root, h("p", { class: "card empty" }, reason));
    return;
  }
  const View = columns.length === 1 ? ResponseCurves : DecisionMap;
  new View(root, context, signal, { model, dataset, rows, columns, scrubs });
}
