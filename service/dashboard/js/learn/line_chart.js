/** A small chart of lines, as SVG: with linear or logarithmic axes, and marks where something is. */

import { h, svg } from "../lib/dom.js";
import { number } from "../lib/format.js";
import { ticks } from "./plane.js";

const WIDTH = 760;
const HEIGHT = 300;
const LEFT = 62;
const RIGHT = 16;
const TOP = 34;
const BOTTOM = 44;

/**
 * @typedef {[number, number][]} Points
 * @typedef {{ name: string, points: Points, look: string, dots?: boolean }} Line
 *   `look` is a class; with `dots` its points are drawn and not what connects them.
 * @typedef {{ x: number, name: string, look?: string, y?: number }} Mark
 * @typedef {{ low: number, high: number, log: boolean, from: number, to: number }} Scale
 */

/**
 * @param {object} options
 * @param {string} options.label
 * @param {Line[]} options.lines
 * @param {{ name: string, log?: boolean }} options.x
 * @param {{ name: string, log?: boolean }} options.y
 * @param {Mark[]} [options.marks]
 * @returns {{ element: HTMLElement, point: (x: number | null) => void }} `point` moves a line.
 */
export function lineChart({ label, lines, x, y, marks = [] }) {
  const all = lines.flatMap(({ points }) => points);
  const across = scaleOf(all.map(([each]) => each), x.log ?? false, LEFT, WIDTH - RIGHT);
  const up = scaleOf(all.map(([, each]) => each), y.log ?? false, HEIGHT - BOTTOM, TOP);
  const cursor = svg("line", { class: "cursor", y1: TOP, y2: HEIGHT - BOTTOM, visibility: "hidden" });
  const drawing = svg(
    "svg",
    { class: "chart", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": label },
    axisX(across, x.name),
    axisY(up, y.name),
    lines.map((line) => drawn(line, across, up)),
    marks.map((mark, i) => marked(mark, across, i)),
    cursor,
  );
  const legend = lines.length > 1
    ? h("ul", { class: "legend small" }, lines.map(({ name, look }) => h("li", { class: look }, name)))
    : null;
  return {
    element: h("div", { class: "stack chart-frame" }, drawing, legend),
    point: (at) => {
      cursor.setAttribute("visibility", at === null ? "hidden" : "visible");
      if (at === null) return;
      const place = String(placed(across, at));
      cursor.setAttribute("x1", place);
      cursor.setAttribute("x2", place);
    },
  };
}

/**
 * @param {number[]} values
 * @param {boolean} log
 * @param {number} from
 * @param {number} to
 * @returns {Scale}
 */
function scaleOf(values, log, from, to) {
  const usable = values.filter((each) => Number.isFinite(each) && (!log || each > 0));
  const low = usable.reduce((least, each) => Math.min(least, each), Infinity);
  const high = usable.reduce((most, each) => Math.max(most, each), -Infinity);
  if (!(low < high)) return { low: log ? 0.1 : (usable[0] ?? 0) - 1, high: (usable[0] ?? 0) + 1, log, from, to };
  return { low, high, log, from, to };
}

/** @param {Scale} scale @param {number} value */
function placed({ low, high, log, from, to }, value) {
  const share = log
    ? Math.log(Math.max(value, low) / low) / Math.log(high / low)
    : (value - low) / (high - low);
  return from + Math.min(Math.max(share, -0.05), 1.05) * (to - from);
}

/** @param {Scale} scale */
function ticksOf({ low, high, log }) {
  if (!log) return ticks(low, high);
  const [first, last] = [Math.ceil(Math.log10(low)), Math.floor(Math.log10(high))];
  const apart = Math.max(1, Math.ceil((last - first) / 8));
  return Array.from({ length: Math.max(0, Math.floor((last - first) / apart) + 1) }, (_, i) => 10 ** (first + i * apart));
}

/** @param {Scale} scale @param {string} name */
function axisX(scale, name) {
  return svg(
    "g",
    { class: "axis" },
    ticksOf(scale).map((each) => {
      const at = placed(scale, each);
      return [
        svg("line", { x1: at, x2: at, y1: TOP, y2: HEIGHT - BOTTOM }),
        svg("text", { x: at, y: HEIGHT - BOTTOM + 18, "text-anchor": "middle" }, number(each)),
      ];
    }),
    svg("text", { class: "axis-name", x: WIDTH - RIGHT, y: HEIGHT - 6, "text-anchor": "end" }, name),
  );
}

/** @param {Scale} scale @param {string} name */
function axisY(scale, name) {
  return svg(
    "g",
    { class: "axis" },
    ticksOf(scale).map((each) => {
      const at = placed(scale, each);
      return [
        svg("line", { x1: LEFT, x2: WIDTH - RIGHT, y1: at, y2: at }),
        svg("text", { x: LEFT - 8, y: at + 4, "text-anchor": "end" }, number(each)),
      ];
    }),
    svg("text", { class: "axis-name", x: 8, y: 16 }, name),
  );
}

/** @param {Line} line @param {Scale} across @param {Scale} up */
function drawn({ points, look, dots, name }, across, up) {
  const places = points
    .filter(([, value]) => Number.isFinite(value))
    .map(([x, y]) => [placed(across, x), placed(up, y)].map((each) => each.toFixed(1)));
  if (dots) {
    return svg("g", { class: `dots ${look}` }, svg("title", {}, name), places.map(([cx = 0, cy = 0]) => svg("circle", { cx, cy, r: 2.2 })));
  }
  return svg("polyline", { class: `line ${look}`, points: places.map((each) => each.join(",")).join(" ") }, svg("title", {}, name));
}

/** @param {Mark} mark @param {Scale} across @param {number} i */
function marked({ x, name, look = "" }, across, i) {
  const at = placed(across, x);
  const nearEnd = at > WIDTH - 180;
  return svg(
    "g",
    { class: `mark ${look}` },
    svg("line", { x1: at, x2: at, y1: TOP, y2: HEIGHT - BOTTOM }),
    svg("text", { x: at + (nearEnd ? -6 : 6), y: TOP + 12 + 18 * i, "text-anchor": nearEnd ? "end" : "start" }, name),
  );
}
