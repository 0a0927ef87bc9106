/** What happens to the runs that are live, on one stream. */

import { isAbort } from "../../lib/api.js";
import { h } from "../../lib/dom.js";
import { MOST_FOLLOWED, follow, isLive } from "../../lib/jobs.js";

/** @typedef {import("../../lib/jobs.js").Job} Job */
/** @typedef {import("../../lib/api.js").StreamState} StreamState */

export class Following {
  #leaving = new AbortController();
  /** The ids that the stream tells of. */
  #followed = "";

  /**
   * @param {AbortSignal} signal
   * @param {(id: string, event: import("../../lib/jobs.js").JobEvent) => void} onEvent
   */
  constructor(signal, onEvent) {
    this.onEvent = onEvent;
    /** Says whether the stream is there. */
    this.element = h("span", { class: "connection small", role: "status", hidden: true });
    signal.addEventListener("abort", () => this.#leaving.abort());
  }

  /**
   * Takes the stream up anew where others are live than those that it tells of.
   * @param {Job[]} jobs
   */
  follow(jobs) {
    const live = jobs.filter(isLive).slice(0, MOST_FOLLOWED);
    const ids = live.map((job) => job.id).sort().join();
    if (ids === this.#followed) return;
    this.#followed = ids;
    this.#leaving.abort();
    this.#leaving = new AbortController();
    const { signal } = this.#leaving;
    if (live.length === 0) this.tell("ended");
    follow(live, {
      signal,
      onState: (state) => this.tell(state),
      onEvent: this.onEvent,
    }).catch((error) => {
      // Such as that one was deleted: the next look at the list finds out.
      this.#followed = "";
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
