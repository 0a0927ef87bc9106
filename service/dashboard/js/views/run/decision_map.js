/**
 * The predictions of the model over two columns, and how they change from checkpoint to checkpoint.
 *
 * @typedef {import("./context.js").Context} Context
 * @typedef {import("./decision_canvas.js").Scene} Scene
 * @typedef {import("./decision.js").Known} Known
 */

/** @import { DatasetColumn } from "../../lib/types.js" */

import { post } from "../../lib/api.js";
import { h, replace } from "../../lib/dom.js";
import { count, number } from "../../lib/format.js";
import { onThemeChange } from "../../lib/theme.js";
import { choice, classLegend, inWords, noteOn, targetChoice, targetOf, truthOf } from "./answer_parts.js";
import { answersOf } from "./answers.js";
import { singleFlight } from "./single_flight.js";
import { token } from "./colours.js";
import { cellAt, paintDecision } from "./decision_canvas.js";
import { sideFor } from "./grid.js";
import { planeOfColumns, planeOfComponents } from "./planes.js";
import { scrubber } from "./scrubber.js";

/** How far from its mean a number of a regression has its full colour. */
const DEVIATIONS = 1.5;
const COLUMNS = "two columns";
const COMPONENTS = "principal components";

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
      onpointermove: (/** @type {PointerEvent} */ event) => this.#tell(event),
      onpointerleave: () => this.#tell(null),
    });
    this.reading = h("p", { class: "small run-reading" });
    this.legend = h("div", {});
    this.note = h("p", { class: "muted small" });
    const problem = h("div", { class: "run-problem" });
    this.ask = singleFlight(() => this.#show(), { problem, signal });
    replace(root, h("section", { class: "card run-decision" },
      h("div", { class: "run-metric-head" }, h("h2", {}, known.model.task.kind === "regression" ? "Response surface" : "Decision boundary"), this.#choices()),
      known.scrubs ? scrubber(context, signal) : null, problem, this.canvas, this.reading, this.legend,
      this.note));
    const resize = new ResizeObserver(() => this.#paint());
    resize.observe(this.canvas);
    signal.addEventListener("abort", () => resize.disconnect());
    context.selected.addEventListener("change", () => void this.ask(), { signal });
    onThemeChange(() => this.#paint(), signal);
    void this.ask();
  }

  /** Shows the predictions of the selected checkpoint. */
  async #show() {
    this.scene = await this.#scene();
    this.#paint();
    this.#tell(null);
    replace(this.legend, this.#legend());
    replace(this.note, this.#note());
  }

  /** @returns {Promise<Scene>} */
  async #scene() {
    const { model, rows } = this.known;
    const { task } = model;
    const plane = this.#plane();
    const { x, y } = plane;
    const side = sideFor(model.inputs.length);
    const body = { rows: plane.rows(side) };
    const query = this.context.selected.query;
    const told = await post(`/v1/models/${model.id}/predictions`, body, { signal: this.signal, query });
    const target = targetOf(this.context, task);
    const name = task.targets[target] ?? "";
    const points = rows.flatMap((row) => pointOf(plane.place(row), truthOf(row, name, task)));
    return { x, y, side, answers: answersOf(told, task, target), points, span: this.#span() };
  }

  #paint() {
    if (this.scene === null || this.canvas.clientWidth === 0) return;
    paintDecision(this.canvas, this.scene);
    const { x, y } = this.scene;
    this.canvas.setAttribute("aria-label",
      `Predictions over ${x.name} and ${y.name} at ${this.context.selected.label}, with ${count(this.scene.points.length)} rows as points.`);
    this.canvas.dataset.epoch = String(this.context.selected.epoch);
  }

  /** Writes the prediction under the pointer below the map. @param {PointerEvent | null} event */
  #tell(event) {
    const { scene } = this;
    const cell = event === null || scene === null ? null : cellAt(this.canvas, event.offsetX, event.offsetY, scene.side);
    if (cell === null || scene === null) {
      replace(this.reading, "Point at the map to see the prediction there.");
      return;
    }
    const { x, y, answers } = scene;
    const left = x.low + cell.x * (x.high - x.low);
    const top = y.high - cell.y * (y.high - y.low);
    replace(this.reading, `${x.name} ${number(left, 3)}, ${y.name} ${number(top, 3)}: `, h("strong", {}, inWords(answers, cell.place)));
  }

  /** @returns {import("./planes.js").Plane} */
  #plane() {
    const { columns, model, dataset, rows } = this.known;
    if (this.#isProjected()) return planeOfComponents(model.inputs, columns, dataset.columns, rows);
    return planeOfColumns(model.inputs, ...this.#axes(), dataset.columns);
  }

  #isProjected() {
    return this.known.columns.length > 2 && this.context.state.text("plane") === COMPONENTS;
  }

  /** The two columns that are chosen. @returns {[DatasetColumn, DatasetColumn]} */
  #axes() {
    const { columns } = this.known;
    const chosen = (/** @type {string} */ name, /** @type {number} */ place) =>
      columns.find((column) => column.name === this.context.state.text(name)) ?? /** @type {DatasetColumn} */ (columns[place]);
    const [x = 0, y = 1] = columns.length === 2 ? [] : mostVaried(columns);
    return [chosen("x", x), chosen("y", y)];
  }

  #choices() {
    const { columns, model } = this.known;
    const [x, y] = this.#axes();
    const options = columns.map((column) => column.name);
    const onchange = () => void this.ask();
    const axes = [
      choice(this.context, { name: "x", label: "Across", options, chosen: x.name, onchange }),
      choice(this.context, { name: "y", label: "Up", options, chosen: y.name, onchange }),
    ];
    const hide = () => {
      for (const axis of axes) axis.hidden = this.#isProjected();
    };
    const plane = choice(this.context, {
      name: "plane", label: "Over", options: [COLUMNS, COMPONENTS], chosen: this.#isProjected() ? COMPONENTS : COLUMNS,
      onchange: () => {
        hide();
        onchange();
      },
    });
    hide();
    return h("div", { class: "row run-choices" },
      columns.length > 2 ? plane : null,
      model.inputs.length > 2 ? axes : null,
      targetChoice(this.context, model.task, onchange));
  }

  #note() {
    const { known } = this;
    if (!this.#isProjected()) return noteOn(known, 2);
    return ["The plane of the first two principal components of the numeric columns, each divided by its standard deviation. Points are projected onto it: ",
      "the prediction for a row may differ from the colour below it. ", noteOn(known, Infinity)];
  }

  #legend() {
    const { task } = this.known.model;
    return task.kind === "regression" ? this.#scale() : classLegend(task);
  }

  /** The colours of numbers. */
  #scale() {
    const [low, high] = this.#span();
    return h("p", { class: "run-scale small muted" }, number(low, 3),
      h("i", { style: { background: `linear-gradient(to right, var(${token(0)}), var(--surface), var(${token(1)}))` } }), number(high, 3));
  }

  /** The numbers between which colours change: most of those that there are. @returns {[number, number]} */
  #span() {
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
 * @param {DatasetColumn[]} columns
 */
function mostVaried(columns) {
  const most = Math.max(...columns.map((column) => column.distinct));
  const spread = (/** @type {DatasetColumn} */ { minimum, maximum, standard_deviation }) => (standard_deviation ?? 0) / ((maximum ?? 1) - (minimum ?? 0) || 1);
  return columns
    .map((column, place) => ({ place, part: column.distinct > most / 2 ? spread(column) : 0 }))
    .sort((a, b) => b.part - a.part)
    .map(({ place }) => place);
}

/** A row as a point, or none: where something is missing. @param {[number, number] | null} place @param {number | null} value */
function pointOf(place, value) {
  return place !== null && value !== null ? [{ x: place[0], y: place[1], value }] : [];
}
