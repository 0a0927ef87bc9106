/**
 * A plot in SVG: axes with their numbers and names, and what is drawn between them.
 *
 * @typedef {{low: number, high: number, name: string}} Axis
 * @typedef {ReturnType<typeof scaleOf>} Scale
 */

import { svg } from "../../lib/dom.js";
import { number } from "../../lib/format.js";
import { ticks } from "./ticks.js";

const [WIDTH, HEIGHT] = [420, 360];
const SPACE = { left: 56, right: 14, top: 10, bottom: 44 };
const TICKS = 5;

/** From the lowest to the highest of some numbers, with a margin. @param {number[]} values @param {number} [margin] a part of the range */
export function spread(values, margin = 0.04) {
  const low = values.reduce((a, b) => Math.min(a, b), Infinity);
  const high = values.reduce((a, b) => Math.max(a, b), -Infinity);
  const room = margin * (high - low || 1);
  return { low: low - room, high: high + room };
}

/** @param {Axis} across @param {Axis} up */
export function scaleOf(across, up) {
  return {
    across, up,
    x: (/** @type {number} */ value) =>
      SPACE.left + ((value - across.low) / (across.high - across.low)) * (WIDTH - SPACE.left - SPACE.right),
    y: (/** @type {number} */ value) =>
      HEIGHT - SPACE.bottom - ((value - up.low) / (up.high - up.low)) * (HEIGHT - SPACE.top - SPACE.bottom),
  };
}

/** @param {number} x @param {number} y @param {import("../../lib/dom.js").Props} [props] */
export const dot = (x, y, props = {}) => svg("circle", { class: "plot-dot", cx: x.toFixed(1), cy: y.toFixed(1), r: 3, ...props });

/** @param {Scale} scale @param {{x: number, y: number}[]} points @param {import("../../lib/dom.js").Props} props @param {...import("../../lib/dom.js").Child} content */
export function line(scale, points, props, ...content) {
  const d = points.map((point, place) =>
    `${place === 0 ? "M" : "L"}${scale.x(point.x).toFixed(1)} ${scale.y(point.y).toFixed(1)}`).join("");
  return svg("path", { class: "plot-line", d, ...props }, ...content);
}

/**
 * Which part of the way along the lower axis a pointer is.
 *
 * @param {SVGSVGElement} root @param {PointerEvent} event
 */
export function partAlong(root, event) {
  const { left, width } = root.getBoundingClientRect();
  const at = ((event.clientX - left) / width) * WIDTH;
  return (at - SPACE.left) / (WIDTH - SPACE.left - SPACE.right);
}

/** @param {Scale} scale @param {string} label @param {...import("../../lib/dom.js").Child} content */
export function frame({ across, up, x, y }, label, ...content) {
  return svg("svg", { class: "plot", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": label },
    ticks(up.low, up.high, TICKS).map((value) => [
      svg("line", { class: "plot-grid", x1: x(across.low), x2: x(across.high), y1: y(value), y2: y(value) }),
      svg("text", { class: "plot-tick end", x: x(across.low) - 8, y: y(value) + 4 }, number(value, 3)),
    ]),
    ticks(across.low, across.high, TICKS).map((value) =>
      svg("text", { class: "plot-tick", x: x(value), y: HEIGHT - SPACE.bottom + 18 }, number(value, 3))),
    svg("text", { class: "plot-name", x: (SPACE.left + WIDTH - SPACE.right) / 2, y: HEIGHT - 6 }, across.name),
    svg("text", { class: "plot-name", transform: `translate(13 ${(SPACE.top + HEIGHT - SPACE.bottom) / 2}) rotate(-90)` }, up.name),
    content);
}

/**
 * What is drawn between the axes, cut off where it leaves them.
 *
 * @param {Scale} scale @param {...import("../../lib/dom.js").Child} content
 */
export function inside({ across, up, x, y }, ...content) {
  const [left, top] = [x(across.low), y(up.high)];
  return svg("svg", {
    class: "plot-inside", x: left, y: top, width: x(across.high) - left, height: y(up.low) - top,
    viewBox: `${left} ${top} ${x(across.high) - left} ${y(up.low) - top}`,
  }, content);
}
