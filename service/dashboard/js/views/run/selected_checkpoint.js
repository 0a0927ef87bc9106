/**
 * The selected checkpoint of the model: one that was chosen, or else the newest one while
 * the run is live, and the best one when it has ended.
 *
 * @typedef {import("./live.js").LiveRun} LiveRun
 */

import { count } from "../../lib/format.js";
import { isLive } from "../../lib/jobs.js";

/** Dispatches an event `change` when another checkpoint is selected. */
export class SelectedCheckpoint extends EventTarget {
  /** @param {LiveRun} run @param {import("./state.js").State} state @param {AbortSignal} signal */
  constructor(run, state, signal) {
    super();
    this.run = run;
    this.state = state;
    this.known = this.#key();
    const look = () => {
      const key = this.#key();
      if (key === this.known) return;
      this.known = key;
      this.dispatchEvent(new Event("change"));
    };
    run.addEventListener("checkpoints", look, { signal });
    run.addEventListener("job", look, { signal });
    state.addEventListener("epoch", look, { signal });
  }

  /** The checkpoints that can be chosen, oldest first: states after whole epochs. */
  get choices() {
    const whole = this.run.checkpoints.filter((each) => !each.partial && each.fold === this.fold);
    return whole.filter((each, place) => each.epoch !== whole[place + 1]?.epoch);
  }

  /** The fold whose models are kept: that of the newest checkpoint. */
  get fold() {
    return this.run.checkpoints.at(-1)?.fold ?? 0;
  }

  /** What to add to a request. @returns {{checkpoint?: number | "last"}} */
  get query() {
    const { epoch } = this.state;
    if (epoch !== null) return { checkpoint: epoch };
    if (!isLive(this.run.job)) return {};
    const newest = this.run.checkpoints.at(-1);
    return newest === undefined || !newest.last ? {} : { checkpoint: "last" };
  }

  /** The epoch that is shown, as far as that is known. @returns {number | null} */
  get epoch() {
    const { epoch } = this.state;
    if (epoch !== null) return epoch;
    if (!isLive(this.run.job)) return this.run.checkpoints.find((each) => each.best)?.epoch ?? null;
    return this.run.checkpoints.at(-1)?.epoch ?? null;
  }

  /** In words. */
  get label() {
    const { epoch } = this;
    if (epoch === null) return "no model yet";
    const best = this.run.checkpoints.some((each) => each.best && each.epoch === epoch);
    return `epoch ${count(epoch)}${best ? ", the best" : ""}`;
  }

  #key() {
    const newest = isLive(this.run.job) ? this.run.checkpoints.at(-1)?.seq : "best";
    return `${this.state.epoch ?? newest}`;
  }
}
