/** The vectors and matrices that a step works with, and the one that it makes. */

/** @import { Numbers, Trace } from "./replies.js" */
/** @import { Step } from "./steps.js" */

import { raised } from "./figures.js";

/**
 * @typedef {{ name: string, numbers: Numbers, byUnit?: boolean }} Shown
 *   `byUnit`: its rows belong to the units of the step's layer.
 */

/**
 * @param {Trace} trace
 * @param {Step} step
 * @returns {Shown[]}
 */
export function matricesOf(trace, { shows, layer: k }) {
  const layer = trace.layers[k];
  const next = trace.layers[k + 1];
  if (!layer) return [];
  const { W, b } = layer.parameters;
  const given = { name: `h${ofLayer(k - 1)}`, numbers: layer.x };
  /** @type {Record<Step["shows"], (Partial<Shown> | undefined)[]>} */
  const all = {
    x: [{ name: "x", numbers: layer.x }],
    z: [given, { name: `W${ofLayer(k)}`, numbers: W, byUnit: true }, { name: `b${ofLayer(k)}`, numbers: b }, { name: `z${ofLayer(k)}`, numbers: layer.z ?? undefined }],
    h: [layer.z ? { name: `z${ofLayer(k)}`, numbers: layer.z } : given, { name: `h${ofLayer(k)}`, numbers: layer.h }],
    loss: [{ name: "y", numbers: trace.y }, { name: "ŷ", numbers: trace.y_hat }],
    delta: [
      { name: `W${ofLayer(k + 1)}`, numbers: next?.parameters.W },
      { name: `δ${ofLayer(k + 1)}`, numbers: next?.delta ?? undefined },
      { name: `δ${ofLayer(k)}`, numbers: layer.delta ?? undefined },
    ],
    gradients: [
      { name: `δ${ofLayer(k)}`, numbers: layer.delta ?? undefined },
      given,
      { name: `∂L/∂W${ofLayer(k)}`, numbers: layer.gradients.dW, byUnit: true },
      { name: `∂L/∂b${ofLayer(k)}`, numbers: layer.gradients.db },
    ],
    theta: [
      { name: `W${ofLayer(k)} before`, numbers: W, byUnit: true },
      { name: `W${ofLayer(k)} after`, numbers: layer.theta.W, byUnit: true },
      { name: `b${ofLayer(k)} before`, numbers: b },
      { name: `b${ofLayer(k)} after`, numbers: layer.theta.b },
    ],
  };
  return /** @type {Shown[]} */ (all[shows].filter((each) => each?.numbers));
}

/** The number of a layer, raised: ⁽²⁾. @param {number} k */
function ofLayer(k) {
  return `⁽${raised(k + 1)}⁾`;
}
