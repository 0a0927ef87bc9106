/**
 * The network with its weights, and what it does with one row of the data.
 *
 * @typedef {import("./context.js").Context} Context
 * @typedef {import("./traced.js").UnitColumn} UnitColumn
 * @typedef {import("./network_drawing.js").Spot} Spot
 */

/** @import { Model, Row } from "../../lib/types.js" */

import { h, replace } from "../../lib/dom.js";
import { count, number } from "../../lib/format.js";
import { onThemeChange } from "../../lib/theme.js";
import { activationMaps } from "./activations.js";
import { singleFlight } from "./single_flight.js";
import { signed } from "./colours.js";
import { axisColumns, isWholePicture, showDecision } from "./decision.js";
import { axisOf } from "./grid.js";
import { drawNetwork } from "./network_drawing.js";
import { scrubber } from "./scrubber.js";
import { asTraced, trace, unitColumns } from "./traced.js";
import { MAX_UNITS, Units } from "./units.js";
import { waitingForModel } from "./waiting.js";

const MAX_WEIGHTS_TOLD = 8;

/** @param {HTMLElement} root @param {Context} context @param {AbortSignal} signal */
export async function showNetwork(root, context, signal) {
  replace(root, waitingForModel(context.run));
  const [model, dataset, rows] = await Promise.all([
    context.source.model(), context.source.dataset(), context.source.rows(),
  ]);
  signal.throwIfAborted();
  if (rows.length === 0) {
    replace(root, h("p", { class: "card empty" }, "The dataset of this run was deleted: there is no row to show."));
    return;
  }
  const columns = axisColumns(model, dataset);
  const isWhole = columns.length === model.inputs.length && isWholePicture(columns);
  const drawing = h("div", {});
  const answers = h("div", { hidden: !isWhole });
  replace(root, h("div", { class: "run-overview" }, drawing, answers));
  new NetworkView(drawing, context, signal, { model, rows, plane: isWhole && columns.length === 2 ? columns.map(axisOf) : [] });
  if (isWhole) await showDecision(answers, context, signal, { scrubs: false });
}

class NetworkView {
  /**
   * @param {HTMLElement} root @param {Context} context @param {AbortSignal} signal
   * @param {{model: Model, rows: Row[], plane: import("./grid.js").Axis[]}} known
   */
  constructor(root, context, signal, known) {
    this.context = context;
    this.signal = signal;
    this.known = known;
    /** @type {UnitColumn[]} */
    this.columns = [];
    /** @type {Map<string, string[]> | null} */
    this.maps = null;
    /** @type {import("./network_drawing.js").Drawing | null} */
    this.drawing = null;
    /** @type {Spot | null} */
    this.spot = null;
    this.frame = h("div", { class: "run-net-frame" });
    this.reading = h("p", { class: "run-net-reading", role: "status" });
    const problem = h("div", { class: "run-problem" });
    this.ask = singleFlight(() => this.#show(), { problem, signal });
    this.units = new Units(context.state, () => void this.ask());
    replace(root, h("section", { class: "card run-net" },
      h("div", { class: "run-metric-head" }, h("h2", {}, "The network"), this.#rowChoice()),
      scrubber(context, signal), problem, this.units.root, this.frame, this.reading,
      h("ul", { class: "run-classes" },
        h("li", {}, h("i", { class: "run-swatch net-key positive" }), "positive"),
        h("li", {}, h("i", { class: "run-swatch net-key negative" }), "negative"),
        h("li", { class: "muted" }, "Lines are weights: the thicker, the larger."),
        known.plane.length === 2 ? h("li", { class: "muted" }, "Pictures: the activation of a unit over the two columns.") : null)));
    context.selected.addEventListener("change", () => void this.ask(), { signal });
    onThemeChange(() => void this.ask(), signal);
    void this.ask();
  }

  /** The network as it is now. */
  async #show() {
    const { model, rows, plane } = this.known;
    const how = { units: this.units.query, query: this.context.selected.query, signal: this.signal };
    const row = rows[this.#row()] ?? {};
    const [x, y] = plane;
    const [told, maps] = await Promise.all([
      trace(model, [asTraced(model, row)], { corner: MAX_UNITS, ...how }),
      x === undefined || y === undefined ? null : activationMaps(model, x, y, how),
    ]);
    this.columns = unitColumns(told);
    this.maps = maps;
    this.units.draw(this.columns);
    this.#draw();
  }

  #draw() {
    const scale = signed();
    const most = this.columns.map((column) => Math.max(...column.values.map((value) => Math.abs(value ?? 0))) || 1);
    const drawing = drawNetwork(this.columns, {
      fill: ({ column, unit }) =>
        `rgb(${scale((0.7 * (this.columns[column]?.values[unit] ?? 0)) / (most[column] ?? 1)).join(" ")})`,
      picture: ({ column, unit }) => this.maps?.get(this.columns[column]?.name ?? "")?.[unit] ?? null,
      onSpot: (spot) => this.#choose(spot),
    });
    drawing.root.addEventListener("keydown", (event) => this.#step(event));
    const focused = this.drawing !== null && this.drawing.root === document.activeElement;
    this.drawing = drawing;
    replace(this.frame, drawing.root);
    if (focused) drawing.root.focus();
    this.#choose(this.spot);
  }

  /** @param {Spot | null} spot */
  #choose(spot) {
    this.spot = spot;
    this.drawing?.select(spot);
    replace(this.reading, spot === null ? "Point at a unit, or use the arrow keys, to see its numbers." : this.#told(spot));
  }

  /** @param {Spot} spot */
  #told({ column, unit }) {
    const layer = this.columns[column];
    if (layer === undefined) return "";
    const before = this.columns[column - 1]?.units ?? [];
    const weights = (layer.weights[unit] ?? []).map((weight, from) => `${before[from] ?? from + 1} ${number(weight, 3)}`);
    const parts = [
      layer.sums[unit] === undefined ? "" : `z = ${number(layer.sums[unit])}`,
      `${column === 0 ? "x" : "h"} = ${number(layer.values[unit])}`,
      layer.biases[unit] === undefined ? "" : `bias ${number(layer.biases[unit])}`,
      weights.length === 0 ? "" : `weights: ${weights.slice(0, MAX_WEIGHTS_TOLD).join(", ")}${weights.length > MAX_WEIGHTS_TOLD ? ", …" : ""}`,
    ];
    return [h("strong", {}, `${layer.caption}, ${layer.units[unit]}: `), parts.filter(Boolean).join("; ")];
  }

  /** @param {KeyboardEvent} event */
  #step(event) {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const [across = 0, down = 0] = step;
    const here = this.spot ?? { column: 0, unit: -down };
    const column = Math.min(Math.max(0, here.column + across), this.columns.length - 1);
    const layer = this.columns[column];
    if (layer === undefined) return;
    const unit = here.unit + down;
    const last = layer.units.length - 1;
    if (unit < 0 || (down > 0 && unit > last)) this.units.step(layer, down);
    this.#choose({ column, unit: Math.min(Math.max(0, unit), last) });
  }

  #row() {
    const chosen = this.context.state.number("row") ?? 0;
    return Math.min(Math.max(0, Math.round(chosen)), this.known.rows.length - 1);
  }

  #rowChoice() {
    const field = h("input", {
      type: "number", min: 0, max: this.known.rows.length - 1, value: this.#row(),
      onchange: () => {
        this.context.state.keep("row", field.valueAsNumber || null);
        void this.ask();
      },
    });
    return h("label", { class: "field inline small run-row" },
      h("span", {}, `Numbers for row (of ${count(this.known.rows.length)})`), field);
  }
}
