/**
 * What the model answers over two columns, and how that changes from checkpoint to checkpoint.
 *
 * @typedef {import("./context.js").Context} Context
 * @typedef {import("./shapes.js").Column} Column
 * @typedef {import("./decision_canvas.js").Scene} Scene
 * @typedef {import("./decision.js").Known} Known
 */

import { post } from "../lib/api.js";
import { h, replace } from "../lib/dom.js";
import { count, number } from "../lib/format.js";
import { onThemeChange } from "../lib/theme.js";
import { choice, classLegend, inWords, noteOn, targetChoice, targetOf, truthOf, usualValues } from "./answer_parts.js";
import { answersOf } from "./answers.js";
import { oneByOne } from "./asking.js";
import { token } from "./colours.js";
import { cellAt, paintDecision } from "./decision_canvas.js";
import { axisOf, gridRows, sideFor } from "./grid.js";
import { scrubber } from "./scrubber.js";

/** How far from its mean a number of a regression has its full colour. */
const DEVIATIONS = 1.5;

export class DecisionMap {
  /** @param {HTMLElement} root @param {Context} context @param {AbortSignal} signal @param {Known} known */
  constructor(root, context, signal, known) {
    this.context = context;
    this.signal = signal;
    this.known = known;
    /** @type {Scene | null} */
    this.scene = null;
    this.canvas = h("canvas", {
      class: "run-map", role: "img",
      onpointermove: (/** @type {PointerEvent} */ event) => this._tell(event),
      onpointerleave: () => this._tell(null),
    });
    this.reading = h("p", { class: "small run-reading" });
    this.legend = h("div", {});
    const problem = h("div", { class: "run-problem" });
    this.ask = oneByOne(() => this._show(), { problem, signal });
    replace(root, h("section", { class: "card run-decision" },
      h("div", { class: "run-metric-head" }, h("h2", {}, "What it answers"), this._choices()),
      known.scrubs ? scrubber(context, signal) : null, problem, this.canvas, this.reading, this.legend,
      h("p", { class: "muted small" }, noteOn(known, 2))));
    const resize = new ResizeObserver(() => this._paint());
    resize.observe(this.canvas);
    signal.addEventListener("abort", () => resize.disconnect());
    context.shown.addEventListener("change", () => void this.ask(), { signal });
    onThemeChange(() => this._paint(), signal);
    void this.ask();
  }

  /** The answers of the model that is shown. */
  async _show() {
    this.scene = await this._scene();
    this._paint();
    this._tell(null);
    replace(this.legend, this._legend());
  }

  /** @returns {Promise<Scene>} */
  async _scene() {
    const { model, rows, dataset } = this.known;
    const { task } = model;
    const [x, y] = this._axes();
    const side = sideFor(model.inputs.length);
    const body = { rows: gridRows(model.inputs, x, y, usualValues(dataset.columns), side) };
    const query = this.context.shown.query;
    const told = await post(`/v1/models/${model.id}/predictions`, body, { signal: this.signal, query });
    const target = targetOf(this.context, task);
    const name = task.targets[target] ?? "";
    const points = rows.flatMap((row) => pointOf(row[x.name], row[y.name], truthOf(row, name, task)));
    return { x, y, side, answers: answersOf(told, task, target), points, span: this._span() };
  }

  _paint() {
    if (this.scene === null || this.canvas.clientWidth === 0) return;
    paintDecision(this.canvas, this.scene);
    const { x, y } = this.scene;
    this.canvas.setAttribute("aria-label",
      `Answers over ${x.name} and ${y.name} at ${this.context.shown.label}, with ${count(this.scene.points.length)} rows as points.`);
    this.canvas.dataset.epoch = String(this.context.shown.epoch);
  }

  /** Say what the model answers below the pointer. @param {PointerEvent | null} event */
  _tell(event) {
    const { scene } = this;
    const cell = event === null || scene === null ? null : cellAt(this.canvas, event.offsetX, event.offsetY, scene.side);
    if (cell === null || scene === null) {
      replace(this.reading, "Point at a place to see what the model answers there.");
      return;
    }
    const { x, y, answers } = scene;
    const left = x.low + cell.x * (x.high - x.low);
    const top = y.high - cell.y * (y.high - y.low);
    replace(this.reading, `${x.name} ${number(left, 3)}, ${y.name} ${number(top, 3)}: `, h("strong", {}, inWords(answers, cell.place)));
  }

  /** @returns {[import("./grid.js").Axis, import("./grid.js").Axis]} */
  _axes() {
    const { columns } = this.known;
    const chosen = (/** @type {string} */ name, /** @type {number} */ place) =>
      columns.find((column) => column.name === this.context.state.text(name)) ?? /** @type {Column} */ (columns[place]);
    const [x = 0, y = 1] = columns.length === 2 ? [] : mostVaried(columns);
    return [axisOf(chosen("x", x)), axisOf(chosen("y", y))];
  }

  _choices() {
    const { columns, model } = this.known;
    const [x, y] = this._axes();
    const options = columns.map((column) => column.name);
    const onchange = () => void this.ask();
    const axes = [
      { name: "x", label: "Across", options, chosen: x.name, onchange },
      { name: "y", label: "Up", options, chosen: y.name, onchange },
    ];
    return h("div", { class: "row run-choices" },
      model.inputs.length > 2 ? axes.map((each) => choice(this.context, each)) : null,
      targetChoice(this.context, model.task, onchange));
  }

  _legend() {
    const { task } = this.known.model;
    return task.kind === "regression" ? this._scale() : classLegend(task);
  }

  /** The colours of numbers. */
  _scale() {
    const [low, high] = this._span();
    return h("p", { class: "run-scale small muted" }, number(low, 3),
      h("i", { style: { background: `linear-gradient(to right, var(${token(0)}), var(--surface), var(${token(1)}))` } }), number(high, 3));
  }

  /** The numbers between which colours change: most of those that there are. @returns {[number, number]} */
  _span() {
    const { dataset, model } = this.known;
    const name = model.task.targets[targetOf(this.context, model.task)];
    const column = dataset.columns.find((each) => each.name === name);
    const reach = DEVIATIONS * (column?.standard_deviation || 1);
    return [(column?.mean ?? 0) - reach, (column?.mean ?? 0) + reach];
  }
}

/**
 * Where the columns with many values are, those first that spread most over their range: in two heaps
 * rather than one with a few strays.
 *
 * @param {Column[]} columns
 */
function mostVaried(columns) {
  const most = Math.max(...columns.map((column) => column.distinct));
  const spread = (/** @type {Column} */ { minimum, maximum, standard_deviation }) => (standard_deviation ?? 0) / ((maximum ?? 1) - (minimum ?? 0) || 1);
  return columns
    .map((column, place) => ({ place, part: column.distinct > most / 2 ? spread(column) : 0 }))
    .sort((a, b) => b.part - a.part)
    .map(({ place }) => place);
}

/** A row as a point, or none: where something is missing. @param {unknown} x @param {unknown} y @param {number | null} value */
function pointOf(x, y, value) {
  return typeof x === "number" && typeof y === "number" && value !== null ? [{ x, y, value }] : [];
}
