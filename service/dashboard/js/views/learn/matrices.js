/** The vectors and matrices that a step works with, and the one that it makes. */

/** @import { Numbers, Trace, TracedLayer } from "../../lib/types.js" */
/** @import { Step } from "./steps.js" */

import { words } from "../../lib/format.js";
import { raised } from "./figures.js";

/** Of what an optimizer remembers, that much is shown. */
export const MAX_SLOTS = 4;

/**
 * @typedef {{ name: string, numbers: Numbers, by?: "unit" | "example" }} Shown
 *   `by`: what its rows belong to, the units of the step's layer or the examples of the mini-batch.
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
  const given = { name: `h${ofLayer(k - 1)}`, numbers: layer.x, by: "example" };
  const sums = { name: `z${ofLayer(k)}`, numbers: layer.z ?? undefined, by: "example" };
  const errors = { name: `δ${ofLayer(k)}`, numbers: layer.delta ?? undefined, by: "example" };
  /** @type {Record<Step["shows"], { name: string, numbers: Numbers | undefined, by?: string }[]>} */
  const all = {
    x: [{ name: "x", numbers: layer.x, by: "example" }],
    z: [given, { name: `W${ofLayer(k)}`, numbers: W, by: "unit" }, { name: `b${ofLayer(k)}`, numbers: b }, sums],
    h: [layer.z ? sums : given, { name: `h${ofLayer(k)}`, numbers: layer.h, by: "example" }],
    loss: [{ name: "y", numbers: trace.y, by: "example" }, { name: "ŷ", numbers: trace.y_hat, by: "example" }],
    delta: [
      { name: `W${ofLayer(k + 1)}`, numbers: next?.parameters.W },
      { name: `δ${ofLayer(k + 1)}`, numbers: next?.delta ?? undefined, by: "example" },
      errors,
    ],
    gradients: [
      errors,
      given,
      { name: `∂L/∂W${ofLayer(k)}`, numbers: layer.gradients.dW, by: "unit" },
      { name: `∂L/∂b${ofLayer(k)}`, numbers: layer.gradients.db },
    ],
    theta: [...updated(layer, k, "W"), ...updated(layer, k, "b")],
  };
  return /** @type {Shown[]} */ (all[shows].filter((each) => each.numbers));
}

/**
 * A block of parameters on its way through the optimizer.
 *
 * @param {TracedLayer} layer
 * @param {number} k
 * @param {"W" | "b"} block
 */
function updated({ parameters, theta, update }, k, block) {
  const by = block === "W" ? "unit" : undefined;
  const name = `${block}${ofLayer(k)}`;
  const slots = Object.entries(update?.memory ?? {}).slice(0, MAX_SLOTS);
  return [
    { name: `${name} before`, numbers: parameters[block], by },
    { name: `g of ${name}`, numbers: update?.gradients[`d${block}`], by },
    ...slots.flatMap(([slot, { before, after }]) => [
      { name: `${words(slot)} of ${name}, before`, numbers: before[block], by },
      { name: `${words(slot)} of ${name}, after`, numbers: after[block], by },
    ]),
    { name: `Δ${name}`, numbers: update?.change[block], by },
    { name: `${name} after`, numbers: theta[block], by },
  ];
}

/** The number of a layer, raised: ⁽²⁾. @param {number} k */
function ofLayer(k) {
  return `⁽${raised(k + 1)}⁾`;
}
