/** The runs that are known: read in pages, and looked at again for what others did. */

/** @import { Job } from "../../lib/types.js" */

import { get } from "../../lib/api.js";
import { selectors } from "./filters.js";
import { isLeaving } from "./removal.js";

const PAGE = 100;
const NEWEST = 20;

export class Listing {
  /** @type {Map<string, Job>} */
  #jobs = new Map();
  /** @type {string | null} */
  #next = null;

  /**
   * @param {import("../../lib/route.js").Route} route
   * @param {AbortSignal} signal
   */
  constructor(route, signal) {
    this.route = route;
    this.signal = signal;
  }

  /** Those that are not about to be deleted. */
  get jobs() {
    return [...this.#jobs.values()].filter((job) => !isLeaving(job.id));
  }

  get isEmpty() {
    return this.#jobs.size === 0;
  }

  /** Whether there are older ones. */
  get hasMore() {
    return this.#next !== null;
  }

  /** @param {string} id */
  of(id) {
    return this.#jobs.get(id);
  }

  /** @param {string} id */
  forget(id) {
    this.#jobs.delete(id);
  }

  async load() {
    const page = await this.#ask(null, PAGE);
    this.#jobs = new Map(page.data.map((/** @type {Job} */ job) => [job.id, job]));
    this.#next = page.next_cursor;
  }

  async loadMore() {
    const page = await this.#ask(this.#next, PAGE);
    for (const job of page.data) this.#jobs.set(job.id, job);
    this.#next = page.next_cursor;
  }

  /**
   * The newest ones as they are now.
   * @returns {Promise<string[]>} The ids of those that were not known as that.
   */
  async look() {
    const { data } = await this.#ask(null, NEWEST);
    const news = data.filter((job) => {
      const known = this.#jobs.get(job.id);
      return !known || (known.seq <= job.seq && JSON.stringify(known) !== JSON.stringify(job));
    });
    for (const job of news) this.#jobs.set(job.id, job);
    return news.map((job) => job.id);
  }

  /** @param {string} id */
  async lookAt(id) {
    this.#jobs.set(id, await get(`/v1/jobs/${id}`, { signal: this.signal }));
  }

  /**
   * @param {string | null} cursor
   * @param {number} limit
   */
  #ask(cursor, limit) {
    return get("/v1/jobs", { signal: this.signal, query: { limit, cursor, ...selectors(this.route) } });
  }
}
