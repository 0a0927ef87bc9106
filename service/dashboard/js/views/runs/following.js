/** What happens to the runs that are live, on one stream. */

/** @import { Job, JobEvent } from "../../lib/types.js" */

import { isAbort } from "../../lib/api.js";
import { h } from "../../lib/dom.js";
import { MAX_FOLLOWED, follow, isLive } from "../../lib/jobs.js";

/** @typedef {import("../../lib/api.js").StreamState} StreamState */

/** Where there are too many: something happens to these sooner than to those. */
const TURN = ["running", "queued", "paused"];

export class Following {
  #leaving = new AbortController();
  /** The ids that the stream tells of. @type {Set<string>} */
  #followed = new Set();

  /**
   * @param {AbortSignal} signal
   * @param {(id: string, event: JobEvent) => void} onEvent
   */
  constructor(signal, onEvent) {
    this.onEvent = onEvent;
    /** Says whether the stream is there. */
    this.element = h("span", { class: "connection small", role: "status", hidden: true });
    signal.addEventListener("abort", () => this.#leaving.abort());
  }

  /**
   * Takes the stream up anew where it does not tell of all that are live.
   * @param {Job[]} jobs
   */
  follow(jobs) {
    const live = jobs.filter(isLive).sort(byTurn).slice(0, MAX_FOLLOWED);
    if (live.every((job) => this.#followed.has(job.id))) return;
    this.#followed = new Set(live.map((job) => job.id));
    this.#leaving.abort();
    this.#leaving = new AbortController();
    const { signal } = this.#leaving;
    follow(live, {
      signal,
      onState: (state) => this.tell(state),
      onEvent: this.onEvent,
    }).catch((error) => {
      if (signal.aborted) return;
      // Such as that one was deleted: the next look at the list finds out.
      this.#followed.clear();
      if (!isAbort(error)) this.tell("lost");
    });
  }

  /** @param {StreamState} state */
  tell(state) {
    if (this.element.dataset.state === state) return;
    this.element.dataset.state = state;
    this.element.hidden = state === "ended";
    this.element.textContent = state === "live" ? "Live" : state === "lost" ? "Connection lost, trying again" : "";
  }
}

/**
 * Of those that are queued the oldest one comes first.
 * @param {Job} a
 * @param {Job} b
 */
function byTurn(a, b) {
  return TURN.indexOf(a.status) - TURN.indexOf(b.status) || (a.id < b.id ? -1 : 1);
}
