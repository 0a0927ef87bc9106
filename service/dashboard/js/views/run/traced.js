/**
 * The numbers of a network, as a trace tells them.
 *
 * How a trace is asked for: `units` says which units are told first.
 * @typedef {object} How
 * @property {number} corner rows and columns of arrays that are told
 * @property {Pick<TraceRequest, "unit_order" | "first_unit">} units
 * @property {import("../../lib/api.js").Query} query
 * @property {AbortSignal} signal
 *
 * A layer of units, as it is drawn: `weights` lead to it from the column before.
 * @typedef {object} UnitColumn
 * @property {string} name
 * @property {string} caption
 * @property {number} size how many units there are, also those that are not told
 * @property {string[]} units the names of those that are told
 * @property {(number | null)[]} values what each unit gave
 * @property {(number | null)[]} sums what went into its activation
 * @property {(number | null)[]} biases
 * @property {(number | null)[][]} weights a row for each unit
 * @property {string[]} between layers without weights on the way to it, by kind
 */

/** @import { Label, Model, Numbers, Row, Trace, TraceRequest, TracedLayer } from "../../lib/types.js" */

import { post } from "../../lib/api.js";
import { matrixOf, vectorOf } from "../../lib/numbers.js";

/**
 * Ask for everything that a model does with some rows.
 *
 * @param {Model} model @param {(Label | null)[][]} rows with the targets at their ends
 * @param {How} how
 * @returns {Promise<Trace>}
 */
export function trace(model, rows, { corner, units, query, signal }) {
  const columns = [...model.inputs.map((input) => input.name), ...model.task.targets];
  return post(`/v1/models/${model.id}/trace`, { columns, rows, corner, update: false, ...units }, { signal, query });
}

/** A target that is as good as any: what comes of it is not looked at. @param {Model} model @returns {Label[]} */
export function anyTargets({ task }) {
  return task.targets.map(() => task.classes[0] ?? 0);
}

/** A row of the dataset as a trace wants it. @param {Model} model @param {Row} row */
export function asTraced(model, row) {
  const targets = model.task.targets.map((name, place) => row[name] ?? anyTargets(model)[place] ?? 0);
  return [...model.inputs.map(({ name }) => row[name] ?? null), ...targets];
}

/**
 * The columns of the drawing: the features, and every layer with a matrix of weights.
 *
 * @param {Trace} told of one row
 * @returns {UnitColumn[]}
 */
export function unitColumns(told) {
  const [first] = told.layers;
  if (first === undefined) return [];
  const values = firstRow(first.x);
  /** @type {UnitColumn[]} */
  const columns = [{
    name: "features", caption: "Features", size: first.x.shape.at(-1) ?? values.length,
    units: told.features,
    values, sums: [], biases: [], weights: [], between: [],
  }];
  /** @type {string[]} */
  let between = [];
  for (const layer of told.layers) {
    const matrix = layer.parameters["W"];
    if (matrix === undefined || matrix.shape.length !== 2) {
      between.push(layer.kind);
      continue;
    }
    columns.push(asColumn(layer, matrixOf(matrix), told, between));
    between = [];
  }
  return columns;
}

/** @param {TracedLayer} layer @param {(number | null)[][]} weights @param {Trace} told @param {string[]} between @returns {UnitColumn} */
function asColumn(layer, weights, told, between) {
  const values = firstRow(layer.h);
  const size = layer.h.shape.at(-1) ?? values.length;
  const isOutput = layer.name === "output";
  const outputs = namesOfOutputs(told, size);
  return {
    name: layer.name,
    caption: isOutput ? "Output" : layer.activation ?? layer.kind,
    size,
    units: layer.units.map((unit) => (isOutput ? outputs[unit] : undefined) ?? `unit ${unit + 1}`),
    values,
    sums: layer.z === null ? [] : firstRow(layer.z),
    biases: vectorOf(layer.parameters["b"]),
    weights,
    between,
  };
}

/** The classes, or of two the second; the targets, where there are several or none. @param {Trace} told @param {number} outputs */
function namesOfOutputs({ classes, targets }, outputs) {
  if (classes === null || targets.length > 1) return targets;
  return (outputs === 1 ? classes.slice(1) : classes).map(String);
}

/** @param {Numbers} numbers @returns {(number | null)[]} */
function firstRow(numbers) {
  const [row] = numbers.values;
  return Array.isArray(row) ? row : vectorOf(numbers);
}
