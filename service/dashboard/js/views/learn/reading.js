/** Reading a trace. */

/** @import { Numbers, Trace, TracedLayer } from "../../lib/types.js" */

import { matrixOf, vectorOf } from "../../lib/numbers.js";

/**
 * The only row of what is known about one example; null where a number is not finite.
 *
 * @param {Numbers | null | undefined} numbers
 */
export function vector(numbers) {
  if (!numbers) return [];
  return numbers.shape.length === 1 ? vectorOf(numbers) : matrixOf(numbers)[0] ?? [];
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

/**
 * What a trace tells of one example of the mini-batch: of arrays with a row for each only its own.
 * Gradients and new weights are those of all.
 *
 * @param {Trace} trace
 * @param {number} example Its place among them.
 * @returns {Trace}
 */
export function ofExample(trace, example) {
  const own = (/** @type {Numbers} */ numbers) => ({
    ...numbers,
    shape: [1, ...numbers.shape.slice(1)],
    values: [numbers.values[example] ?? []],
  });
  return {
    ...trace,
    y: own(trace.y),
    y_hat: own(trace.y_hat),
    loss: trace.losses[example] ?? null,
    layers: trace.layers.map((layer) => ({
      ...layer,
      x: own(layer.x),
      z: layer.z && own(layer.z),
      h: own(layer.h),
      delta: layer.delta && own(layer.delta),
    })),
  };
}
