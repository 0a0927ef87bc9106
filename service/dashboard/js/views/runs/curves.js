/** The small curves of the table: read once, and continued by what happens. */

/** @import { Epoch, Job } from "../../lib/types.js" */

import { isAbort } from "../../lib/api.js";
import { curve } from "../../lib/jobs.js";

const POINTS = 60;

export class Curves {
  /** @type {Map<string, Epoch[]>} */
  #known = new Map();

  /**
   * @param {AbortSignal} signal
   * @param {(id: string) => void} onLoad
   */
  constructor(signal, onLoad) {
    this.signal = signal;
    this.onLoad = onLoad;
  }

  /**
   * @param {string} id
   * @returns {Epoch[]}
   */
  of(id) {
    return this.#known.get(id) ?? [];
  }

  /**
   * @param {string} id
   * @param {Epoch} epoch
   */
  extend(id, epoch) {
    const longer = [...this.of(id), epoch];
    // Every other point goes when there are twice as many as are shown.
    this.#known.set(id, longer.length > 4 * POINTS ? longer.filter((_, place) => place % 2 === 1) : longer);
  }

  /**
   * Of all that have none yet, one after the other: the table is there before.
   * @param {Job[]} jobs
   */
  async load(jobs) {
    for (const { id, latest } of jobs) {
      if (this.signal.aborted) return;
      if (this.#known.has(id) || latest === null) continue;
      this.#known.set(id, []);
      try {
        const earlier = await curve(id, { points: POINTS, signal: this.signal });
        const last = earlier.at(-1)?.seq ?? 0;
        this.#known.set(id, [...earlier, ...this.of(id).filter((epoch) => epoch.seq > last)]);
        this.onLoad(id);
      } catch (error) {
        if (isAbort(error)) return;
        this.#known.delete(id);
      }
    }
  }
}
