/** The rows of the table: each is kept, and written anew only where its run has changed. */

/** @import { Epoch, Job } from "../../lib/types.js" */

import { h, replace, svg } from "../../lib/dom.js";
import { nameOf } from "../../lib/jobs.js";
import { COLUMNS } from "./columns.js";

/**
 * @typedef {object} Source
 * @property {(id: string) => Epoch[]} curve
 * @property {(id: string) => boolean} isSelected
 * @property {(id: string) => void} onSelect
 * @property {(job: Job) => void} onRemove
 */

export class Rows {
  /** @type {Map<string, HTMLTableRowElement>} */
  #rows = new Map();

  /** @param {Source} source */
  constructor(source) {
    this.source = source;
    this.body = h("tbody");
  }

  /**
   * @param {Job[]} shown In their order.
   * @param {Set<string>} changed Which of them are not as they were drawn.
   */
  draw(shown, changed) {
    const rows = shown.map((job) => {
      const known = this.#rows.get(job.id);
      const row = known ?? h("tr", { dataset: { job: job.id } });
      if (known === undefined || changed.has(job.id)) this.#fill(row, job);
      this.#rows.set(job.id, row);
      return row;
    });
    if (rows.length === 0) rows.push(h("tr", {}, h("td", { colspan: COLUMNS.length + 2, class: "empty" }, "No runs match these filters.")));
    // Only where something moved, or the focus would be lost.
    if (rows.length !== this.body.rows.length || rows.some((row, place) => this.body.rows[place] !== row)) replace(this.body, rows);
  }

  /** @param {string} id */
  forget(id) {
    this.#rows.delete(id);
  }

  /** Other runs are listed from now on. */
  clear() {
    this.#rows.clear();
  }

  /**
   * @param {HTMLTableRowElement} row
   * @param {Job} job
   */
  #fill(row, job) {
    const { source } = this;
    const focused = /** @type {HTMLElement | null} */ (row.contains(document.activeElement) ? document.activeElement : null)?.dataset.part;
    const name = nameOf(job);
    const isRunning = job.status === "running";
    replace(
      row,
      h("td", { class: "select" }, h("input", { type: "checkbox", "aria-label": `Select ${name}`, dataset: { part: "select" }, checked: source.isSelected(job.id), onchange: () => source.onSelect(job.id) })),
      COLUMNS.map(({ className, label, cell }) => h("td", { class: className, dataset: className === "number" ? { label } : {} }, cell(job, source.curve(job.id)))),
      h(
        "td",
        { class: "number" },
        h("button", { class: "button quiet icon", type: "button", dataset: { part: "delete" }, disabled: isRunning, title: isRunning ? "Cancel it first." : "Delete", "aria-label": `Delete ${name}`, onclick: () => source.onRemove(job) }, bin()),
      ),
    );
    if (focused) /** @type {HTMLElement | null} */ (row.querySelector(`[data-part="${focused}"]`))?.focus();
    else if (row.matches(":focus-within")) row.querySelector("a")?.focus();
  }
}

const bin = () =>
  svg(
    "svg",
    { viewBox: "0 0 24 24", fill: "none", stroke: "currentColor", "stroke-width": 1.6, "stroke-linecap": "round", "stroke-linejoin": "round", "aria-hidden": "true" },
    svg("path", { d: "M5 7h14M10 7V4.5h4V7M7 7l.8 12.5h8.4L17 7M10.2 10.5v6M13.8 10.5v6" }),
  );
