/** The curves of several runs in one chart. */

import uPlot from "../../../vendor/uplot/uPlot.esm.js";
import { number } from "../../lib/format.js";
import { nameOf } from "../../lib/jobs.js";
import { colour, font, onThemeChange, pixels } from "../../lib/theme.js";
import { curveOf } from "./folds.js";

/** @typedef {import("./view.js").Compared} Compared */
/** @typedef {import("./folds.js").Choice & {isLog: boolean, smoothing: number}} Choice */
/** @typedef {{value: number | null, low: number | null, high: number | null}} Reading */

/** Of a band: there for its scale, not drawn. */
const BORDER = { stroke: "transparent", width: 0 };

/**
 * @param {HTMLElement} frame Its size is that of the chart.
 * @param {object} options
 * @param {AbortSignal} options.signal
 * @param {(epoch: number | null, values: Map<string, Reading>) => void} options.onPoint
 *   Called with the epoch that is pointed at, and the values there by the ids of jobs.
 */
export function chart(frame, { signal, onPoint }) {
  /** @type {uPlot | null} */
  let plot = null;
  let shape = "";
  /** @type {[Compared[], Choice] | null} */
  let drawn = null;
  const size = () => ({ width: frame.clientWidth, height: frame.clientHeight });

  /**
   * @param {Compared[]} compared
   * @param {Choice} choice
   */
  function draw(compared, choice) {
    drawn = [compared, choice];
    const shown = compared.filter(({ shown }) => shown);
    const data = /** @type {uPlot.AlignedData} */ (
      shown.length ? uPlot.join(shown.map((each) => columns(each, choice))) : [[]]
    );
    const wanted = JSON.stringify([shown.map((each) => [each.job.id, hasBand(each, choice)]), choice.isLog, choice.metric, choice.fold]);
    if (plot !== null && wanted === shape) {
      plot.setData(data);
      return;
    }
    plot?.destroy();
    onPoint(null, new Map());
    shape = wanted;
    plot = new uPlot({ ...options(shown, choice, onPoint), ...size() }, data, frame);
  }

  const observer = new ResizeObserver(() => plot?.setSize(size()));
  observer.observe(frame);
  onThemeChange(() => {
    shape = "";
    if (drawn) draw(...drawn);
  }, signal);
  signal.addEventListener("abort", () => {
    observer.disconnect();
    plot?.destroy();
  });
  return { draw };
}

/**
 * @param {Compared} compared
 * @param {Choice} choice
 */
const hasBand = ({ folds }, { fold, band }) => folds > 0 && fold === "mean" && band !== "none";

/**
 * The epochs of a run and its curve, with a band also the borders of that.
 * @param {Compared} compared
 * @param {Choice} choice
 * @returns {uPlot.AlignedData}
 */
function columns({ epochs, folds }, choice) {
  const curve = curveOf(epochs, choice, folds > 0);
  const lines = curve.high && curve.low ? [curve.values, curve.high, curve.low] : [curve.values];
  const drawn = lines.map((values) => smooth(choice.isLog ? values.map((value) => (value !== null && value <= 0 ? null : value)) : values, choice.smoothing));
  return [curve.epochs, ...drawn];
}

/**
 * Exponential means, begun without a bias towards zero.
 * @param {(number | null)[]} values
 * @param {number} share Of what was before.
 */
function smooth(values, share) {
  if (share === 0) return values;
  let [mean, weight] = [0, 0];
  return values.map((value) => {
    if (value === null) return null;
    mean = share * mean + (1 - share) * value;
    weight = share * weight + (1 - share);
    return mean / weight;
  });
}

/**
 * @param {Compared[]} shown
 * @param {Choice} choice
 * @param {(epoch: number | null, values: Map<string, Reading>) => void} onPoint
 * @returns {Omit<uPlot.Options, "width" | "height">}
 */
function options(shown, choice, onPoint) {
  const axis = { stroke: colour("--muted"), grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false }, font: font(1.2) };
  /** @type {uPlot.Series[]} */
  const series = [{ label: "epoch" }];
  /** @type {uPlot.Band[]} */
  const bands = [];
  const places = shown.map((each) => {
    const [place, label, stroke] = [series.length, nameOf(each.job), colour(each.colour)];
    const common = { label, spanGaps: true, points: { show: false } };
    series.push({ ...common, stroke, width: 1.75 });
    if (!hasBand(each, choice)) return { id: each.job.id, place };
    const [high, low] = [place + 1, place + 2];
    series.push({ ...common, ...BORDER }, { ...common, ...BORDER });
    bands.push({ series: [high, low], fill: `color-mix(in srgb, ${stroke} 18%, transparent)` });
    return { id: each.job.id, place, high, low };
  });
  return {
    scales: { x: { time: false }, y: { distr: choice.isLog ? 3 : 1 } },
    axes: [
      { ...axis, size: pixels(3), label: "epoch", labelFont: axis.font, labelGap: 0, labelSize: pixels(2) },
      { ...axis, size: pixels(6.4), values: (_, splits) => splits.map((value) => (value === null ? "" : number(value, 3))) },
    ],
    cursor: { points: { size: 7 } },
    legend: { show: false },
    hooks: {
      setCursor: [
        ({ cursor: { idx }, data }) => {
          const at = idx ?? null;
          /** @param {number | undefined} column */
          const read = (column) => (at === null || column === undefined ? null : nearest(data[column] ?? [], at));
          const values = places.map(({ id, place, low, high }) => /** @type {const} */ ([id, { value: read(place), low: read(low), high: read(high) }]));
          onPoint(at === null ? null : (data[0][at] ?? null), new Map(values));
        },
      ],
    },
    series,
    bands,
  };
}

/**
 * The value at a place, or the last one before it: thinned out curves have theirs elsewhere.
 * @param {ArrayLike<number | null | undefined>} values
 * @param {number} place
 */
function nearest(values, place) {
  for (let at = place; at >= 0; at -= 1) {
    const value = values[at];
    if (typeof value === "number") return value;
  }
  return null;
}
