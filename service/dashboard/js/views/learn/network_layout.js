/** Where the network's units are drawn: the inputs and every layer as a column, the loss last. */

/** @import { Trace } from "../../lib/types.js" */

import { vector, width } from "./reading.js";

export const RADIUS = 24;
const PITCH = 98;
const MARGIN = 58;
/** Between columns: as much as there is room for, within reason. */
const MAX_ROOM = 770;
const MIN_GAP = 132;
const MAX_GAP = 210;

/** Units of a column that are drawn; of taller ones the first few, the chosen one, and the last that has numbers. */
const MAX_UNITS = 6;

/**
 * @typedef {{ index: number, x: number, y: number }} Spot
 * @typedef {{ spots: Spot[], count: number, gapAt: number | null }} Column
 *   `gapAt` is the height at which dots stand for the units that are left out.
 * @typedef {{ columns: Column[], width: number, height: number, lossX: number, middle: number }} Layout
 */

/**
 * @param {Trace} trace
 * @param {number} chosenColumn
 * @param {number} unit The unit of that column that must be seen.
 * @param {number} space How wide the drawing may be.
 * @returns {Layout}
 */
export function layoutOf(trace, chosenColumn, unit, space) {
  const first = trace.layers[0];
  const outputs = [first?.x, ...trace.layers.map((layer) => layer.h)];
  const counts = outputs.map(width);
  const slots = Math.max(...counts.map((count) => Math.min(count, MAX_UNITS)), 1);
  const height = slots * PITCH + 12;
  const middle = height / 2;
  const room = Math.min(MAX_ROOM, space) - 2 * MARGIN;
  const gap = Math.min(Math.max(room / counts.length, MIN_GAP), MAX_GAP);
  const columns = counts.map((count, c) => {
    const shown = shownOf(count, vector(outputs[c]).length, c === chosenColumn ? unit : 0);
    const places = shown.length + (count > shown.length ? 1 : 0);
    const top = middle - ((places - 1) * PITCH) / 2;
    // The dots stand before the last unit.
    const spots = shown.map((index, i) => ({
      index,
      x: MARGIN + c * gap,
      y: top + (count > shown.length && i === shown.length - 1 ? i + 1 : i) * PITCH,
    }));
    return { spots, count, gapAt: count > shown.length ? top + (shown.length - 1) * PITCH : null };
  });
  const lossX = MARGIN + counts.length * gap;
  return { columns, width: lossX + MARGIN, height, lossX, middle };
}

/**
 * Which units are drawn; of those of a large layer whose numbers are not all given, only such as have some.
 *
 * @param {number} count
 * @param {number} given
 * @param {number} unit
 * @returns {number[]}
 */
function shownOf(count, given, unit) {
  if (count <= MAX_UNITS) return Array.from({ length: count }, (_, i) => i);
  const first = Array.from({ length: MAX_UNITS - 2 }, (_, i) => i);
  const last = Math.min(count, given) - 1;
  const inside = unit > first.length - 1 && unit < last;
  return [...(inside ? [...first.slice(0, -1), unit] : first), last];
}
