/** The table of all runs: sorted, filtered, live; compared and deleted from here. */

/** @import { Job, JobEvent } from "../../lib/types.js" */

import { isAbort } from "../../lib/api.js";
import { h, replace } from "../../lib/dom.js";
import { advance } from "../../lib/jobs.js";
import { problemNotice } from "../../lib/notice.js";
import { Curves } from "./curves.js";
import { filterFields, isFound, selectors } from "./filters.js";
import { Following } from "./following.js";
import { Listing } from "./listing.js";
import { remove } from "./removal.js";
import { Rows } from "./rows.js";
import { Selection } from "./selection.js";
import { Sorting } from "./sorting.js";
import { welcome } from "./welcome.js";

export const title = "Runs";
export const styles = ["runs.css"];

const LOOK_SECONDS = 5;

/**
 * @param {HTMLElement} root
 * @param {import("../../lib/route.js").Route} route
 * @param {AbortSignal} signal
 */
export async function show(root, route, signal) {
  const table = new RunTable(route, signal);
  await table.load();
  replace(root, table.element);
}

class RunTable {
  /** What changed since it was drawn. @type {Set<string>} */
  #changed = new Set();
  #drawing = 0;

  /**
   * @param {import("../../lib/route.js").Route} route
   * @param {AbortSignal} signal
   */
  constructor(route, signal) {
    this.route = route;
    this.signal = signal;
    this.listing = new Listing(route, signal);
    this.curves = new Curves(signal, (id) => this.#touch(id));
    this.following = new Following(signal, (id, event) => this.#happened(id, event));
    this.sorting = new Sorting(route, () => this.draw());
    this.selection = new Selection(route, {
      onClear: (ids) => {
        for (const id of ids) this.#changed.add(id);
        this.draw();
      },
      onRemove: (jobs) => this.#remove(jobs),
    });
    this.rows = new Rows({
      curve: (id) => this.curves.of(id),
      isSelected: (id) => this.selection.has(id),
      onSelect: (id) => {
        this.selection.toggle(id);
        this.selection.draw(this.listing.jobs);
      },
      onRemove: (job) => this.#remove([job]),
    });
    this.filters = h("div", { class: "row filters" }, filterFields(route, { onSearch: () => this.draw(), onSelect: () => this.#reload() }), this.sorting.field);
    this.more = h("button", { class: "button", type: "button", hidden: true, onclick: () => this.#loadMore() }, "Show older runs");
    this.content = h("div", { class: "stack" });
    this.element = h(
      "div",
      {},
      h(
        "div",
        { class: "head" },
        h("div", {}, h("h1", {}, title), h("p", {}, "Every training of this service, newest first. Select some to compare them.")),
        h("div", { class: "row" }, this.following.element, h("a", { class: "button primary", href: "#/new" }, "New run")),
      ),
      this.content,
    );
    this.#lookRegularly();
  }

  async load() {
    await this.listing.load();
    this.rows.clear();
    const isFiltered = Object.values(selectors(this.route)).some((value) => value !== null);
    if (this.listing.isEmpty && !isFiltered) {
      replace(this.content, welcome());
      return;
    }
    replace(
      this.content,
      this.filters,
      this.selection.element,
      h(
        "div",
        { class: "card flush" },
        h("div", { class: "table-frame" }, h("table", { class: "table runs-table" }, h("caption", { class: "unseen" }, "All runs"), h("thead", {}, this.sorting.headings), this.rows.body)),
      ),
      h("div", {}, this.more),
    );
    this.#catchUp();
  }

  async #reload() {
    try {
      await this.load();
    } catch (error) {
      if (!isAbort(error)) replace(this.content, this.filters, problemNotice(error, () => this.#reload()));
    }
  }

  async #loadMore() {
    await this.listing.loadMore();
    this.#catchUp();
  }

  /** What others did meanwhile: the stream tells of known jobs only. */
  async #lookRegularly() {
    while (!this.signal.aborted) {
      await new Promise((resolve) => { setTimeout(resolve, 1000 * LOOK_SECONDS); });
      if (this.signal.aborted || document.hidden) continue;
      try {
        const wasEmpty = this.listing.isEmpty;
        for (const id of await this.listing.look()) this.#changed.add(id);
        if (wasEmpty && !this.listing.isEmpty) await this.load();
        else this.#catchUp();
      } catch (error) {
        if (isAbort(error)) return;
        this.following.tell("lost");
      }
    }
  }

  /** There are other runs than before: they are shown, followed, and get their curves. */
  #catchUp() {
    this.draw();
    this.following.follow(this.listing.jobs);
    this.curves.load(this.#shown());
  }

  /** What is listed, in the order that was chosen. */
  #shown() {
    return this.sorting.sorted(this.listing.jobs.filter((job) => isFound(job, this.route)));
  }

  draw() {
    this.rows.draw(this.#shown(), this.#changed);
    this.#changed.clear();
    this.more.hidden = !this.listing.hasMore;
    this.selection.draw(this.listing.jobs);
  }

  /** @param {string} id */
  #touch(id) {
    this.#changed.add(id);
    this.#drawing ||= requestAnimationFrame(() => {
      this.#drawing = 0;
      if (!this.signal.aborted) this.draw();
    });
  }

  /** @param {Job[]} jobs */
  #remove(jobs) {
    remove(jobs, {
      onChange: () => {
        if (!this.signal.aborted) this.draw();
      },
      onDone: (id) => {
        this.listing.forget(id);
        this.rows.forget(id);
        if (!this.signal.aborted) this.selection.forget(id);
      },
    });
  }

  /**
   * @param {string} id
   * @param {JobEvent} event
   */
  #happened(id, event) {
    const job = this.listing.of(id);
    if (job === undefined || event.seq < job.seq) return;
    advance(job, event);
    if (event.type === "epoch") this.curves.extend(id, event.epoch);
    if (event.type === "end") this.#lookAt(id);
    this.#touch(id);
  }

  /** @param {string} id */
  async #lookAt(id) {
    try {
      await this.listing.lookAt(id);
      this.#touch(id);
    } catch {
      // The next look at the list tells.
    }
  }
}
