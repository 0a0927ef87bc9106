/**
 * The card of one metric: its name, what the lines are with their values, the chart.
 *
 * @typedef {import("./chart.js").Picture} Picture
 * @typedef {import("./chart.js").Line} Line
 *
 * What steers all charts of a run together.
 * @typedef {object} Steering
 * @property {import("./live.js").LiveRun} run
 * @property {() => [number, number]} shown the epochs that charts show
 * @property {(range: [number, number] | null) => void} zoom
 * @property {(event: KeyboardEvent) => void} onKey
 */

/** @import { Epoch } from "../../lib/types.js" */

import { h, replace } from "../../lib/dom.js";
import { count, number } from "../../lib/format.js";
import { Chart } from "./chart.js";
import { exportButtons } from "./export_chart.js";
import { measureName } from "./measures.js";
import { notFiniteName } from "./not_finite.js";
import { dragToPan } from "./panning.js";

export class MetricPanel {
  /** @param {string} metric @param {Steering} curves */
  constructor(metric, curves) {
    this.metric = metric;
    /** @type {number | null} */
    this.place = null;
    /** @type {Picture | null} */
    this.picture = null;
    /** @type {Epoch[]} */
    this.rows = [];
    /** @type {Epoch[]} those in the epochs that are shown */
    this.seen = [];
    this.legend = h("dl", { class: "run-legend" });
    this.figure = h("div", {
      class: "run-chart", tabindex: 0, role: "img", "aria-label": measureName(metric),
      onkeydown: (/** @type {KeyboardEvent} */ event) => curves.onKey(event),
      ondblclick: () => curves.zoom(null),
    });
    this.chart = new Chart(this.figure, {
      sync: curves.run.id,
      onZoom: (range) => curves.zoom(range),
      onPoint: (place) => {
        this.place = place;
        this.#tell();
      },
    });
    dragToPan(this.figure, this.chart, () => curves.shown(), (range) => curves.zoom(range));
    this.root = h("section", { class: "card run-metric" },
      h("div", { class: "run-metric-head" }, h("h2", {}, measureName(metric)), this.legend,
        exportButtons(curves.run, metric, () => this)),
      this.figure);
  }

  /** @param {Picture} picture @param {Epoch[]} rows */
  draw(picture, rows) {
    this.picture = picture;
    this.rows = rows;
    this.chart.draw(picture);
    this.#see(picture.range);
    this.#tell();
  }

  /** Show other epochs of the same rows. @param {[number, number]} range */
  pan(range) {
    this.chart.pan(range);
    this.#see(range);
    this.#describe();
  }

  /** Note which points are to be seen. @param {[number, number]} range */
  #see([from, to]) {
    this.seen = this.rows.filter((row) => row.epoch >= from && row.epoch <= to);
  }

  /** Say the values at the pointer, or the latest ones. */
  #tell() {
    const { row, told, place } = this.#pointed();
    if (row === undefined) return;
    replace(this.legend,
      h("div", {}, h("dt", { class: "muted" }, "epoch"), h("dd", {}, count(row.epoch))),
      told.map((line) => h("div", {},
        h("dt", {}, h("i", { class: "run-swatch", style: { background: `var(${line.token})` } }), line.label),
        h("dd", {}, this.#value(line, row, place)))));
    this.#describe();
  }

  /** The chart in words: which epochs are to be seen, and the values at the pointer. */
  #describe() {
    const { row, told, place } = this.#pointed();
    if (row === undefined) return;
    const [first, last] = [this.seen[0]?.epoch ?? 0, this.seen.at(-1)?.epoch ?? 0];
    const values = told.map((line) => `${line.label} ${number(line.values[place])}`).join(", ");
    this.figure.setAttribute("aria-label",
      `${measureName(this.metric)} of epochs ${count(first)} to ${count(last)}, drawn by ${count(this.seen.length)} points. ` +
      `Epoch ${count(row.epoch)}: ${values}.`);
  }

  /** The epoch at the pointer, or the latest one, and the lines that tell of it. */
  #pointed() {
    const place = Math.min(this.place ?? this.rows.length - 1, this.rows.length - 1);
    return { row: this.rows[place], told: this.picture?.lines.filter((line) => !line.faint) ?? [], place };
  }

  /** @param {Line} line @param {Epoch} row @param {number} place */
  #value(line, row, place) {
    const lost = row.non_finite?.[`${line.label}_${this.metric}`];
    return lost === undefined ? number(line.values[place] ?? undefined) : notFiniteName(lost);
  }
}
