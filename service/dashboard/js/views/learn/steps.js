/**
 * The steps in which one update is told: forward, the loss, back, and the new weights.
 *
 * @typedef {"example" | "forward" | "loss" | "backward" | "update"} Phase
 * @typedef {"x" | "z" | "h" | "loss" | "delta" | "gradients" | "theta"} Shown
 *   What a step makes known, in the lecture's symbols.
 * @typedef {{ phase: Phase, shows: Shown, layer: number }} Step
 *   `layer` is a place in the trace's layers.
 */

/** @import { Trace, TracedLayer } from "../../lib/types.js" */

import { layerAt } from "./reading.js";

/**
 * Layers without an activation have one step forward, those without parameters no gradients.
 *
 * @param {Trace} trace
 * @returns {Step[]}
 */
export function stepsOf(trace) {
  const places = trace.layers.map((_, k) => k);
  const last = places.length - 1;
  return [
    { phase: "example", shows: "x", layer: 0 },
    ...places.flatMap((k) => forward(layerAt(trace, k), k)),
    { phase: "loss", shows: "loss", layer: last },
    ...places.toReversed().flatMap((k) => backward(layerAt(trace, k), k)),
    ...places.flatMap((k) => update(layerAt(trace, k), k)),
  ];
}

/**
 * What is known after a step, as `shows` and layer: `known.has("z0")`.
 *
 * @param {Step[]} steps
 * @param {number} at
 * @returns {Set<string>}
 */
export function knownAt(steps, at) {
  return new Set(steps.slice(0, at + 1).map(({ shows, layer }) => `${shows}${layer}`));
}

/**
 * The column that a step is about: 0 is the inputs.
 *
 * @param {Step} step
 */
export function columnOf(step) {
  return step.shows === "x" ? 0 : step.layer + 1;
}

/** @param {TracedLayer} layer @param {number} k @returns {Step[]} */
function forward(layer, k) {
  /** @type {Step} */
  const h = { phase: "forward", shows: "h", layer: k };
  return layer.z ? [{ phase: "forward", shows: "z", layer: k }, h] : [h];
}

/** @param {TracedLayer} layer @param {number} k @returns {Step[]} */
function backward(layer, k) {
  /** @type {Step[]} */
  const steps = [];
  if (layer.delta) steps.push({ phase: "backward", shows: "delta", layer: k });
  if (layer.gradients.dW) steps.push({ phase: "backward", shows: "gradients", layer: k });
  return steps;
}

/** @param {TracedLayer} layer @param {number} k @returns {Step[]} */
function update(layer, k) {
  return layer.theta.W ? [{ phase: "update", shows: "theta", layer: k }] : [];
}
