/**
 * A curve the size of a word: the loss on rows held out, and behind it that on the others. A
 * cross-validation has a line for each of its folds.
 */

/** @import { Epoch } from "../../lib/types.js" */

import { svg } from "../../lib/dom.js";

const WIDTH = 132;
const HEIGHT = 30;
const PAD = 2;

/** @param {Epoch[]} epochs */
export function sparkline(epochs) {
  const folds = [...Map.groupBy(epochs, ({ fold }) => fold).values()];
  const train = folds.map((own) => points(own, (epoch) => epoch.train.loss));
  const validation = folds.map((own) => points(own, (epoch) => epoch.validation?.loss));
  const scale = scaleOf([...train, ...validation].flat());
  return svg(
    "svg",
    { class: "sparkline", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, width: WIDTH, height: HEIGHT, "aria-hidden": "true" },
    svg("path", { class: validation.flat().length ? "behind" : "front", d: path(train, scale) }),
    svg("path", { class: "front", d: path(validation, scale) }),
  );
}

/**
 * @param {Epoch[]} epochs
 * @param {(epoch: Epoch) => number | null | undefined} value
 * @returns {[number, number][]} Only what is finite.
 */
function points(epochs, value) {
  return epochs.flatMap((epoch) => {
    const found = value(epoch);
    return typeof found === "number" ? [/** @type {[number, number]} */ ([epoch.epoch, found])] : [];
  });
}

/**
 * To logarithms where a loss allows: most of a training happens in its last tenth.
 * @param {[number, number][]} all
 * @returns {(point: [number, number]) => [number, number]}
 */
function scaleOf(all) {
  const of = all.every(([, y]) => y > 0) ? Math.log : (/** @type {number} */ y) => y;
  const xs = all.map(([x]) => x);
  const ys = all.map(([, y]) => of(y));
  const [left, right, low, high] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  return ([x, y]) => [
    PAD + ((x - left) / (right - left || 1)) * (WIDTH - 2 * PAD),
    HEIGHT - PAD - ((of(y) - low) / (high - low || 1)) * (HEIGHT - 2 * PAD),
  ];
}

/**
 * @param {[number, number][][]} lines
 * @param {(point: [number, number]) => [number, number]} scale
 */
function path(lines, scale) {
  return lines.flatMap((found) => found.map((point, place) => `${place ? "L" : "M"}${scale(point).map((value) => value.toFixed(1)).join(" ")}`)).join("");
}
