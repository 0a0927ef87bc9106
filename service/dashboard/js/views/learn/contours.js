/** Contour lines of a field of heights, by marching squares. */

/** @import { Grid } from "../../lib/types.js" */

/**
 * @typedef {Omit<Grid, "heights"> & { heights: (number | null)[][] }} Field
 *   A row of heights for every y; null where one is not finite.
 * @typedef {[number, number, number, number]} Segment From x, y to x, y.
 */

/**
 * Levels that each have the same share of the field between them, and more of them low down, where
 * there is something to see.
 *
 * @param {Field} field
 * @param {number} count
 */
export function levelsOf(field, count) {
  const sorted = sortedHeights(field);
  if (sorted.length === 0) return [];
  const levels = Array.from({ length: count }, (_, i) => {
    const share = ((i + 1) / (count + 1)) ** 1.6;
    return sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
  });
  return [...new Set(levels)];
}

/** @param {Field} field @returns {Float64Array} */
export function sortedHeights({ heights }) {
  return Float64Array.from(heights.flat().filter((each) => each !== null)).sort();
}

/**
 * Where the field is at a level: a line through every cell that has corners above and below.
 *
 * @param {Field} field
 * @param {number} level
 * @returns {Segment[]}
 */
export function contour({ x, y, heights }, level) {
  /** @type {Segment[]} */
  const segments = [];
  for (let j = 0; j + 1 < y.length; j++) {
    for (let i = 0; i + 1 < x.length; i++) {
      const corners = [
        [x[i], y[j], heights[j]?.[i]],
        [x[i + 1], y[j], heights[j]?.[i + 1]],
        [x[i + 1], y[j + 1], heights[j + 1]?.[i + 1]],
        [x[i], y[j + 1], heights[j + 1]?.[i]],
      ];
      if (corners.some(([, , height]) => height === null || height === undefined)) continue;
      const crossings = crossed(/** @type {Corner[]} */ (corners), level);
      for (let pair = 0; pair + 1 < crossings.length; pair += 2) {
        const [from, to] = [crossings[pair], crossings[pair + 1]];
        if (from && to) segments.push([from[0], from[1], to[0], to[1]]);
      }
    }
  }
  return segments;
}

/** @typedef {[number, number, number]} Corner x, y and height. */

/**
 * The points on a cell's sides that are at the level, in their order around it.
 *
 * @param {Corner[]} corners
 * @param {number} level
 * @returns {[number, number][]}
 */
function crossed(corners, level) {
  return corners.flatMap((from, side) => {
    const to = /** @type {Corner} */ (corners[(side + 1) % 4]);
    if (from[2] < level === to[2] < level) return [];
    const share = (level - from[2]) / (to[2] - from[2]);
    return [/** @type {[number, number]} */ ([from[0] + share * (to[0] - from[0]), from[1] + share * (to[1] - from[1])])];
  });
}
