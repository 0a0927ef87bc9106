/**
 * The plane that predictions are drawn over: two columns, or the two directions in which all columns of numbers vary most.
 *
 * @typedef {import("./grid.js").Axis} Axis
 *
 * @typedef {object} Plane
 * @property {Axis} x
 * @property {Axis} y
 * @property {(side: number) => (Label | null)[][]} rows of a grid over it, in the order of the inputs
 * @property {(row: Row) => [number, number] | null} place where a row lies; null where something is missing
 */

/** @import { DatasetColumn, Label, ModelInput, Row } from "../../lib/types.js" */

import { usualValues } from "./answer_parts.js";
import { axisOf, gridRows, planeRows } from "./grid.js";
import { principalComponents } from "./principal_components.js";

const MARGIN = 0.08;

/**
 * Over two columns; the others stand still.
 *
 * @param {ModelInput[]} inputs @param {DatasetColumn} across @param {DatasetColumn} up @param {DatasetColumn[]} columns all of the dataset
 * @returns {Plane}
 */
export function planeOfColumns(inputs, across, up, columns) {
  const [x, y] = [axisOf(across), axisOf(up)];
  return {
    x,
    y,
    rows: (side) => gridRows(inputs, x, y, usualValues(columns), side),
    place: (row) => pair(row[x.name], row[y.name]),
  };
}

/**
 * Over the first two principal components of standardized columns of numbers; what is no such column stands still.
 *
 * A place (u, v) is the row whose standardized numbers are u e1 + v e2, the e being the components.
 *
 * @param {ModelInput[]} inputs @param {DatasetColumn[]} axes the columns of numbers @param {DatasetColumn[]} columns all of the dataset
 * @param {Row[]} rows those that the components are of
 * @returns {Plane}
 */
export function planeOfComponents(inputs, axes, columns, rows) {
  const mean = axes.map((column) => column.mean ?? 0);
  const deviation = axes.map((column) => column.standard_deviation || 1);
  const standardized = (/** @type {Row} */ row) => axes.map((column, j) => {
    const value = row[column.name];
    return typeof value === "number" ? (value - (mean[j] ?? 0)) / (deviation[j] ?? 1) : NaN;
  });
  const whole = rows.map(standardized).filter((row) => row.every(Number.isFinite));
  const { components, shares } = principalComponents(whole, 2);
  const place = (/** @type {Row} */ row) => {
    const numbers = standardized(row);
    return pair(dot(numbers, components[0] ?? []), dot(numbers, components[1] ?? []));
  };
  const [x, y] = [0, 1].map((k) => {
    const along = whole.map((row) => dot(row, components[k] ?? []));
    const [low, high] = [Math.min(...along), Math.max(...along)];
    const margin = MARGIN * (high - low || 1);
    const share = Math.round(100 * (shares[k] ?? 0));
    return { name: `component ${k + 1} (${share} % of the variance)`, low: low - margin, high: high + margin };
  });
  if (x === undefined || y === undefined) throw new Error("a plane has two axes");
  const others = usualValues(columns);
  const at = new Map(axes.map((column, j) => [column.name, j]));
  const rowAt = (/** @type {number} */ u, /** @type {number} */ v) => inputs.map(({ name, kind }) => {
    const j = at.get(name);
    if (j === undefined) return others.get(name) ?? null;
    const value = (mean[j] ?? 0) + (deviation[j] ?? 1) * (u * (components[0]?.[j] ?? 0) + v * (components[1]?.[j] ?? 0));
    return kind === "integer" ? Math.round(value) : value;
  });
  return { x, y, rows: (side) => planeRows(x, y, side, rowAt), place };
}

/** @param {unknown} x @param {unknown} y @returns {[number, number] | null} */
const pair = (x, y) => (typeof x === "number" && typeof y === "number" && Number.isFinite(x) && Number.isFinite(y) ? [x, y] : null);

/** @param {number[]} one @param {number[]} other */
const dot = (one, other) => one.reduce((sum, value, j) => sum + value * (other[j] ?? 0), 0);
