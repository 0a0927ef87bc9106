/**
 * The learning curves: a chart for each metric, all of the same epochs.
 *
 * @typedef {import("./live.js").LiveRun} LiveRun
 * @typedef {import("./chart.js").Picture} Picture
 * @typedef {import("./chart.js").Line} Line
 */

/** @import { Epoch } from "../../lib/types.js" */

import { isAbort } from "../../lib/api.js";
import { h, replace } from "../../lib/dom.js";
import { count } from "../../lib/format.js";
import { isLive } from "../../lib/jobs.js";
import { toast } from "../../lib/notice.js";
import { onThemeChange } from "../../lib/theme.js";
import { refined } from "./epochs.js";
import { foldChoice } from "./fold_choice.js";
import { MetricPanel } from "./metric_panel.js";
import { notFiniteName } from "./not_finite.js";
import { column, metricsOf, notFinite, positive, smooth } from "./series.js";

const PARTS = /** @type {const} */ (["train", "validation"]);
const TOKENS = { train: "--c0", validation: "--c1" };
const RATE_TOKEN = "--c2";
const DETAIL_MS = 180;
const KEY_STEP = 0.2;
const MIN_SPAN = 2;

export class Curves {
  /**
   * @param {HTMLElement} root
   * @param {LiveRun} run
   * @param {import("./state.js").State} state
   * @param {AbortSignal} signal
   */
  constructor(root, run, state, signal) {
    this.run = run;
    this.state = state;
    this.signal = signal;
    /** @type {Map<string, MetricPanel>} */
    this.panels = new Map();
    /** @type {{from: number, to: number, rows: Epoch[]} | null} */
    this.detail = null;
    /** @type {AbortController | null} */
    this.asking = null;
    this.timer = 0;
    this.area = h("div", { class: "run-charts" });
    this.reset = h("button", { class: "button", type: "button", onclick: () => this.zoom(null) }, "Whole run");
    const controls = this.#controls();
    replace(root, controls, this.area);
    void foldChoice(run, state, signal).then((choice) => choice && controls.prepend(choice));
    run.addEventListener("epochs", () => this.draw(), { signal });
    run.addEventListener("job", () => this.draw(), { signal });
    state.addEventListener("epoch", () => this.draw(), { signal });
    onThemeChange(() => this.panels.forEach((panel) => panel.chart.repaint()), signal);
    signal.addEventListener("abort", () => this.panels.forEach((panel) => panel.chart.destroy()));
    this.#look();
    this.draw();
  }

  /** Draw what is known now. */
  draw() {
    const rows = refined(this.run.epochs.rows, this.detail);
    const metrics = metricsOf(rows);
    this.#arrange(metrics);
    this.reset.hidden = this.state.range === null;
    if (metrics.length === 0) return;
    for (const metric of metrics) this.#panel(metric).draw(this.#picture(rows, metric), rows);
  }

  /** @param {string[]} metrics */
  #arrange(metrics) {
    if (metrics.length === 0 && this.panels.size === 0) {
      replace(this.area, h("p", { class: "card empty" }, isLive(this.run.job) ? "No epoch has ended yet." : "It ended before its first epoch did."));
    }
    if (metrics.every((metric) => this.panels.has(metric))) return;
    if (this.panels.size === 0) replace(this.area);
    for (const metric of metrics) this.#panel(metric);
  }

  /** @param {string} metric */
  #panel(metric) {
    const known = this.panels.get(metric);
    if (known !== undefined) return known;
    const panel = new MetricPanel(metric, this);
    this.panels.set(metric, panel);
    this.area.append(panel.root);
    return panel;
  }

  /** @param {Epoch[]} rows @param {string} metric @returns {Picture} */
  #picture(rows, metric) {
    const epochs = rows.map((row) => row.epoch);
    const { smoothing, log, rate } = this.state;
    const losses = [...this.#divergence(), ...PARTS.flatMap((part) =>
      notFinite(rows, part, metric).map(({ epoch, value }) => ({
        epoch,
        label: `${part} ${notFiniteName(value)}`,
        token: "--bad",
      })),
    )];
    const lines = PARTS.filter((part) => rows.some((row) => row[part]?.[metric] !== undefined))
      .flatMap((part) => this.#lines(rows, epochs, part, metric, smoothing));
    if (rate) lines.push({ label: "learning rate", token: RATE_TOKEN, values: rows.map((row) => row.learning_rate), rate: true });
    if (log) lines.forEach((line) => (line.values = positive(line.values)));
    return { epochs, lines, marks: this.#marks(), losses: losses.slice(0, 1), log, range: this.shown() };
  }

  /**
   * @param {Epoch[]} rows @param {number[]} epochs @param {"train" | "validation"} part
   * @param {string} metric @param {number} smoothing
   * @returns {Line[]}
   */
  #lines(rows, epochs, part, metric, smoothing) {
    const raw = { label: part, token: TOKENS[part], values: column(rows, part, metric) };
    if (smoothing === 0) return [raw];
    const smoothed = { ...raw, values: smooth(epochs, raw.values, smoothing) };
    return [{ ...raw, label: `${part}, raw`, faint: true }, smoothed];
  }

  /** Where the training broke off because numbers were not finite any more. */
  #divergence() {
    const { error } = this.run.job;
    return error?.type === "diverged" && error.epoch !== null
      ? [{ epoch: error.epoch, label: "diverged: NaN", token: "--bad" }] : [];
  }

  #marks() {
    const best = this.run.job.best;
    const marks = best === null || best.fold !== this.run.fold ? []
      : [{ epoch: best.epoch, label: `best ${count(best.epoch)}`, token: "--good" }];
    const { epoch } = this.state;
    return epoch === null || epoch === best?.epoch ? marks
      : [...marks, { epoch, label: `shown ${count(epoch)}`, token: "--accent" }];
  }

  /** The epochs that charts show. @returns {[number, number]} */
  shown() {
    const known = this.run.epochs.rows.at(-1)?.epoch ?? 1;
    const last = Math.max(2, known, ...this.#divergence().map((mark) => mark.epoch));
    const first = Math.min(this.run.epochs.rows[0]?.epoch ?? 1, last - 1);
    return this.state.range ?? [first, last];
  }

  /**
   * Look closer, or at all again.
   *
   * @param {[number, number] | null} range
   */
  zoom(range) {
    this.state.range = range === null ? null : bounded(range, this.run.epochs.rows.at(-1)?.epoch ?? 1);
    for (const panel of this.panels.values()) panel.pan(this.shown());
    this.reset.hidden = range === null;
    this.#look();
    if (range === null) this.draw();
  }

  /** Ask for more of the epochs that are shown, when nobody moves any more. */
  #look() {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.#askForDetail(), DETAIL_MS);
  }

  async #askForDetail() {
    this.asking?.abort();
    const range = this.state.range;
    if (range === null || this.#isWhole(range)) {
      this.detail = null;
      return;
    }
    const [from, to] = [Math.floor(range[0]), Math.ceil(range[1])];
    this.asking = new AbortController();
    const signal = AbortSignal.any([this.asking.signal, this.signal]);
    try {
      this.detail = { from, to, rows: await this.run.detail(from, to, signal) };
      this.draw();
    } catch (error) {
      if (!isAbort(error)) toast(error instanceof Error ? error.message : String(error));
    }
  }

  /** Whether every epoch of a range is known already. @param {[number, number]} range */
  #isWhole([from, to]) {
    const known = this.run.epochs.rows.filter((row) => row.epoch >= from && row.epoch <= to);
    return known.length >= Math.floor(to) - Math.ceil(from) + 1;
  }

  /** Move by a part of what is shown, or make it larger by a factor. @param {number} move @param {number} grow */
  step(move, grow) {
    const [from, to] = this.shown();
    const half = ((to - from) * grow) / 2;
    const middle = (from + to) / 2 + move * (to - from);
    this.zoom([middle - half, middle + half]);
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const steps = /** @type {Record<string, () => void>} */ ({
      ArrowLeft: () => this.step(-KEY_STEP, 1),
      ArrowRight: () => this.step(KEY_STEP, 1),
      "+": () => this.step(0, 0.5),
      "-": () => this.step(0, 2),
      Home: () => this.zoom(null),
    });
    const act = steps[event.key];
    if (act === undefined) return;
    event.preventDefault();
    act();
  }

  #controls() {
    const { state } = this;
    const shown = h("output", {}, state.smoothing.toFixed(2));
    const smoothing = h("input", {
      type: "range", id: "smoothing", min: 0, max: 0.99, step: 0.01, value: state.smoothing,
      oninput: () => {
        state.smoothing = smoothing.valueAsNumber;
        shown.value = state.smoothing.toFixed(2);
        this.draw();
      },
    });
    const toggle = (/** @type {"log" | "rate"} */ name, /** @type {string} */ label) => {
      const button = h("button", {
        class: "chip", type: "button", "aria-pressed": state[name],
        onclick: () => {
          state[name] = !state[name];
          button.setAttribute("aria-pressed", String(state[name]));
          this.draw();
        },
      }, label);
      return button;
    };
    return h("div", { class: "run-controls" },
      h("label", { class: "run-slider", for: "smoothing" }, "Smoothing ", shown), smoothing,
      toggle("log", "Logarithmic"), toggle("rate", "Learning rate"), this.reset,
      h("span", { class: "muted small run-hint" }, "Drag to zoom, Shift and drag or arrow keys to move, double-click for all."));
  }
}

/**
 * A range within the epochs that there are, as wide as asked for.
 *
 * @param {[number, number]} range @param {number} last
 * @returns {[number, number] | null} null: all of them
 */
function bounded([from, to], last) {
  const span = Math.max(MIN_SPAN, to - from);
  if (span >= last - 1) return null;
  const start = Math.min(Math.max(1, from), last - span);
  return [start, start + span];
}
