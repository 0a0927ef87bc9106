/**
 * From epochs to the columns that a chart draws.
 *
 * @typedef {"train" | "validation"} Part
 */

/** @import { Epoch } from "../../lib/types.js" */

/**
 * A metric by epoch; null where it was not measured, or is not finite.
 *
 * @param {Epoch[]} rows @param {Part} part @param {string} metric
 * @returns {(number | null)[]}
 */
export function column(rows, part, metric) {
  return rows.map((row) => row[part]?.[metric] ?? null);
}

/**
 * Where a metric was not finite, and what it was: `inf`, `-inf` or `nan`.
 *
 * @param {Epoch[]} rows @param {Part} part @param {string} metric
 * @returns {{epoch: number, value: string}[]}
 */
export function notFinite(rows, part, metric) {
  return rows.flatMap((row) => {
    const value = row.non_finite?.[`${part}_${metric}`];
    return value === undefined ? [] : [{ epoch: row.epoch, value }];
  });
}

/**
 * The names of the metrics of a run, the loss first.
 *
 * @param {Epoch[]} rows
 * @returns {string[]}
 */
export function metricsOf(rows) {
  const last = rows.at(-1);
  if (last === undefined) return [];
  const names = new Set([...Object.keys(last.train), ...Object.keys(last.validation ?? {})]);
  return [...names].sort((a, b) => Number(b === "loss") - Number(a === "loss"));
}

/**
 * An exponential moving average whose memory fades by epochs and not by points, so that thinning a
 * curve out hardly changes it: s += (1 - weight^distance) (value - s).
 *
 * @param {number[]} epochs @param {(number | null)[]} values
 * @param {number} weight from 0 (no smoothing) to less than 1
 * @returns {(number | null)[]}
 */
export function smooth(epochs, values, weight) {
  /** @type {number | null} */
  let state = null;
  let at = 0;
  return values.map((value, place) => {
    if (value === null) return null;
    const epoch = epochs[place] ?? at;
    state = state === null ? value : state + (1 - weight ** (epoch - at)) * (value - state);
    at = epoch;
    return state;
  });
}

/**
 * What a logarithmic scale can show.
 *
 * @param {(number | null)[]} values
 * @returns {(number | null)[]}
 */
export function positive(values) {
  return values.map((value) => (value !== null && value > 0 ? value : null));
}
