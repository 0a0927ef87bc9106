/** The curves of several runs in one chart. */

import uPlot from "../../../vendor/uplot/uPlot.esm.js";
import { number } from "../../lib/format.js";
import { nameOf } from "../../lib/jobs.js";
import { colour, onThemeChange } from "../../lib/theme.js";

/** @typedef {import("../compare.js").Compared} Compared */
/** @typedef {{metric: string, part: "validation" | "train", isLog: boolean, smoothing: number}} Choice */

const HEIGHT = 380;

/**
 * @param {HTMLElement} frame
 * @param {object} options
 * @param {AbortSignal} options.signal
 * @param {(epoch: number | null, values: Map<string, number | null>) => void} options.onPoint
 *   Called with the epoch that is pointed at, and the values there by the ids of jobs.
 */
export function chart(frame, { signal, onPoint }) {
  /** @type {uPlot | null} */
  let plot = null;
  let shape = "";
  /** @type {[Compared[], Choice] | null} */
  let drawn = null;

  /**
   * @param {Compared[]} compared
   * @param {Choice} choice
   */
  function draw(compared, choice) {
    drawn = [compared, choice];
    const shown = compared.filter(({ shown }) => shown);
    const data = /** @type {uPlot.AlignedData} */ (
      shown.length ? uPlot.join(shown.map(({ epochs }) => curveOf(epochs, choice))) : [[]]
    );
    const wanted = JSON.stringify([shown.map(({ job }) => job.id), choice.isLog, choice.metric]);
    if (plot !== null && wanted === shape) {
      plot.setData(data);
      return;
    }
    plot?.destroy();
    shape = wanted;
    plot = new uPlot(options(shown, choice, frame.clientWidth, onPoint), data, frame);
  }

  const observer = new ResizeObserver(() => plot?.setSize({ width: frame.clientWidth, height: HEIGHT }));
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
 * Epochs against a metric. Of a cross-validation the mean would be of folds at different epochs:
 * its last fold stands for it.
 * @param {import("../../lib/jobs.js").Epoch[]} epochs
 * @param {Choice} choice
 * @returns {[number[], (number | null)[]]}
 */
function curveOf(epochs, { metric, part, isLog, smoothing }) {
  const fold = epochs.at(-1)?.fold;
  const own = epochs.filter((epoch) => epoch.fold === fold);
  const values = own.map((epoch) => (epoch[part] ?? epoch.train)[metric] ?? null);
  const allowed = values.map((value) => (value !== null && isLog && value <= 0 ? null : value));
  return [own.map(({ epoch }) => epoch), smooth(allowed, smoothing)];
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
 * @param {number} width
 * @param {(epoch: number | null, values: Map<string, number | null>) => void} onPoint
 * @returns {uPlot.Options}
 */
function options(shown, { isLog }, width, onPoint) {
  const axis = { stroke: colour("--muted"), grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false }, font: "12px system-ui, sans-serif" };
  return {
    width,
    height: HEIGHT,
    scales: { x: { time: false }, y: { distr: isLog ? 3 : 1 } },
    axes: [
      { ...axis, size: 30, label: "epoch", labelFont: axis.font, labelGap: 0, labelSize: 20 },
      { ...axis, size: 64, values: (_, splits) => splits.map((value) => (value === null ? "" : number(value, 3))) },
    ],
    cursor: { points: { size: 7 } },
    legend: { show: false },
    hooks: {
      setCursor: [
        ({ cursor: { idx }, data }) => {
          const at = idx ?? null;
          const values = shown.map(({ job }, place) => /** @type {const} */ ([job.id, at === null ? null : nearest(data[place + 1] ?? [], at)]));
          onPoint(at === null ? null : (data[0][at] ?? null), new Map(values));
        },
      ],
    },
    series: [
      { label: "epoch" },
      ...shown.map(({ job, colour: token }) => ({
        label: nameOf(job),
        stroke: colour(token),
        width: 1.75,
        spanGaps: true,
        points: { show: false },
      })),
    ],
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
