/**
 * Histograms one behind the other, the latest in front.
 *
 * @typedef {{epoch: number, histogram: Histogram}} Ridge
 */

/** @import { Histogram } from "../../lib/types.js" */

import { svg } from "../../lib/dom.js";
import { count, number } from "../../lib/format.js";

const WIDTH = 320;
const [LEFT, RIGHT] = [6, 44];
const STEP = 9;
const PEAK = 46;
const FOOT = 22;

/** @param {Ridge[]} ridges from the earliest to the latest @param {string} label @param {string} token */
export function ridgeline(ridges, label, token) {
  const edges = ridges.flatMap(({ histogram }) => [histogram.edges[0] ?? 0, histogram.edges.at(-1) ?? 0]);
  const reach = edges.reduce((most, edge) => Math.max(most, Math.abs(edge)), 0) || 1;
  const height = PEAK + STEP * ridges.length + FOOT;
  const x = (/** @type {number} */ value) => LEFT + ((value + reach) / (2 * reach)) * (WIDTH - LEFT - RIGHT);
  const every = Math.max(1, Math.ceil(ridges.length / 6));
  const lines = ridges.map((ridge, place) => {
    const base = PEAK + STEP * place;
    return [
      svg("path", { d: outline(ridge, base, x), class: "ridge", style: { stroke: `var(${token})`, fill: `color-mix(in srgb, var(${token}) ${15 + Math.round((35 * place) / ridges.length)}%, var(--surface))` } }),
      place % every === 0 || place === ridges.length - 1
        ? svg("text", { x: WIDTH - RIGHT + 6, y: base + 3, class: "ridge-epoch" }, count(ridge.epoch)) : null,
    ];
  });
  return svg("svg", { class: "ridges", viewBox: `0 0 ${WIDTH} ${height}`, role: "img", "aria-label": label },
    svg("line", { x1: x(0), x2: x(0), y1: 4, y2: height - FOOT + 2, class: "plot-grid" }),
    lines,
    [-reach, 0, reach].map((value, place) => svg("text", {
      x: x(value), y: height - 4, class: ["ridge-tick start", "ridge-tick", "ridge-tick end"][place],
    }, number(value, 2))));
}

/** A histogram by its density, as high as the highest of its own. @param {Ridge} ridge @param {number} base @param {(value: number) => number} x */
function outline({ histogram: { edges, counts } }, base, x) {
  const most = counts.reduce((a, b) => Math.max(a, b), 0) || 1;
  const tops = counts.map((each, place) => {
    const middle = ((edges[place] ?? 0) + (edges[place + 1] ?? 0)) / 2;
    return `L${x(middle).toFixed(1)} ${(base - (PEAK - 6) * (each / most)).toFixed(1)}`;
  });
  return `M${x(edges[0] ?? 0).toFixed(1)} ${base}${tops.join("")}L${x(edges.at(-1) ?? 0).toFixed(1)} ${base}Z`;
}
