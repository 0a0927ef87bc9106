/** Rows that are images: what a first layer sees, and what a unit of it looks for. */

/** @import { Image, Numbers, Row, Trace } from "../../lib/types.js" */
/** @import { Step } from "./steps.js" */

import { matrixOf } from "../../lib/numbers.js";
import { layerAt, width } from "./reading.js";

/** @typedef {{ row: Row, image: Image | null }} Example As it is in the data. */

/**
 * The images of a step, if its numbers make any up: grey ones, all of whose pixels were sent.
 *
 * @param {Trace} trace
 * @param {Step} step
 * @param {number} unit
 * @param {Example} example
 * @returns {{ name: string, numbers: Numbers }[]}
 */
export function imagesOf(trace, step, unit, { row, image }) {
  const layer = layerAt(trace, 0);
  if (!image || (image.channels ?? 1) > 1 || layer.x.cut || width(layer.x) !== image.width * image.height) return [];
  const seen = { name: "the row as an image", numbers: asImage(trace.features.map((name) => /** @type {number | null} */ (row[name] ?? null)), image) };
  if (step.shows === "x") return [seen];
  if (step.shows !== "z" || step.layer > 0) return [];
  const weights = matrixOf(layer.parameters.W)[unit];
  return weights ? [seen, { name: `what unit ${unit + 1} looks for`, numbers: asImage(weights, image) }] : [seen];
}

/** @param {(number | null)[]} values @param {Image} image @returns {Numbers} */
function asImage(values, image) {
  const lines = Array.from({ length: image.height }, (_, i) => values.slice(i * image.width, (i + 1) * image.width));
  return { shape: [image.height, image.width], values: lines, cut: false, finite: true };
}
