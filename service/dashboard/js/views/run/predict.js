/**
 * What the model says about a row that the reader makes up.
 *
 * @typedef {import("./context.js").Context} Context
 */

/** @import { Dataset, Label, Model, Predictions, Row } from "../../lib/types.js" */

import { isAbort, post } from "../../lib/api.js";
import { h, replace } from "../../lib/dom.js";
import { number, percent } from "../../lib/format.js";
import { problemNotice } from "../../lib/notice.js";
import { token } from "./colours.js";
import { inputField } from "./input_field.js";
import { usual } from "./grid.js";
import { paintPad } from "./paint_pad.js";
import { scrubber } from "./scrubber.js";
import { waitingForModel } from "./waiting.js";

/** Of more columns the fields begin below a fold. */
const MANY = 24;

/** @param {HTMLElement} root @param {Context} context @param {AbortSignal} signal */
export async function showPredict(root, context, signal) {
  replace(root, waitingForModel(context.run));
  const [model, dataset, rows] = await Promise.all([
    context.source.model(), context.source.dataset(), context.source.rows(),
  ]);
  signal.throwIfAborted();
  if (dataset === null) {
    replace(root, h("p", { class: "card empty" }, "The dataset of this run was deleted, so its columns are unknown."));
    return;
  }
  new Predict(root, context, signal, { model, dataset, rows });
}

class Predict {
  /**
   * @param {HTMLElement} root @param {Context} context @param {AbortSignal} signal
   * @param {{model: Model, dataset: Dataset, rows: Row[]}} known
   */
  constructor(root, context, signal, known) {
    this.context = context;
    this.signal = signal;
    this.known = known;
    const { model, dataset, rows } = known;
    this.columns = dataset.columns.filter((column) => model.inputs.some(({ name }) => name === column.name));
    /** @type {Row} */
    this.row = Object.fromEntries(this.columns.map((column) => [column.name, usual(column)]));
    /** @type {Row | null} */
    this.taken = null;
    this.asking = false;
    this.again = false;
    this.answer = h("div", { class: "run-answer", "aria-live": "polite" });
    this.fields = h("div", { class: "run-fields" });
    this.pad = h("div", {});
    const any = h("button", { class: "button", type: "button", disabled: rows.length === 0, onclick: () => this.#take(rows[Math.floor(Math.random() * rows.length)] ?? {}) }, "A row of the data");
    const folded = this.columns.length > MANY;
    const fields = folded
      ? h("details", {}, h("summary", {}, `All ${this.columns.length} columns`), this.fields)
      : this.fields;
    replace(root,
      h("div", { class: "card run-bar" }, scrubber(context, signal)),
      h("div", { class: "run-predict" },
        h("section", { class: "card stack" }, h("div", { class: "run-metric-head" }, h("h2", {}, "Input row"), any), this.pad, fields),
        h("section", { class: "card run-said" }, h("h2", {}, "Prediction"), this.answer)));
    context.selected.addEventListener("change", () => void this.ask(), { signal });
    // The mean of images is none.
    if (dataset.image !== null && rows[0] !== undefined) this.#take(rows[0]);
    else this.#show();
  }

  #show() {
    this.#draw();
    void this.ask();
  }

  /** Fields and pad, with the values of the row. */
  #draw() {
    const { image } = this.known.dataset;
    replace(this.fields, this.columns.map((column) => inputField(column, this.row[column.name] ?? null, (value) => {
      this.#set(column.name, value);
      if (image !== null) this.#drawPad();
    })));
    this.#drawPad();
  }

  #drawPad() {
    const { image } = this.known.dataset;
    if (image === null || image.channels !== 1 || this.columns.length !== image.width * image.height) return;
    replace(this.pad, paintPad(image, this.columns, this.row, () => {
      this.taken = null;
      void this.ask();
    }));
  }

  /** @param {string} name @param {Label | null} value */
  #set(name, value) {
    this.row[name] = value;
    this.taken = null;
    void this.ask();
  }

  /** Begin with a row of the data. @param {Row} row */
  #take(row) {
    this.row = Object.fromEntries(this.columns.map(({ name }) => [name, row[name] ?? null]));
    this.taken = row;
    this.#show();
  }

  async ask() {
    this.again = this.asking;
    if (this.asking) return;
    this.asking = true;
    try {
      const { model } = this.known;
      const query = this.context.selected.query;
      const told = await post(`/v1/models/${model.id}/predictions`, { records: [this.row] }, { signal: this.signal, query });
      replace(this.answer, this.#told(told));
    } catch (error) {
      if (!isAbort(error)) replace(this.answer, problemNotice(error, () => void this.ask()));
    } finally {
      this.asking = false;
    }
    if (this.again && !this.signal.aborted) void this.ask();
  }

  /** @param {Predictions} told */
  #told(told) {
    const { task } = this.known.model;
    const [said] = told.predictions;
    const each = Array.isArray(said) ? said : [said];
    const answers = task.targets.map((target, place) => h("div", {},
      h("p", { class: "muted small" }, target),
      h("p", { class: "run-big" }, typeof each[place] === "number" && task.kind === "regression" ? number(each[place]) : String(each[place])),
      this.taken === null ? null : h("p", { class: "small" }, "Actual: ", h("strong", {}, String(this.taken[target])))));
    return [answers, this.#bars(told)];
  }

  /** @param {Predictions} told */
  #bars({ probabilities }) {
    const { task } = this.known.model;
    const parts = probabilities?.[0];
    if (parts === undefined) return null;
    const names = task.kind === "multilabel" ? task.targets : task.classes;
    return h("dl", { class: "run-bars" }, parts.map((part, place) => h("div", {},
      h("dt", {}, String(names[place])),
      h("dd", {},
        h("span", { class: "run-bar-track" }, h("span", { class: "run-bar-fill", style: { width: `${100 * part}%`, background: `var(${token(place)})` } })),
        percent(part)))));
  }
}
