/**
 * The predictions of the model over one column, and how they change from checkpoint to checkpoint.
 *
 * @typedef {import("./context.js").Context} Context
 * @typedef {import("./decision.js").Known} Known
 * @typedef {import("./response_plot.js").Response} Response
 */

/** @import { DatasetColumn } from "../../lib/types.js" */

import { post } from "../../lib/api.js";
import { h, replace } from "../../lib/dom.js";
import { count, number } from "../../lib/format.js";
import { classLegend, inWords, noteOn, targetChoice, targetOf, truthOf, usualValues } from "./answer_parts.js";
import { answersOf } from "./answers.js";
import { singleFlight } from "./single_flight.js";
import { axisOf, lineRows } from "./grid.js";
import { partAlong } from "./plot_frame.js";
import { responsePlot } from "./response_plot.js";
import { scrubber } from "./scrubber.js";

export class ResponseCurves {
  /** @param {HTMLElement} root @param {Context} context @param {AbortSignal} signal @param {Known} known */
  constructor(root, context, signal, known) {
    this.context = context;
    this.signal = signal;
    this.known = known;
    /** @type {Response | null} */
    this.response = null;
    /** The place that is told. @type {number | null} */
    this.place = null;
    /** @type {ReturnType<typeof responsePlot> | null} */
    this.plot = null;
    this.frame = h("div", {
      class: "run-response",
      onpointermove: (/** @type {PointerEvent} */ event) => this.#point(event),
      onpointerleave: () => this.#choose(null),
      onkeydown: (/** @type {KeyboardEvent} */ event) => this.#step(event),
    });
    this.reading = h("p", { class: "small run-reading", role: "status" });
    const problem = h("div", { class: "run-problem" });
    const { task } = known.model;
    this.ask = singleFlight(() => this.#show(), { problem, signal });
    replace(root, h("section", { class: "card run-decision" },
      h("div", { class: "run-metric-head" }, h("h2", {}, task.kind === "regression" ? "Response curve" : "Class probabilities"),
        h("div", { class: "row run-choices" }, targetChoice(context, task, () => void this.ask()))),
      known.scrubs ? scrubber(context, signal) : null, problem, this.frame, this.reading,
      task.kind === "regression" ? null : classLegend(task),
      h("p", { class: "muted small" },
        task.kind === "regression" ? "The line is the prediction, the points are rows. "
          : "Each row is a point on the curve of its actual class, at the probability predicted for that class. ",
        noteOn(known, 1))));
    context.selected.addEventListener("change", () => void this.ask(), { signal });
    void this.ask();
  }

  /** Shows the predictions of the selected checkpoint. */
  async #show() {
    const { model, rows, dataset, columns } = this.known;
    const { task } = model;
    const x = axisOf(/** @type {DatasetColumn} */ (columns[0]));
    const { along, rows: asked } = lineRows(model.inputs, x, usualValues(dataset.columns));
    const query = this.context.selected.query;
    const told = await post(`/v1/models/${model.id}/predictions`, { rows: asked }, { signal: this.signal, query });
    const place = targetOf(this.context, task);
    const target = task.targets[place] ?? "";
    const points = rows.flatMap((row) => {
      const [at, value] = [row[x.name], truthOf(row, target, task)];
      return typeof at === "number" && value !== null ? [{ x: at, value }] : [];
    });
    this.response = { x, along, answers: answersOf(told, task, place), points, target };
    this.#draw(this.response);
  }

  /** @param {Response} response */
  #draw(response) {
    const { label, epoch } = this.context.selected;
    const focused = this.frame.contains(document.activeElement);
    this.plot = responsePlot(response,
      `Predictions over ${response.x.name} at ${label}, with ${count(response.points.length)} rows as points. Arrow keys go along.`);
    const { root } = this.plot;
    root.setAttribute("tabindex", "0");
    root.dataset.epoch = String(epoch);
    replace(this.frame, root);
    if (focused) root.focus();
    this.#choose(this.place);
  }

  /** @param {PointerEvent} event */
  #point(event) {
    if (this.plot === null || this.response === null) return;
    const part = partAlong(this.plot.root, event);
    this.#choose(part < 0 || part > 1 ? null : Math.round(part * (this.response.along.length - 1)));
  }

  /** @param {KeyboardEvent} event */
  #step(event) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step === undefined || this.response === null) return;
    event.preventDefault();
    const last = this.response.along.length - 1;
    const here = this.place ?? Math.round(last / 2) - step;
    this.#choose(Math.min(Math.max(0, here + step), last));
  }

  /** Writes the prediction at a position along the column below the plot. @param {number | null} place */
  #choose(place) {
    this.place = place;
    const at = place === null ? null : this.response?.along[place] ?? null;
    this.plot?.mark(at);
    if (at === null || place === null || this.response === null) {
      replace(this.reading, "Point at the plot, or use the arrow keys, to see the prediction there.");
      return;
    }
    const { x, answers } = this.response;
    replace(this.reading, `${x.name} ${number(at, 3)}: `, h("strong", {}, inWords(answers, place)));
  }
}
