/** The lecture's symbols in LaTeX, numbered from one as people count. */

/** @import { Trace } from "../../lib/types.js" */

import { layerAt } from "./reading.js";

const raw = String.raw;

/** @param {number} k A place in the trace's layers. */
export const W = (k) => raw`W^{(${k + 1})}`;

/** @param {number} k */
export const b = (k) => raw`b^{(${k + 1})}`;

/** @param {number} k */
export const z = (k) => raw`z^{(${k + 1})}`;

/** @param {number} k */
export const delta = (k) => raw`\delta^{(${k + 1})}`;

/**
 * What layer k gives; the last one's is the estimate, and that before the first the example.
 *
 * @param {Trace} trace
 * @param {number} k
 */
export function h(trace, k) {
  return k === trace.layers.length - 1 ? raw`\hat y` : raw`h^{(${k + 1})}`;
}

/**
 * An entry of a vector or matrix.
 *
 * @param {string} symbol
 * @param {number[]} places
 */
export function at(symbol, ...places) {
  return `${symbol}_{${places.map((place) => place + 1).join(",")}}`;
}

/** A result, set off. @param {string} latex */
export function result(latex) {
  return raw`\boxed{${latex}}`;
}

/**
 * A layer as it is called in a sentence.
 *
 * @param {Trace} trace
 * @param {number} k
 */
export function called(trace, k) {
  const { name, kind } = layerAt(trace, k);
  if (name === "output") return "Output layer";
  return kind === "dense" ? `Layer ${k + 1}` : `Layer ${k + 1} (${kind.replaceAll("_", " ")})`;
}

/**
 * The equation by which the catalogue tells what a spec does; empty where it has none.
 *
 * @param {string} kind
 * @param {{ families: Record<string, { kind: string, equation: string }[]> }} catalog
 * @param {string} family
 */
export function equationOf(kind, catalog, family) {
  return catalog.families[family]?.find((entry) => entry.kind === kind)?.equation ?? "";
}
