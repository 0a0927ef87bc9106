/** A small chart of lines, as SVG: with linear or logarithmic axes, and marks where something is. */

import { h, svg } from "../../lib/dom.js";
import { number } from "../../lib/format.js";
import { raised } from "./figures.js";
import { ticks } from "./plane.js";

/** Drawn smaller for a small screen, so that letters keep their size. */
const WIDE = { width: 760, height: 300 };
const NARROW = { width: 370, height: 280 };
const NARROW_SCREEN = 640;
const LEFT = 58;
const RIGHT = 16;
const TOP = 34;
const BOTTOM = 44;

/**
 * @typedef {[number, number][]} Points
 * @typedef {{ name: string, points: Points, look: string, dots?: boolean }} Line
 *   `look` is a class; with `dots` its points are drawn and not what connects them.
 * @typedef {{ x: number, name: string, look?: string }} Mark
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
  const { width, height } = innerWidth < NARROW_SCREEN ? NARROW : WIDE;
  const all = lines.flatMap(({ points }) => points);
  const across = scaleOf(all.map(([each]) => each), x.log ?? false, LEFT, width - RIGHT);
  const up = scaleOf(all.map(([, each]) => each), y.log ?? false, height - BOTTOM, TOP);
  const cursor = svg("line", { class: "cursor", y1: TOP, y2: height - BOTTOM, visibility: "hidden" });
  const drawing = svg(
    "svg",
    { class: "chart", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label },
    axisX(across, up, x.name),
    axisY(across, up, y.name),
    lines.map((line) => drawn(line, across, up)),
    marks.map((mark, i) => marked(mark, across, up, i)),
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
function ticksOf({ low, high, log, from, to }) {
  if (!log) return ticks(low, high);
  const [first, last] = [Math.ceil(Math.log10(low)), Math.floor(Math.log10(high))];
  const apart = Math.max(1, Math.ceil((last - first) / (Math.abs(to - from) / 60)));
  return Array.from({ length: Math.max(0, Math.floor((last - first) / apart) + 1) }, (_, i) => 10 ** (first + i * apart));
}

/** A round number; far powers of ten as such. @param {number} value */
function tickName(value) {
  const exponent = Math.log10(value);
  return Number.isInteger(exponent) && Math.abs(exponent) > 3 ? `10${raised(exponent)}` : number(value);
}

/** @param {Scale} across @param {Scale} up @param {string} name */
function axisX(across, up, name) {
  return svg(
    "g",
    { class: "axis" },
    ticksOf(across).map((each) => {
      const at = placed(across, each);
      return [
        svg("line", { x1: at, x2: at, y1: up.to, y2: up.from }),
        svg("text", { x: at, y: up.from + 18, "text-anchor": "middle" }, tickName(each)),
      ];
    }),
    svg("text", { class: "axis-name", x: across.to, y: up.from + 38, "text-anchor": "end" }, name),
  );
}

/** @param {Scale} across @param {Scale} up @param {string} name */
function axisY(across, up, name) {
  return svg(
    "g",
    { class: "axis" },
    ticksOf(up).map((each) => {
      const at = placed(up, each);
      return [
        svg("line", { x1: across.from, x2: across.to, y1: at, y2: at }),
        svg("text", { x: across.from - 8, y: at + 4, "text-anchor": "end" }, tickName(each)),
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

/** @param {Mark} mark @param {Scale} across @param {Scale} up @param {number} i */
function marked({ x, name, look = "" }, across, up, i) {
  const at = placed(across, x);
  const nearEnd = at > across.to - 110;
  return svg(
    "g",
    { class: `mark ${look}` },
    svg("line", { x1: at, x2: at, y1: up.to, y2: up.from }),
    svg("text", { x: at + (nearEnd ? -6 : 6), y: up.to + 12 + 18 * i, "text-anchor": nearEnd ? "end" : "start" }, name),
  );
}
