/**
 * Which units of large layers are shown: so many from one on, by their numbers or the strongest first.
 *
 * @typedef {import("./state.js").State} State
 * @typedef {import("./traced.js").UnitColumn} UnitColumn
 */

/** @import { TraceRequest } from "../../lib/types.js" */

import { h, replace } from "../../lib/dom.js";
import { count } from "../../lib/format.js";

/** Units of a layer that are shown together. */
export const MAX_UNITS = 12;
const BETWEEN = ",";

/** Keeps the choice in the address, as `units=features:24,layers.0:12` and `strongest=1`. */
export class Units {
  /** @param {State} state @param {() => void} onchange */
  constructor(state, onchange) {
    this.state = state;
    this.onchange = onchange;
    this.root = h("div", { class: "run-units", hidden: true });
    /** @type {Map<string, ReturnType<typeof windowOf>>} */
    this.windows = new Map();
    this.strongest = h("button", {
      class: "chip", type: "button", "aria-pressed": this.byNorm,
      onclick: () => {
        state.keep("strongest", this.byNorm ? null : 1);
        this.strongest.setAttribute("aria-pressed", String(this.byNorm));
        onchange();
      },
    }, "Strongest first");
  }

  /** Whether those with the largest weights come first. */
  get byNorm() {
    return this.state.text("strongest") !== null;
  }

  /** The unit that a layer begins with, by the name of the layer. @returns {Map<string, number>} */
  get first() {
    const given = (this.state.text("units") ?? "").split(BETWEEN).map((part) => part.split(":"));
    return new Map(given.flatMap(([name = "", unit = ""]) => (/^\d+$/.test(unit) ? [[name, Number(unit)]] : [])));
  }

  /** What to ask a trace for. @returns {Pick<TraceRequest, "unit_order" | "first_unit">} */
  get query() {
    const first = this.first;
    return {
      unit_order: this.byNorm ? "weight_norm" : "number",
      ...(first.size === 0 ? {} : { first_unit: Object.fromEntries(first) }),
    };
  }

  /** Begin a layer with another unit. @param {UnitColumn} column @param {number} unit */
  go({ name, size }, unit) {
    const first = this.first;
    const kept = Math.min(Math.max(0, unit), Math.max(0, size - MAX_UNITS));
    if (kept === (first.get(name) ?? 0)) return;
    if (kept === 0) first.delete(name);
    else first.set(name, kept);
    const told = [...first].map(([layer, at]) => `${layer}:${at}`).join(BETWEEN);
    this.state.keep("units", told === "" ? null : told);
    this.onchange();
  }

  /** Go on by a unit, or back. @param {UnitColumn} column @param {number} step */
  step(column, step) {
    this.go(column, (this.first.get(column.name) ?? 0) + step);
  }

  /** Offer the choice for what is shown. @param {UnitColumn[]} columns */
  draw(columns) {
    const large = columns.filter((column) => column.size > MAX_UNITS);
    this.root.hidden = large.length === 0;
    const isNew = large.length !== this.windows.size || large.some(({ name }) => !this.windows.has(name));
    if (isNew) {
      this.windows = new Map(large.map((column) => [column.name, this.#window(column, columns.indexOf(column))]));
      replace(this.root, this.strongest, [...this.windows.values()].map((each) => each.root));
    }
    const first = this.first;
    for (const [name, { show }] of this.windows) show(first.get(name) ?? 0);
  }

  /** @param {UnitColumn} column @param {number} place that of the layer */
  #window(column, place) {
    const title = column.name.includes(".") ? `Layer ${place}, ${column.caption}` : column.caption;
    return windowOf(title, column.size, (unit) => this.go(column, unit));
  }
}

/**
 * A slider along the units of a layer.
 *
 * @param {string} title @param {number} size @param {(unit: number) => void} go
 */
function windowOf(title, size, go) {
  const told = h("output", {});
  const slider = h("input", {
    type: "range", min: 0, max: size - MAX_UNITS, step: 1, value: 0, "aria-label": `Units of ${title}`,
    oninput: () => go(slider.valueAsNumber),
  });
  const show = (/** @type {number} */ first) => {
    const text = `${count(first + 1)}–${count(first + MAX_UNITS)} of ${count(size)}`;
    slider.value = String(first);
    slider.setAttribute("aria-valuetext", text);
    told.value = text;
  };
  return { root: h("label", { class: "run-window small" }, h("span", {}, title), slider, told), show };
}
