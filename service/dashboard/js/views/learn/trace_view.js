/** The trace of examples: forward, the loss, back, and the update, step by step. */

/** @import { Catalog, Model, Row, Trace } from "../../lib/types.js" */
/** @import { Part } from "./part.js" */
/** @import { Examples } from "./example_picker.js" */
/** @import { Phase, Step } from "./steps.js" */
/** @import { Lesson, Terms } from "./lesson.js" */

import { post, Problem } from "../../lib/api.js";
import { catalog } from "../../lib/catalog.js";
import { h, replace } from "../../lib/dom.js";
import { equation } from "../../lib/equation.js";
import { layersOf, recipeOf } from "../../lib/recipe.js";
import { pickExamples } from "./example_picker.js";
import { field, select } from "./fields.js";
import { figure } from "./figures.js";
import { heatMap } from "./heat_map.js";
import { imagesOf } from "./images.js";
import { lessonOf } from "./lesson.js";
import { matricesOf } from "./matrices.js";
import { exampleChips } from "./mini_batch.js";
import { checkpointOf, pickModel } from "./model_picker.js";
import { networkDrawing } from "./network_drawing.js";
import { Player } from "./player.js";
import { ofExample } from "./reading.js";
import { columnOf, knownAt, stepsOf } from "./steps.js";

const STEPS_PER_SECOND = 0.5;

/** Numbers that an answer may have are limited: where matrices are large, only corners of them come. */
const MAX_CORNER = 128;
const MIN_CORNER = 16;

/** @type {Record<Phase, string>} */
const PHASES = {
  example: "Example",
  forward: "Forward",
  loss: "Loss",
  backward: "Backward",
  update: "Update",
};

/** @param {Part} part */
export async function showTrace(part) {
  const { root, route, signal } = part;
  const picked = await pickModel(part);
  if (!picked) return;
  const examples = await pickExamples(part, picked.model);
  const noise = noiseField(part, picked.model);
  root.append(
    h(
      "section",
      { class: "card stack", "aria-label": "The examples" },
      h("div", { class: "grid choices" }, picked.fields, examples.fields, digitsField(part), noise),
      examples.editor,
    ),
  );
  const trace = await carryOut(part, picked.model, examples.rows);
  const board = h("div", { class: "board" });
  root.append(board);
  new StepByStep(part, { trace, model: picked.model, examples, catalog: await catalog() }).show(board);
}

/**
 * As much as an answer may have: a smaller corner of every matrix where they are large, and nothing
 * of an optimizer's memory that is larger than the network many times.
 *
 * @param {Part} part
 * @param {Model} model
 * @param {Row[]} rows
 * @param {number} [corner]
 * @param {boolean} [update]
 * @returns {Promise<Trace>}
 */
async function carryOut(part, model, rows, corner = MAX_CORNER, update = true) {
  const body = { records: rows, corner, update, training: part.route.query.get("training") === "1" };
  try {
    return await post(`/v1/models/${model.id}/trace`, body, { signal: part.signal, query: checkpointOf(part) });
  } catch (error) {
    const where = error instanceof Problem ? error.errors.map(({ pointer }) => pointer) : [];
    const smallest = Math.max(MIN_CORNER, rows.length);
    if (where.includes("/corner") && corner > smallest) return carryOut(part, model, rows, Math.max(smallest, Math.floor(corner / 2)), update);
    if (update && (where.includes("/corner") || where.includes("/update"))) return carryOut(part, model, rows, MAX_CORNER, false);
    throw error;
  }
}

/** @param {Part} part */
function digitsField({ route, again }) {
  const choices = ["3", "4", "6", "9"].map((each) => /** @type {[string, string]} */ ([each, `${each} digits`]));
  const control = select(choices, route.query.get("digits") ?? "4", (digits) => {
    route.go({ digits }, { replace: true });
    again();
  });
  return field("Numbers with", control);
}

/** Only where noise is at work in training. @param {Part} part @param {Model} model */
function noiseField({ route, again }, model) {
  const noisy = layersOf(model).some(({ kind }) => ["dropout", "gaussian_noise"].includes(kind));
  if (!noisy) return null;
  const control = select([["", "no, as when it predicts"], ["1", "yes, as in training"]], route.query.get("training") ?? "", (value) => {
    route.go({ training: value || null });
    again();
  });
  return field("Noise", control);
}

/** The network and the numbers of one step at a time, and what leads from one to the next. */
class StepByStep {
  #part;
  #context;
  #trace;
  #steps;
  #digits;
  #at;
  #unit;
  #controls;
  #stage = h("div", { class: "stage", tabindex: 0, role: "region", "aria-label": "The network" });
  #lesson = h("section", { class: "card lesson stack", "aria-live": "polite" });
  #numbers = h("section", { class: "card stack", "aria-label": "The numbers of this step in full" });
  #phases = h("ol", { class: "phases" });

  /**
   * @param {Part} part
   * @param {{ trace: Trace, model: Model, examples: Examples, catalog: Catalog }} context The trace is that of the mini-batch.
   */
  constructor(part, context) {
    const { trace: batch, examples } = context;
    const { query } = part.route;
    this.#part = part;
    this.#context = context;
    this.#trace = ofExample(batch, examples.batch.shown);
    this.#steps = stepsOf(this.#trace);
    this.#digits = Number(query.get("digits") ?? 4);
    this.#at = Math.min(Number(query.get("step") ?? 1), this.#steps.length) - 1;
    this.#unit = Number(query.get("unit") ?? 1) - 1;
    this.#controls = new Player({
      last: this.#steps.length - 1, at: this.#at, signal: part.signal, label: "Step", placesPerSecond: STEPS_PER_SECOND,
      describe: (to) => `step ${to + 1} of ${this.#steps.length}`,
      onMove: (to) => { this.#move(to); this.#draw(); },
    });
  }

  /** @param {HTMLElement} board */
  show(board) {
    const { trace: batch, model, examples } = this.#context;
    const chips = exampleChips(examples.batch, model, batch.losses, examples.change);
    replace(
      board,
      h("section", { class: "card stack", "aria-label": "The network, step by step" }, chips, this.#phases, this.#stage, this.#controls.element),
      this.#lesson,
      this.#numbers,
    );
    this.#draw();
    let room = this.#stage.clientWidth;
    const sized = new ResizeObserver(() => {
      if (this.#stage.clientWidth === room) return;
      room = this.#stage.clientWidth;
      this.#draw();
    });
    sized.observe(this.#stage);
    this.#part.signal.addEventListener("abort", () => sized.disconnect());
  }

  /** A unit stays chosen as long as its column is told about. @param {number} to */
  #move(to) {
    const [from, next] = [this.#steps[this.#at], this.#steps[to]];
    if (from && next && columnOf(from) !== columnOf(next)) this.#unit = 0;
    this.#at = to;
  }

  /** @param {number} to */
  #jump(to) {
    this.#controls.pause();
    this.#controls.moveTo(to);
    this.#move(to);
    this.#draw();
  }

  #draw() {
    const step = /** @type {Step} */ (this.#steps[this.#at]);
    this.#part.route.go({ step: this.#at + 1, unit: this.#unit + 1 }, { replace: true });
    this.#drawNetwork(step);
    replace(this.#phases, phaseList(this.#steps, this.#at, (to) => this.#jump(to)));
    const { trace: batch, model, catalog } = this.#context;
    const lesson = lessonOf({ trace: this.#trace, batch, spec: recipeOf(model), catalog, unit: this.#unit, digits: this.#digits }, step);
    replace(this.#lesson, lessonParts(lesson, this.#digits, step));
    this.#drawNumbers(step);
  }

  /** @param {Step} step */
  #drawNetwork(step) {
    const [trace, stage] = [this.#trace, this.#stage];
    const onUnit = (/** @type {number} */ unit) => { this.#unit = unit; this.#draw(); focusUnit(stage); };
    const known = knownAt(this.#steps, this.#at);
    const drawing = networkDrawing({ trace, step, known, unit: this.#unit, onUnit, room: stage.clientWidth || innerWidth });
    replace(stage, drawing);
    // Once it has its place in the page, and so a width.
    requestAnimationFrame(() => centre(stage, drawing, columnOf(step), trace.layers.length + 2));
  }

  /** @param {Step} step */
  #drawNumbers(step) {
    const { trace: batch, examples } = this.#context;
    const { signal } = this.#part;
    /** @type {Record<string, number | undefined>} */
    const marked = { unit: this.#unit, example: batch.losses.length > 1 ? examples.batch.shown : undefined };
    replace(this.#numbers, h("h2", {}, "In full"), h("div", { class: "matrices" },
      imagesOf(this.#trace, step, this.#unit, examples).map(({ name, numbers }) => heatMap(name, numbers, { signal, picture: true })),
      matricesOf(batch, step).map(({ name, numbers, by }) => heatMap(name, numbers, { signal, digits: this.#digits, row: marked[by ?? ""] })),
    ));
  }
}

/** @param {HTMLElement} stage */
function focusUnit(stage) {
  /** @type {SVGElement | null} */ (stage.querySelector(".unit.chosen"))?.focus();
}

/**
 * Where the drawing is wider than its stage, the column of the step comes into view.
 *
 * @param {HTMLElement} stage
 * @param {SVGSVGElement} drawing
 * @param {number} column
 * @param {number} columns
 */
function centre(stage, drawing, column, columns) {
  const width = Number(drawing.getAttribute("width"));
  stage.scrollLeft = ((column + 0.5) / columns) * width - stage.clientWidth / 2;
}

/** @param {Step[]} steps @param {number} at @param {(to: number) => void} jump */
function phaseList(steps, at, jump) {
  return /** @type {Phase[]} */ (Object.keys(PHASES)).map((phase) => {
    const first = steps.findIndex((step) => step.phase === phase);
    const isCurrent = steps[at]?.phase === phase;
    return h("li", {}, h("button", {
      class: `chip ${phase}`, type: "button", disabled: first < 0,
      "aria-current": isCurrent ? "step" : null,
      onclick: () => jump(first),
    }, PHASES[phase]));
  });
}

/** @param {Lesson} lesson @param {number} digits @param {Step} step */
function lessonParts({ title, text, equations, terms }, digits, step) {
  return [
    h("p", { class: `phase ${step.phase}` }, PHASES[step.phase]),
    h("h2", {}, title),
    h("p", {}, text),
    ...equations.filter(Boolean).map((latex) => equation(latex, { display: true })),
    terms && terms.rows.length > 4 ? termTable(terms, digits) : null,
  ];
}

/** @param {Terms} terms @param {number} digits */
function termTable({ heads, rows }, digits) {
  return h(
    "details",
    {},
    h("summary", {}, `All ${rows.length} terms`),
    h(
      "div",
      { class: "table-frame terms", tabindex: 0, role: "region", "aria-label": "All terms" },
      h(
        "table",
        { class: "table" },
        h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "i"), heads.map((latex) => h("th", { scope: "col", class: "number" }, equation(latex))))),
        h("tbody", {}, rows.map((values, i) =>
          h("tr", {}, h("td", {}, i + 1), values.map((value) => h("td", { class: "number mono" }, figure(value, digits)))),
        )),
      ),
    ),
  );
}
