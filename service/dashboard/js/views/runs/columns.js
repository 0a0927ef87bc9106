/** The columns of the table of runs. */

/** @import { Epoch, Job } from "../../lib/types.js" */

import { h } from "../../lib/dom.js";
import { ago, duration, moment, number, percent, plural, words } from "../../lib/format.js";
import { STATUSES, isLive, judged, nameOf, networkOf, secondsOf } from "../../lib/jobs.js";
import { learningRateOf, recipeOf } from "../../lib/recipe.js";
import { href } from "../../lib/route.js";
import { sparkline } from "./sparkline.js";

/**
 * @typedef {object} Column
 * @property {string} name
 * @property {string} label
 * @property {string} [className]
 * @property {((job: Job) => string | number | null) | null} value What it sorts by; null: it does not.
 * @property {boolean} [rises] Whether its smallest comes first, until told otherwise.
 * @property {(job: Job, curve: Epoch[]) => import("../../lib/dom.js").Child} cell
 */

/** @param {Epoch | null} epoch */
const lossOf = (epoch) => (epoch ? (judged(epoch).loss ?? null) : null);
/** @param {Epoch | null} epoch */
const lossText = (epoch) => (epoch ? number(lossOf(epoch)) : "–");
/** @param {Job} job */
const scoreOf = (job) => (job.best ? (judged(job.best).accuracy ?? judged(job.best).r2 ?? null) : null);

/** @param {Job} job */
const batchOf = (job) => recipeOf(job).training?.batch_size ?? null;

/** @type {Column[]} */
export const COLUMNS = [
  { name: "name", label: "Run", rises: true, value: (job) => nameOf(job).toLowerCase(), cell: nameCell },
  { name: "status", label: "Status", value: (job) => STATUSES.indexOf(job.status), cell: statusCell },
  { name: "curve", label: "Loss curve", className: "wide", value: null, cell: (_, curve) => sparkline(curve) },
  { name: "epoch", label: "Epoch", className: "number medium", value: (job) => job.progress.epoch, cell: (job) => number(job.progress.epoch) },
  { name: "loss", label: "Last loss", className: "number medium", rises: true, value: (job) => lossOf(job.latest), cell: (job) => lossText(job.latest) },
  { name: "best", label: "Best loss", className: "number", rises: true, value: (job) => lossOf(job.best), cell: (job) => lossText(job.best) },
  { name: "score", label: "Score", className: "number medium", value: scoreOf, cell: scoreCell },
  { name: "rate", label: "Learning rate", className: "number widest", value: learningRateOf, cell: (job) => number(learningRateOf(job) ?? undefined) },
  { name: "batch", label: "Batch", className: "number widest", value: batchOf, cell: (job) => number(batchOf(job) ?? undefined) },
  { name: "time", label: "Time", className: "number widest", value: secondsOf, cell: (job) => duration(secondsOf(job)) },
  { name: "created", label: "Made", className: "wide", value: (job) => job.id, cell: (job) => h("time", { datetime: job.created_at, title: moment(job.created_at) }, ago(job.created_at)) },
];

/** @param {Job} job */
function nameCell(job) {
  return [
    h("a", { class: "run-link", href: href(["runs", job.id]) }, nameOf(job)),
    h("div", { class: "muted small run-about" }, `${networkOf(job)} · ${words(recipeOf(job).optimizer?.kind ?? "")}`),
    job.tags.length ? h("div", { class: "row tags" }, job.tags.map((tag) => h("span", { class: "chip" }, tag))) : null,
  ];
}

/** @param {Job} job */
function statusCell(job) {
  const { fraction, epochs } = job.progress;
  return [
    h("span", { class: "status", dataset: { status: job.status } }, job.pending_action ? `${job.status}, to ${job.pending_action}` : job.status),
    isLive(job)
      ? h(
          "div",
          { class: "progress", role: "progressbar", "aria-label": `Progress of ${nameOf(job)}`, "aria-valuenow": Math.round(100 * fraction), "aria-valuemin": 0, "aria-valuemax": 100, title: `of ${plural(epochs, "epoch")}` },
          h("span", { style: { transform: `scaleX(${fraction})` } }),
        )
      : job.stop_reason && !["completed", job.status].includes(job.stop_reason)
        ? h("div", { class: "muted small" }, words(job.stop_reason))
        : null,
  ];
}

/** @param {Job} job */
function scoreCell(job) {
  if (!job.best) return "–";
  const { accuracy, r2 } = judged(job.best);
  if (accuracy !== undefined) return percent(accuracy);
  return r2 === undefined ? "–" : h("span", {}, h("span", { class: "muted small" }, "R² "), number(r2, 3));
}
