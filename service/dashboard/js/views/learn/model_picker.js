/** The choice of a model and of one of its checkpoints; without a model, how to make a small one. */

/** @import { Checkpoint, JobCreate, Model } from "../../lib/types.js" */
/** @import { Part } from "./part.js" */

import { get } from "../../lib/api.js";
import { h } from "../../lib/dom.js";
import { ago } from "../../lib/format.js";
import { createJob } from "../../lib/jobs.js";
import { problemNotice } from "../../lib/notice.js";
import { field, select } from "./fields.js";

/** Models that are offered, the newest. */
const MAX_MODELS = 100;
/** How long until the next look at a job that still runs. */
const PAUSE_MILLISECONDS = 300;

/** A network small enough that all of its numbers can be followed with a pencil. @type {JobCreate} */
const SMALL_ONE = {
  name: "small enough for a pencil",
  dataset: { kind: "xor", samples: 200 },
  network: { layers: [{ kind: "dense", units: 3, activation: "tanh" }] },
  optimizer: { kind: "sgd", learning_rate: 0.1 },
  training: { epochs: 30, batch_size: 16, seed: 2 },
  checkpoints: { every: 10 },
};

/**
 * Which checkpoint is asked for, as the query of a request; the best one needs none.
 *
 * @param {Part} part
 * @returns {{ checkpoint: number | "last" | null }}
 */
export function checkpointOf({ route }) {
  const checkpoint = route.query.get("checkpoint");
  return { checkpoint: checkpoint === null || checkpoint === "last" ? checkpoint : Number(checkpoint) };
}

/**
 * The chosen model with the fields to choose another, or null where there is none: then `root` says
 * so.
 *
 * @param {Part} part
 * @returns {Promise<{ model: Model, fields: HTMLElement[] } | null>}
 */
export async function pickModel(part) {
  const { root, route, signal, again } = part;
  const models = (await get("/v1/models", { signal, query: { limit: MAX_MODELS } })).data;
  const wanted = route.query.get("model") ?? models[0]?.id;
  if (wanted === undefined) {
    root.append(nothingYet(part));
    return null;
  }
  const model = models.find(({ id }) => id === wanted) ?? (await get(`/v1/models/${wanted}`, { signal }));
  const offered = models.includes(model) ? models : [model, ...models];
  const choice = select(
    offered.map((each) => [each.id, `${each.name ?? "unnamed"} · ${ago(each.created_at)}`]),
    model.id,
    (id) => {
      route.go({ model: id, checkpoint: null, row: null, rows: null, example: null, step: null, unit: null });
      again();
    },
  );
  return { model, fields: [field("Model", choice), ...(await checkpointField(part, model))] };
}

/**
 * The checkpoints of a model that are still there, newest first; an imported one has none.
 *
 * @param {Part} part
 * @param {Model} model
 * @returns {Promise<Checkpoint[]>}
 */
export async function keptCheckpoints({ signal }, model) {
  if (model.job_id === null) return [];
  const taken = (await get(`/v1/jobs/${model.job_id}/checkpoints`, { signal, query: { limit: 200 } })).data;
  return taken.filter(({ available, partial }) => available && !partial);
}

/** @param {Part} part @param {Model} model */
async function checkpointField(part, model) {
  const { route, again } = part;
  const kept = await keptCheckpoints(part, model);
  if (kept.length === 0) return [];
  const chosen = route.query.get("checkpoint") ?? "";
  const control = select(
    [
      ["", `the best (epoch ${model.checkpoint.epoch})`],
      ...kept.map(({ epoch, last }) => /** @type {[string, string]} */ ([String(epoch), `epoch ${epoch}${last ? ", the last" : ""}`])),
    ],
    chosen,
    (epoch) => {
      route.go({ checkpoint: epoch || null });
      again();
    },
  );
  return [field("Checkpoint", control)];
}

/** @param {Part} part */
function nothingYet({ route, signal, again }) {
  const said = h("div", { "aria-live": "polite" });
  const button = h("button", { class: "button primary", type: "button", onclick: make }, "Train a small one");
  async function make() {
    button.disabled = true;
    said.textContent = "It trains …";
    try {
      route.go({ model: await trainSmallOne(signal) });
      again();
    } catch (error) {
      if (signal.aborted) return;
      button.disabled = false;
      said.replaceChildren(problemNotice(error));
    }
  }
  return h(
    "div",
    { class: "card empty stack" },
    h("h2", {}, "No model to look into yet"),
    h("p", {}, "Two inputs, three hidden units, one output: small enough to follow every number with a pencil."),
    h("div", {}, button, " ", h("a", { class: "button", href: "#/new" }, "Make a run of your own")),
    said,
  );
}

/** @param {AbortSignal} signal @returns {Promise<string | null>} The model's id; null, if there was none to make. */
async function trainSmallOne(signal) {
  let job = await createJob(SMALL_ONE, { signal });
  while (job.finished_at === null) {
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MILLISECONDS));
    job = await get(`/v1/jobs/${job.id}`, { signal });
  }
  return job.model_id;
}
