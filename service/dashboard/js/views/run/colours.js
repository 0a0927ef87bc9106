/**
 * The theme's colours as numbers, for what is painted pixel by pixel.
 *
 * @typedef {[number, number, number]} Rgb
 */

import { colour } from "../../lib/theme.js";

const CLASSES = 10;
/** How much colour an answer has that is as good as drawn by lot, and one that is sure. */
const [PALEST, FULLEST] = [0.1, 0.6];

/** The token of the colour of a class, or of any other thing that is counted. @param {number} place */
export const token = (place) => `--c${place % CLASSES}`;

/** @param {string} name @returns {Rgb} */
export function rgb(name) {
  const [red = 0, green = 0, blue = 0] = (colour(name).match(/[\d.]+/g) ?? []).map(Number);
  return [red, green, blue];
}

/**
 * From one colour to another.
 *
 * @param {Rgb} from @param {Rgb} to @param {number} part from 0 to 1
 * @returns {Rgb}
 */
export function mix(from, to, part) {
  return [
    from[0] + part * (to[0] - from[0]),
    from[1] + part * (to[1] - from[1]),
    from[2] + part * (to[2] - from[2]),
  ];
}

/**
 * A scale from -1 by 0 to 1: the first colour, the ground, the second colour.
 *
 * @returns {(value: number) => Rgb}
 */
export function signed() {
  const [low, ground, high] = [rgb(token(0)), rgb("--surface"), rgb(token(1))];
  return (value) => {
    const part = Math.min(1, Math.abs(value));
    return mix(ground, value < 0 ? low : high, part);
  };
}

/**
 * The colour of an answer: those of the classes by their probabilities, the paler the less sure.
 *
 * @param {number[]} probabilities @param {Rgb[]} classes @param {Rgb} ground
 * @returns {Rgb}
 */
export function blended(probabilities, classes, ground) {
  let [red, green, blue] = [0, 0, 0];
  classes.forEach(([r, g, b], place) => {
    const part = probabilities[place] ?? 0;
    red += part * r;
    green += part * g;
    blue += part * b;
  });
  const even = 1 / probabilities.length;
  const sure = (Math.max(...probabilities) - even) / (1 - even);
  return mix(ground, [red, green, blue], PALEST + (FULLEST - PALEST) * sure);
}
