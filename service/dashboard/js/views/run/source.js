/**
 * What a run learns from, and the model that it makes: read once, when somebody first asks.
 *
 * @typedef {import("./live.js").LiveRun} LiveRun
 */

/** @import { Dataset, Model, PathOf, QueryOf, ResponseOf, Row } from "../../lib/types.js" */

import { get } from "../../lib/api.js";

/** Rows that are drawn as points; the service gives no more at once. */
const MAX_ROWS = 1000;

export class Source {
  /** @param {LiveRun} run @param {AbortSignal} signal */
  constructor(run, signal) {
    this.run = run;
    this.signal = signal;
    /** @type {Map<string, Promise<any>>} */
    this.asked = new Map();
  }

  /** The model, as soon as there is one. @returns {Promise<Model>} */
  async model() {
    const id = await this.#modelId();
    return this.#once(`/v1/models/${id}`, {});
  }

  /** The dataset; null if it was deleted. @returns {Promise<Dataset | null>} */
  async dataset() {
    const { id } = this.run.job.dataset;
    return id === null ? null : this.#once(`/v1/datasets/${id}`, {});
  }

  /** The first rows of the dataset; none if it was deleted. @returns {Promise<Row[]>} */
  async rows() {
    const { id } = this.run.job.dataset;
    if (id === null) return [];
    return (await this.#once(`/v1/datasets/${id}/rows`, { limit: MAX_ROWS })).data;
  }

  /** @returns {Promise<string>} */
  #modelId() {
    return new Promise((resolve, reject) => {
      const look = () => {
        const { model_id } = this.run.job;
        if (model_id !== null) resolve(model_id);
      };
      this.run.addEventListener("job", look, { signal: this.signal });
      this.signal.addEventListener("abort", () => reject(this.signal.reason));
      look();
    });
  }

  /**
   * @template {string} Path
   * @param {PathOf<Path, "get">} path @param {QueryOf<Path, "get">} query
   * @returns {Promise<ResponseOf<Path, "get">>}
   */
  #once(path, query) {
    const known = this.asked.get(path);
    if (known !== undefined) return known;
    const answer = get(path, { signal: this.signal, query });
    this.asked.set(path, answer);
    answer.catch(() => this.asked.delete(path));
    return answer;
  }
}
