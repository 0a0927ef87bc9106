/**
 * What the model answers over two columns, and how that changes from checkpoint to checkpoint.
 *
 * @typedef {import("./context.js").Context} Context
 * @typedef {import("./shapes.js").Model} Model
 * @typedef {import("./shapes.js").Column} Column
 * @typedef {import("./shapes.js").Label} Label
 * @typedef {import("./decision_canvas.js").Scene} Scene
 */

import { isAbort, post } from "../lib/api.js";
import { h, replace } from "../lib/dom.js";
import { count, number, percent } from "../lib/format.js";
import { problemNotice } from "../lib/notice.js";
import { onThemeChange } from "../lib/theme.js";
import { answersOf } from "./answers.js";
import { token } from "./colours.js";
import { cellAt, paintDecision } from "./decision_canvas.js";
import { axisOf, gridRows, sideFor, usual } from "./grid.js";
import { scrubber } from "./scrubber.js";
import { waitingForModel } from "./waiting.js";

/** How far from its mean a number of a regression has its full colour. */
const DEVIATIONS = 1.5;

/**
 * The columns that can be an axis.
 *
 * @param {Model} model
 * @param {import("./shapes.js").Dataset | null} dataset
 * @returns {Column[]}
 */
export function axisColumns(model, dataset) {
  const names = new Set(model.inputs.map((input) => input.name));
  return (dataset?.columns ?? []).filter(
    (column) => names.has(column.name) && column.minimum !== null && column.kind !== "boolean",
  );
}

/**
 * @param {HTMLElement} root @param {Context} context @param {AbortSignal} signal
 * @param {{scrubs?: boolean}} [how] `scrubs`: with a scrubber of its own
 */
export async function showDecision(root, context, signal, { scrubs = true } = {}) {
  replace(root, waitingForModel(context.run));
  const [model, dataset, rows] = await Promise.all([
    context.source.model(), context.source.dataset(), context.source.rows(),
  ]);
  signal.throwIfAborted();
  const columns = axisColumns(model, dataset);
  if (dataset === null || columns.length < 2) {
    const reason = dataset === null
      ? "The dataset of this run was deleted, so nobody knows where to look."
      : "A map needs two columns of numbers.";
    replace(root, h("p", { class: "card empty" }, reason));
    return;
  }
  new Decision(root, context, signal, { model, dataset, rows, columns, scrubs });
}

class Decision {
  /**
   * @param {HTMLElement} root @param {Context} context @param {AbortSignal} signal
   * @param {{model: Model, dataset: import("./shapes.js").Dataset, rows: import("./shapes.js").Row[], columns: Column[], scrubs: boolean}} known
   */
  constructor(root, context, signal, known) {
    this.context = context;
    this.signal = signal;
    this.known = known;
    /** @type {Scene | null} */
    this.scene = null;
    this.asking = false;
    this.again = false;
    this.canvas = h("canvas", {
      class: "run-map", role: "img",
      onpointermove: (/** @type {PointerEvent} */ event) => this._tell(event),
      onpointerleave: () => this._tell(null),
    });
    this.reading = h("p", { class: "small run-reading" });
    this.problem = h("div", {});
    const { columns, rows, dataset } = known;
    const others = known.model.inputs.length > 2;
    replace(root, h("section", { class: "card run-decision" },
      h("div", { class: "run-metric-head" }, h("h2", {}, "What it answers"), this._choices(others)),
      known.scrubs ? scrubber(context, signal) : null, this.problem, this.canvas, this.reading, this._legend(),
      h("p", { class: "muted small" }, [
        rows.length < dataset.rows ? `Points: the first ${count(rows.length)} of ${count(dataset.rows)} rows. ` : "",
        others ? "The other columns are at their mean, or their most frequent value." : "",
      ])));
    this.columns = columns;
    const resize = new ResizeObserver(() => this._paint());
    resize.observe(this.canvas);
    signal.addEventListener("abort", () => resize.disconnect());
    context.shown.addEventListener("change", () => void this.ask(), { signal });
    onThemeChange(() => this._paint(), signal);
    void this.ask();
  }

  /** Ask for the answers of the model that is shown; once more if it changes meanwhile. */
  async ask() {
    this.again = this.asking;
    if (this.asking) return;
    this.asking = true;
    try {
      this.scene = await this._scene();
      replace(this.problem);
      this._paint();
      this._tell(null);
    } catch (error) {
      if (!isAbort(error)) replace(this.problem, problemNotice(error, () => void this.ask()));
    } finally {
      this.asking = false;
    }
    if (this.again && !this.signal.aborted) void this.ask();
  }

  /** @returns {Promise<Scene>} */
  async _scene() {
    const { model, rows, dataset } = this.known;
    const [x, y] = this._axes();
    const side = sideFor(model.inputs.length);
    const others = new Map(dataset.columns.map((column) => [column.name, usual(column)]));
    const body = { rows: gridRows(model.inputs, x, y, others, side) };
    const query = this.context.shown.query;
    const told = await post(`/v1/models/${model.id}/predictions`, body, { signal: this.signal, query });
    const target = this._target();
    const name = model.task.targets[target] ?? "";
    const column = dataset.columns.find((each) => each.name === name);
    const points = rows.flatMap((row) => pointOf(row[x.name], row[y.name], placeOf(row[name], model.task)));
    const span = spanOf(column);
    return { x, y, side, answers: answersOf(told, model.task, target), points, span };
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
    const answer = answers.kind === "numbers" ? number(answers.values[cell.place]) : likely(answers, cell.place);
    replace(this.reading, `${x.name} ${number(left, 3)}, ${y.name} ${number(top, 3)}: `, h("strong", {}, answer));
  }

  /** @returns {[import("./grid.js").Axis, import("./grid.js").Axis]} */
  _axes() {
    const { columns } = this.known;
    const chosen = (/** @type {string} */ name, /** @type {number} */ place) =>
      columns.find((column) => column.name === this.context.state.text(name)) ?? /** @type {Column} */ (columns[place]);
    const [x = 0, y = 1] = columns.length === 2 ? [] : mostVaried(columns);
    return [axisOf(chosen("x", x)), axisOf(chosen("y", y))];
  }

  _target() {
    const place = this.known.model.task.targets.indexOf(this.context.state.text("target") ?? "");
    return Math.max(0, place);
  }

  /** @param {boolean} others whether there are more than two columns */
  _choices(others) {
    const { columns, model } = this.known;
    const [x, y] = this._axes();
    const names = columns.map((column) => column.name);
    const targets = model.task.targets;
    return h("div", { class: "row run-choices" },
      others ? [this._select("x", "Across", names, x.name), this._select("y", "Up", names, y.name)] : null,
      targets.length > 1 ? this._select("target", "Target", targets, targets[this._target()] ?? "") : null);
  }

  /** @param {string} name @param {string} label @param {string[]} options @param {string} chosen */
  _select(name, label, options, chosen) {
    const select = h("select", {
      value: chosen,
      onchange: () => {
        this.context.state.keep(name, select.value);
        void this.ask();
      },
    }, options.map((option) => h("option", { value: option }, option)));
    return h("label", { class: "field inline small" }, h("span", {}, label), select);
  }

  _legend() {
    const { task } = this.known.model;
    const names = task.classes;
    if (task.kind === "regression") return this._scale();
    return h("ul", { class: "run-classes" }, names.map((name, place) =>
      h("li", {}, h("i", { class: "run-dot", style: { background: `var(${token(place)})` } }), String(name))));
  }

  /** The colours of numbers. */
  _scale() {
    const { dataset, model } = this.known;
    const [low, high] = spanOf(dataset.columns.find((column) => column.name === model.task.targets[this._target()]));
    return h("p", { class: "run-scale small muted" }, number(low, 3),
      h("i", { style: { background: `linear-gradient(to right, var(${token(0)}), var(--surface), var(${token(1)}))` } }), number(high, 3));
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

/** The numbers between which colours change: most of those that there are. @param {Column | undefined} column @returns {[number, number]} */
function spanOf(column) {
  const reach = DEVIATIONS * (column?.standard_deviation || 1);
  return [(column?.mean ?? 0) - reach, (column?.mean ?? 0) + reach];
}

/**
 * What a point is coloured by: its number, or the place of its class.
 *
 * @param {Label | null | undefined} truth @param {import("./shapes.js").Task} task
 */
function placeOf(truth, task) {
  if (task.kind === "regression") return truth;
  const place = task.classes.findIndex((each) => each === truth);
  return place < 0 ? null : place;
}

/** A row as a point, or none: where something is missing. @param {unknown} x @param {unknown} y @param {unknown} value */
function pointOf(x, y, value) {
  const isThere = typeof x === "number" && typeof y === "number" && typeof value === "number";
  return isThere ? [{ x, y, value }] : [];
}

/** @param {{classes: string[], parts: number[][]}} answers @param {number} place */
function likely({ classes, parts }, place) {
  const row = parts[place] ?? [];
  return row
    .map((part, each) => ({ part, name: classes[each] ?? "" }))
    .sort((a, b) => b.part - a.part)
    .slice(0, 3)
    .map(({ part, name }) => `${name} ${percent(part)}`)
    .join(", ");
}
