/**
 * The evaluation of the model: on the validation rows, on the training rows, or of a cross-validation out
 * of fold, where each row is predicted by a network that was not trained on it.
 *
 * @typedef {import("./context.js").Context} Context
 * @typedef {"out_of_fold" | "validation" | "train"} Part
 */

/** @import { Evaluation, Model, OutOfFoldEvaluation } from "../../lib/types.js" */

import { Problem, get, post } from "../../lib/api.js";
import { h, replace } from "../../lib/dom.js";
import { count } from "../../lib/format.js";
import { onThemeChange } from "../../lib/theme.js";
import { singleFlight } from "./single_flight.js";
import { confusionMatrix, figures, perClass } from "./scores.js";
import { residualPlot, rocPlot } from "./plots.js";
import { scrubber } from "./scrubber.js";
import { waitingForModel } from "./waiting.js";

/** @type {Record<Part, string>} */
const PARTS = { out_of_fold: "Rows out of fold", validation: "Rows held out", train: "Rows trained on" };
/** Enough for a smooth curve. */
const ANSWERS = 2000;
const [CONFLICT, INVALID] = [409, 422];

/** @param {HTMLElement} root @param {Context} context @param {AbortSignal} signal */
export async function showEvaluation(root, context, signal) {
  replace(root, waitingForModel(context.run));
  const [model, { folds }] = await Promise.all([
    context.source.model(), get(`/v1/jobs/${context.run.id}/folds`, { signal }),
  ]);
  signal.throwIfAborted();
  new EvaluationView(root, context, signal, { model, folds });
}

class EvaluationView {
  /**
   * @param {HTMLElement} root @param {Context} context @param {AbortSignal} signal
   * @param {{model: Model, folds: number}} known `folds`: how many a cross-validation has, else 0
   */
  constructor(root, context, signal, known) {
    this.context = context;
    this.signal = signal;
    this.known = known;
    /** What is shown where nothing was chosen. @type {Part} */
    this.usual = known.folds > 0 ? "out_of_fold" : "validation";
    /** @type {Evaluation | OutOfFoldEvaluation | null} */
    this.told = null;
    const problem = h("div", { class: "run-problem" });
    this.body = h("div", { class: "run-panel" });
    this.scrubber = scrubber(context, signal);
    this.ask = singleFlight(() => this.#show(), { problem, signal });
    const parts = /** @type {Part[]} */ (Object.keys(PARTS)).filter((part) => part !== "out_of_fold" || known.folds > 0);
    this.choices = new Map(parts.map((part) => [part, this.#choice(part)]));
    replace(root,
      h("div", { class: "card run-bar" },
        h("div", { class: "row", role: "group", "aria-label": "Rows" }, [...this.choices.values()]), this.scrubber),
      problem, this.body);
    context.selected.addEventListener("change", () => void this.ask(), { signal });
    onThemeChange(() => this.#draw(), signal);
    void this.ask();
  }

  /** @returns {Part} */
  get part() {
    const chosen = this.context.state.text("part");
    return [...this.choices.keys()].find((part) => part === chosen) ?? this.usual;
  }

  /** @param {Part} part */
  #choice(part) {
    return h("button", {
      class: "chip", type: "button",
      onclick: () => {
        this.context.state.keep("part", part);
        void this.ask();
      },
    }, PARTS[part]);
  }

  /** Shows the evaluation of the selected checkpoint. */
  async #show() {
    const { part } = this;
    for (const [each, choice] of this.choices) choice.setAttribute("aria-pressed", String(each === part));
    this.scrubber.hidden = part === "out_of_fold";
    try {
      this.told = await this.#read(part);
      this.#draw();
    } catch (error) {
      if (!isNothing(error)) throw error;
      this.told = null;
      await this.#showNothing(part, error.detail);
    }
  }

  /** @param {Part} part @returns {Promise<Evaluation | OutOfFoldEvaluation>} */
  #read(part) {
    const { signal } = this;
    if (part === "out_of_fold") {
      return get(`/v1/jobs/${this.context.run.id}/out_of_fold/evaluation`, { signal, query: { answers: ANSWERS } });
    }
    const { query } = this.context.selected;
    return post(`/v1/models/${this.known.model.id}/evaluations`, { part, answers: ANSWERS }, { signal, query });
  }

  /** There are no such rows: others, unless just these were chosen. @param {Part} part @param {string} reason */
  async #showNothing(part, reason) {
    if (part === "validation" && this.context.state.text("part") === null) {
      this.usual = "train";
      await this.#show();
      return;
    }
    const none = this.known.folds === 0 ? "This run has no validation rows."
      : "The model was trained on all rows, so it has no validation rows.";
    replace(this.body, h("p", { class: "card empty", role: "status" }, part === "validation" ? none : reason));
  }

  #draw() {
    if (this.told !== null) replace(this.body, drawn(this.told, this.known));
  }
}

/**
 * Whether there are no rows of the part that was asked for, or not yet.
 *
 * @param {unknown} error @returns {error is Problem}
 */
function isNothing(error) {
  if (!(error instanceof Problem)) return false;
  if (error.status === CONFLICT) return true;
  return error.status === INVALID && error.errors.some((each) => each.pointer === "/part");
}

/** @param {Evaluation | OutOfFoldEvaluation} told @param {{model: Model, folds: number}} known */
function drawn(told, { model: { task }, folds }) {
  const { scores } = told;
  const heading = h("section", { class: "card" },
    h("h2", {}, `On ${count(told.rows)} rows`), figures(scores),
    !("folds" in told) ? null : h("p", { class: "small muted" },
      `Each row is predicted by the best network of the fold that was not trained on it. ${told.folds} of ${folds} folds have ended.`));
  const plots = told.answers === null ? [] : scores.kind === "regression"
    ? residualPlot(told.answers, told.targets) : rocPlot(told, task);
  const tables = [confusionMatrix(scores), perClass(scores)].filter((each) => each !== null);
  return [heading, h("div", { class: "run-charts" }, tables.length === 0 ? null : h("div", { class: "stack" }, tables), plots)];
}
