/** A run as it is now, and everything that happens to it from now on. */

/** @import { Checkpoint, Epoch, Job, JobAction, JobAdvance, JobEvent } from "../../lib/types.js" */

import { events, get, post } from "../../lib/api.js";
import { isLive } from "../../lib/jobs.js";
import { Epochs } from "./epochs.js";

/** Points of a curve over all epochs; more would fall on the same pixels. */
const MAX_POINTS = 2000;
/** Events are shown together, so that a thousand epochs a second cost what ten do. */
const BATCH_MS = 80;
/** How often progress and expected end are asked for while epochs arrive. */
const JOB_MS = 700;
/** All of its checkpoints: the service gives at most so many at once. */
const MAX_CHECKPOINTS = 200;

/** Epochs that are read one by one, when a range has no more of them. */
const MAX_WHOLE = 4000;

/**
 * Tells by events of its own what has changed: `job`, `epochs`, `checkpoints`, `connection`.
 *
 * Epochs are those of one fold; a run without cross-validation has one only, 0.
 */
export class LiveRun extends EventTarget {
  /** Epochs that came and are not shown yet. @type {Epoch[]} */
  #arrived = [];
  #batch;
  #jobSoon;
  #checkpointsSoon;

  /** @param {string} id @param {Job} job @param {AbortSignal} signal */
  constructor(id, job, signal) {
    super();
    this.id = id;
    this.job = job;
    this.signal = signal;
    this.fold = job.latest?.fold ?? 0;
    /** Whether it goes on to the next fold when the training does. */
    this.followsFolds = true;
    this.epochs = new Epochs(MAX_POINTS);
    /** Those whose states are kept, oldest first. @type {Checkpoint[]} */
    this.checkpoints = [];
    /** @type {"live" | "lost" | "ended"} */
    this.connection = isLive(job) ? "live" : "ended";
    this.#batch = later(BATCH_MS, () => this.#show(), signal);
    this.#jobSoon = later(JOB_MS, () => quietly(this.refresh()), signal);
    this.#checkpointsSoon = later(JOB_MS / 2, () => quietly(this.#readCheckpoints()), signal);
  }

  /**
   * Read what there is, and follow what comes after it.
   *
   * @param {string} id @param {number | null} fold @param {AbortSignal} signal
   */
  static async open(id, fold, signal) {
    const job = await get(`/v1/jobs/${id}`, { signal });
    const run = new LiveRun(id, job, signal);
    if (fold !== null) run.#stayWith(fold);
    await Promise.all([run.#readEpochs(), run.#readCheckpoints()]);
    return run;
  }

  /** Follow its events from the state that was read; resolves when the run has ended. */
  async follow() {
    if (!isLive(this.job)) return;
    await events(`/v1/jobs/${this.id}/events`, {
      after: this.job.seq,
      signal: this.signal,
      onEvent: ({ data }) => this.#happened(data),
      onState: (state) => this.#connected(state),
    });
  }

  /** Show another fold. @param {number} fold */
  async choose(fold) {
    this.#stayWith(fold);
    await this.#readEpochs();
  }

  /** @param {number} fold */
  #stayWith(fold) {
    this.followsFolds = false;
    this.#goTo(fold);
  }

  /** @param {number} fold */
  #goTo(fold) {
    this.fold = fold;
    this.epochs = new Epochs(MAX_POINTS);
    this.#arrived = [];
  }

  /**
   * More of the epochs between two of them than the whole curve shows.
   *
   * @param {number} from @param {number} to @param {AbortSignal} signal
   * @returns {Promise<Epoch[]>}
   */
  async detail(from, to, signal) {
    const { rows } = this.epochs;
    const before = rows.findLast((row) => row.epoch < from);
    const after = rows.find((row) => row.epoch > to);
    const wanted = (after?.epoch ?? to + 1) - (before?.epoch ?? 0) - 1;
    const query = {
      after: before?.seq ?? 0,
      before: after?.seq,
      fold: this.fold,
      ...(wanted <= MAX_WHOLE ? { limit: MAX_WHOLE } : { max_points: MAX_POINTS }),
    };
    return (await get(`/v1/jobs/${this.id}/epochs`, { signal, query })).data;
  }

  /**
   * Ask for something.
   *
   * @param {JobAction} action @param {JobAdvance} [body] how far to advance
   */
  async ask(action, body) {
    this.#took(await post(`/v1/jobs/${this.id}/${action}`, body, { signal: this.signal }));
  }

  async refresh() {
    this.#took(await get(`/v1/jobs/${this.id}`, { signal: this.signal }));
  }

  /** As `refresh`, where it does not matter if it fails. */
  look() {
    quietly(this.refresh());
  }

  /** @param {Job} job */
  #took(job) {
    this.job = job;
    this.#tell("job");
  }

  async #readEpochs() {
    const query = { max_points: MAX_POINTS, fold: this.fold };
    const page = await get(`/v1/jobs/${this.id}/epochs`, { signal: this.signal, query });
    this.epochs.add(page.data);
    this.#tell("epochs");
  }

  async #readCheckpoints() {
    const query = { limit: MAX_CHECKPOINTS };
    const page = await get(`/v1/jobs/${this.id}/checkpoints`, { signal: this.signal, query });
    this.checkpoints = page.data
      .filter((each) => each.available)
      .reverse();
    this.#tell("checkpoints");
  }

  /** @param {JobEvent} event */
  #happened(event) {
    if (event.type === "epoch") {
      if (this.followsFolds && event.epoch.fold !== this.fold) this.#goTo(event.epoch.fold);
      if (event.epoch.fold === this.fold) this.#arrived.push(event.epoch);
      this.#batch();
      this.#jobSoon();
    } else if (event.type === "checkpoint") {
      this.#checkpointsSoon();
    } else {
      this.#show();
      quietly(this.refresh());
      quietly(this.#readCheckpoints());
    }
  }

  #show() {
    if (this.#arrived.length === 0) return;
    this.epochs.add(this.#arrived);
    this.#arrived = [];
    this.#tell("epochs");
  }

  /** @param {"live" | "lost" | "ended"} state */
  #connected(state) {
    const back = this.connection === "lost" && state === "live";
    this.connection = state;
    this.#tell("connection");
    if (!back) return;
    quietly(this.refresh());
    quietly(this.#readCheckpoints());
  }

  /** @param {string} what */
  #tell(what) {
    this.dispatchEvent(new Event(what));
  }
}

/**
 * What was asked for on the side may fail: a connection that is lost is told by the stream of events,
 * and when that is back everything is asked for again.
 *
 * @param {Promise<void>} asked
 */
function quietly(asked) {
  asked.catch(() => {});
}

/**
 * A function that, called any number of times, does something once a while after the first call.
 *
 * @param {number} ms @param {() => unknown} act @param {AbortSignal} signal
 * @returns {() => void}
 */
function later(ms, act, signal) {
  let timer = 0;
  signal.addEventListener("abort", () => clearTimeout(timer));
  return () => {
    if (timer !== 0 || signal.aborted) return;
    timer = window.setTimeout(() => {
      timer = 0;
      act();
    }, ms);
  };
}
