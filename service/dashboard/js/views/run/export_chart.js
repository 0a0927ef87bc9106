/** A chart, and what it is drawn from, as files. */

import { h } from "../../lib/dom.js";
import { number } from "../../lib/format.js";
import { nameOf } from "../../lib/jobs.js";
import { colour } from "../../lib/theme.js";
import { save } from "./files.js";
import { measureName } from "./measures.js";
import { ticks } from "./ticks.js";

/**
 * @typedef {import("./chart.js").Chart} Chart
 * @typedef {import("./chart.js").Picture} Picture
 */

/**
 * Buttons that save a chart as PNG and as SVG.
 *
 * @param {import("./live.js").LiveRun} run
 * @param {string} metric
 * @param {() => {chart: Chart, picture: Picture | null}} panel
 */
export function exportButtons(run, metric, panel) {
  const name = `${nameOf(run.job)} ${metric}`;
  const png = () => panel().chart.toCanvas(measureName(metric)).toBlob((blob) => blob && save(blob, `${name}.png`));
  const svg = () => {
    const { picture } = panel();
    if (picture === null) return;
    save(new Blob([asSvg(picture, measureName(metric))], { type: "image/svg+xml" }), `${name}.svg`);
  };
  return h("div", { class: "run-exports" },
    h("button", { class: "button quiet small", type: "button", onclick: png, "aria-label": `Save ${measureName(metric)} as PNG` }, "PNG"),
    h("button", { class: "button quiet small", type: "button", onclick: svg, "aria-label": `Save ${measureName(metric)} as SVG` }, "SVG"));
}

const SIZE = { width: 800, height: 400, left: 64, right: 16, top: 40, bottom: 36 };
const TICKS = 5;

/**
 * A chart drawn anew, in a file that can be enlarged and edited.
 *
 * @param {Picture} picture @param {string} title
 */
function asSvg(picture, title) {
  const lines = picture.lines.filter((line) => !line.rate);
  const values = lines.flatMap((line) => line.values.filter((value) => value !== null));
  const height = (/** @type {number} */ value) => (picture.log ? Math.log10(value) : value);
  const [low, high] = values.length === 0 ? [0, 1] : spread(values.map(height));
  const [from, to] = picture.range;
  const x = (/** @type {number} */ epoch) =>
    SIZE.left + ((epoch - from) / (to - from)) * (SIZE.width - SIZE.left - SIZE.right);
  const y = (/** @type {number} */ value) =>
    SIZE.height - SIZE.bottom - ((value - low) / (high - low)) * (SIZE.height - SIZE.top - SIZE.bottom);
  const drawn = lines.map((line) => {
    const path = pathOf(picture.epochs, line.values, picture.range, x, (value) => y(height(value)));
    const opacity = line.faint ? 0.3 : 1;
    return `<path d="${path}" fill="none" stroke="${colour(line.token)}" stroke-width="2" opacity="${opacity}"/>`;
  });
  const names = picture.lines.filter((line) => !line.faint).map((line, place) =>
    `<text x="${SIZE.width - SIZE.right}" y="${18 + 16 * place}" text-anchor="end" fill="${colour(line.token)}">${line.label}</text>`);
  const grid = Array.from({ length: TICKS }, (_, place) => low + ((high - low) * place) / (TICKS - 1)).map((at) =>
    `<line x1="${SIZE.left}" x2="${SIZE.width - SIZE.right}" y1="${y(at)}" y2="${y(at)}" stroke="${colour("--line")}"/>` +
    `<text x="${SIZE.left - 8}" y="${y(at) + 4}" text-anchor="end" fill="${colour("--muted")}">${Number((picture.log ? 10 ** at : at).toPrecision(3))}</text>`);
  const epochs = ticks(from, to, TICKS).map((epoch) =>
    `<text x="${x(epoch)}" y="${SIZE.height - 12}" text-anchor="middle" fill="${colour("--muted")}">${number(epoch)}</text>`);
  const rates = picture.lines.filter((line) => line.rate).map((line) => {
    const [least, most] = spread(line.values.filter((value) => value !== null));
    const path = pathOf(picture.epochs, line.values, picture.range, x, (value) => y(low + ((value - least) / (most - least)) * (high - low)));
    return `<path d="${path}" fill="none" stroke="${colour(line.token)}" stroke-dasharray="4 3"/>`;
  });
  const marks = [...picture.marks, ...picture.losses].filter(({ epoch }) => epoch >= from && epoch <= to).map(({ epoch, label, token }) =>
    `<line x1="${x(epoch)}" x2="${x(epoch)}" y1="${SIZE.top}" y2="${SIZE.height - SIZE.bottom}" stroke="${colour(token)}" stroke-dasharray="2 3"/>` +
    `<text x="${x(epoch) + 4}" y="${SIZE.top + 10}" fill="${colour(token)}">${label}</text>`);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${SIZE.width} ${SIZE.height}" font-family="system-ui, sans-serif" font-size="12">`,
    `<rect width="100%" height="100%" fill="${colour("--surface")}"/>`,
    `<text x="${SIZE.left}" y="20" font-size="15" font-weight="600" fill="${colour("--ink")}">${title}</text>`,
    ...grid, ...epochs, ...marks, ...rates, ...drawn, ...names,
    "</svg>",
  ].join("\n");
}

/** @param {number[]} values @returns {[number, number]} */
function spread(values) {
  const low = values.reduce((a, b) => Math.min(a, b), Infinity);
  const high = values.reduce((a, b) => Math.max(a, b), -Infinity);
  return low === high ? [low - 0.5, high + 0.5] : [low, high];
}

/**
 * @param {number[]} epochs @param {(number | null)[]} values @param {[number, number]} range
 * @param {(epoch: number) => number} x @param {(value: number) => number} y
 */
function pathOf(epochs, values, [from, to], x, y) {
  let pen = "M";
  return values.map((value, place) => {
    const epoch = epochs[place] ?? 0;
    if (value === null || epoch < from || epoch > to) {
      pen = "M";
      return "";
    }
    const step = `${pen}${x(epoch).toFixed(1)} ${y(value).toFixed(1)}`;
    pen = "L";
    return step;
  }).join("");
}
