/** Reading a trace of one example. */

/** @import { Numbers, Trace, TracedLayer } from "./replies.js" */

/**
 * The only row of what is known about one example; null where a number is not finite.
 *
 * @param {Numbers | null | undefined} numbers
 * @returns {any[]}
 */
export function vector(numbers) {
  if (!numbers) return [];
  return numbers.shape.length === 1 ? numbers.values : numbers.values[0];
}

/**
 * How many columns a matrix has in truth, also where fewer are sent.
 *
 * @param {Numbers | null | undefined} numbers
 * @returns {number}
 */
export function width(numbers) {
  return numbers?.shape.at(-1) ?? 0;
}

/**
 * The layer at a place that a step names.
 *
 * @param {Trace} trace
 * @param {number} k
 */
export function layerAt(trace, k) {
  return /** @type {TracedLayer} */ (trace.layers[k]);
}
