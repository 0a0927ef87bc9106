/**
 * Rows that cover two columns evenly, the others standing still.
 *
 * @typedef {{name: string, low: number, high: number}} Axis
 */

/** @import { DatasetColumn, Label, ModelInput } from "../../lib/types.js" */

const MARGIN = 0.08;
const MAX_SIDE = 72;
const MIN_SIDE = 20;
/** Places along a single column. */
const MAX_PLACES = 201;
/** Values in one request: of wide tables fewer places are asked for. */
const MAX_VALUES = 100_000;

/** A number between, from the lowest to the highest value with a margin around. @param {DatasetColumn} column @returns {Axis} */
export function axisOf(column) {
  const low = column.minimum ?? 0;
  const high = column.maximum ?? 1;
  const margin = MARGIN * (high - low || 1);
  return { name: column.name, low: low - margin, high: high + margin };
}

/** What a column is most often like: its mean, or its most frequent value. @param {DatasetColumn} column @returns {Label | null} */
export function usual(column) {
  if (column.mean !== null && (column.kind === "float" || column.kind === "integer")) return column.mean;
  return column.most_frequent?.[0]?.value ?? null;
}

/** How many places there are along an axis, for so many columns. @param {number} columns */
export function sideFor(columns) {
  const side = Math.floor(Math.sqrt(MAX_VALUES / columns));
  return Math.max(MIN_SIDE, Math.min(MAX_SIDE, side));
}

/** The places along an axis. @param {Axis} axis @param {number} side */
export function places({ low, high }, side) {
  return Array.from({ length: side }, (_, place) => low + ((high - low) * place) / (side - 1));
}

/**
 * The rows of a grid, in the order of the inputs: from the upper left to the lower right.
 *
 * @param {ModelInput[]} inputs @param {Axis} x @param {Axis} y
 * @param {Map<string, Label | null>} others what the other columns are
 * @param {number} side
 * @returns {(Label | null)[][]}
 */
export function gridRows(inputs, x, y, others, side) {
  return planeRows(x, y, side, (horizontal, vertical) =>
    inputs.map(({ name }) => {
      if (name === x.name) return horizontal;
      return name === y.name ? vertical : others.get(name) ?? null;
    }),
  );
}

/**
 * What there is at every place of a grid, from the upper left to the lower right.
 *
 * @template T
 * @param {Axis} x @param {Axis} y @param {number} side
 * @param {(horizontal: number, vertical: number) => T} at
 * @returns {T[]}
 */
export function planeRows(x, y, side, at) {
  const across = places(x, side);
  const down = places(y, side).reverse();
  return down.flatMap((vertical) => across.map((horizontal) => at(horizontal, vertical)));
}

/**
 * Rows along one column, the others standing still.
 *
 * @param {ModelInput[]} inputs @param {Axis} x
 * @param {Map<string, Label | null>} others what the other columns are
 * @returns {{along: number[], rows: (Label | null)[][]}}
 */
export function lineRows(inputs, x, others) {
  const along = places(x, Math.max(MIN_SIDE, Math.min(MAX_PLACES, Math.floor(MAX_VALUES / inputs.length))));
  const rows = along.map((value) => inputs.map(({ name }) => (name === x.name ? value : others.get(name) ?? null)));
  return { along, rows };
}
