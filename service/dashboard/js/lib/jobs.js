/** Jobs as several views need them: how they are created, their curves, their events on one stream. */

/** @import { Epoch, Job, JobCreate, JobEvent, JobStatus, Layer, Plan } from "./types.js" */

import { events, get, post } from "./api.js";
import { layersOf, recipeOf } from "./recipe.js";

/** @type {JobStatus[]} */
export const STATUSES = ["queued", "running", "paused", "succeeded", "failed", "cancelled"];
/** The maximum number of jobs on one event stream. */
export const MAX_FOLLOWED = 200;

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
 * Creates a job.
 * @param {JobCreate} body
 * @param {{signal?: AbortSignal, headers?: Record<string, string>}} [options]
 */
export const createJob = async (body, options) => /** @type {Job} */ (await post("/v1/jobs", body, options));

/**
 * What a job would be; it is not created.
 * @param {JobCreate} body
 * @param {{signal: AbortSignal}} options
 */
export const planJob = async (body, { signal }) => /** @type {Plan} */ (await post("/v1/jobs", body, { signal, query: { validate_only: true } }));

/**
 * A layer in few words: `32 tanh`, `dropout 0.5`.
 * @param {Layer} layer
 */
export function layerText(layer) {
  const name = layer.kind === "activation" ? "" : "units" in layer ? layer.units : layer.kind.replaceAll("_", " ");
  const activation = "activation" in layer ? layer.activation.kind : "";
  return [name, activation, "rate" in layer ? layer.rate : ""].filter((part) => part !== "").join(" ");
}

/**
 * A network in few words.
 * @param {Job} job
 */
export function networkOf(job) {
  const layers = layersOf(job);
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
 * Everything that happens to jobs after the state in which they are known, on one stream.
 * @param {Job[]} jobs At most MAX_FOLLOWED.
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
  const isOne = job.progress.epochs === recipeOf(job).training?.epochs;
  job.progress.epoch = isOne ? epoch.epoch : job.progress.epoch + 1;
  job.progress.fraction = Math.min(1, job.progress.epoch / job.progress.epochs);
}
