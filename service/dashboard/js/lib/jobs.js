/** Jobs as several views need them: their shape, their curves, their events on one stream. */

import { events, get } from "./api.js";

/**
 * @typedef {object} Epoch
 * @property {number} seq
 * @property {number} fold
 * @property {number} epoch
 * @property {Record<string, number | null>} train
 * @property {Record<string, number | null> | null} validation
 * @property {number | null} gap
 * @property {number} learning_rate
 * @property {number} seconds
 * @property {number} samples
 *
 * @typedef {"queued" | "running" | "paused" | "succeeded" | "failed" | "cancelled"} Status
 *
 * @typedef {object} Job
 * @property {string} id
 * @property {string | null} name
 * @property {string[]} tags
 * @property {Status} status
 * @property {string | null} pending_action
 * @property {Record<string, any>} spec
 * @property {{id: string | null, sha256: string}} dataset
 * @property {string | null} target
 * @property {string[]} targets
 * @property {{epoch: number, epochs: number, fraction: number, eta_seconds: number | null, samples_per_second: number | null}} progress
 * @property {Epoch | null} latest
 * @property {Epoch | null} best
 * @property {string | null} stop_reason
 * @property {{type: string, detail: string} | null} error
 * @property {string | null} model_id
 * @property {number} seq
 * @property {string} created_at
 * @property {string | null} started_at
 * @property {string | null} finished_at
 */

/** @type {Status[]} */
export const STATUSES = ["queued", "running", "paused", "succeeded", "failed", "cancelled"];
/** The maximum number of jobs on one event stream. */
export const MOST_FOLLOWED = 200;

/** @param {Job} job */
export const isLive = (job) => ["queued", "running", "paused"].includes(job.status);

/**
 * What people call it.
 * @param {Job} job
 */
export const nameOf = (job) => job.name ?? `Run ${job.id.slice(-6)}`;

/**
 * The metrics of an epoch on the validation rows, or on the training rows where there is no validation.
 * @param {Epoch} epoch
 */
export const judged = (epoch) => epoch.validation ?? epoch.train;

/**
 * How long it took, in seconds; null while it lasts.
 * @param {Job} job
 */
export function secondsOf({ started_at: started, finished_at: finished }) {
  return started && finished ? (Date.parse(finished) - Date.parse(started)) / 1000 : null;
}

/**
 * A layer in few words: `32 tanh`, `dropout 0.5`.
 * @param {any} layer
 */
export function layerText({ kind, units, activation, rate }) {
  const name = kind === "activation" ? "" : units === undefined ? kind.replaceAll("_", " ") : units;
  return [name, activation?.kind ?? activation, rate].filter((part) => part !== undefined && part !== "").join(" ");
}

/**
 * A network in few words.
 * @param {Job} job
 */
export function networkOf(job) {
  const layers = job.spec.network?.layers ?? [];
  return layers.length ? layers.map(layerText).join(" · ") : "no hidden layer";
}

/**
 * A curve, thinned out to about so many points.
 * @param {string} id
 * @param {{points: number, signal: AbortSignal}} options
 * @returns {Promise<Epoch[]>}
 */
export async function curve(id, { points, signal }) {
  return (await get(`/v1/jobs/${id}/epochs`, { signal, query: { max_points: points } })).data;
}

/**
 * @typedef {{type: "epoch", seq: number, epoch: Epoch}
 *   | {type: "checkpoint", seq: number, checkpoint: any}
 *   | {type: "transition", seq: number, transition: {to_status: Status}}
 *   | {type: "end", seq: number, status: Status, stop_reason: string | null, model_id: string | null}} JobEvent
 */

/**
 * Everything that happens to jobs after the state in which they are known, on one stream.
 * @param {Job[]} jobs At most MOST_FOLLOWED.
 * @param {object} options
 * @param {AbortSignal} options.signal
 * @param {(jobId: string, event: JobEvent) => void} options.onEvent
 * @param {(state: import("./api.js").StreamState) => void} [options.onState]
 */
export async function follow(jobs, { signal, onEvent, onState }) {
  if (jobs.length === 0) return;
  await events("/v1/events", {
    signal,
    onState,
    query: { job_id: jobs.map((job) => job.id) },
    after: jobs.map((job) => job.seq).join(","),
    onEvent: ({ data }) => {
      if (data.job_id) onEvent(data.job_id, data.event);
    },
  });
}

/**
 * Brings a job forward by something that happened to it. What an event does not tell, such as the
 * model, is as it was: ask for the job when it has ended.
 * @param {Job} job
 * @param {JobEvent} event
 */
export function advance(job, event) {
  job.seq = event.seq;
  if (event.type === "transition") job.status = event.transition.to_status;
  if (event.type === "end") Object.assign(job, { status: event.status, stop_reason: event.stop_reason, model_id: event.model_id });
  if (event.type !== "epoch") return;
  const { epoch } = event;
  job.latest = epoch;
  const best = job.best && judged(job.best).loss;
  const loss = judged(epoch).loss ?? Infinity;
  if (best === null || best === undefined || loss < best) job.best = epoch;
  // A cross-validation counts the epochs of all its trainings.
  const isOne = job.progress.epochs === job.spec.training?.epochs;
  job.progress.epoch = isOne ? epoch.epoch : job.progress.epoch + 1;
  job.progress.fraction = Math.min(1, job.progress.epoch / job.progress.epochs);
}
