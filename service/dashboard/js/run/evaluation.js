/**
 * How well the model does: on the rows held out, or on those it was trained on.
 *
 * @typedef {import("./context.js").Context} Context
 * @typedef {import("./scores.js").Evaluation} Evaluation
 */

import { Problem, isAbort, post } from "../lib/api.js";
import { h, replace } from "../lib/dom.js";
import { count } from "../lib/format.js";
import { problemNotice } from "../lib/notice.js";
import { onThemeChange } from "../lib/theme.js";
import { confusionMatrix, figures, perClass } from "./scores.js";
import { residualPlot, rocPlot } from "./plots.js";
import { scrubber } from "./scrubber.js";
import { waitingForModel } from "./waiting.js";

const PARTS = /** @type {const} */ ({ validation: "Rows held out", train: "Rows trained on" });
/** Enough for a smooth curve. */
const ANSWERS = 2000;

/** @param {HTMLElement} root @param {Context} context @param {AbortSignal} signal */
export async function showEvaluation(root, context, signal) {
  replace(root, waitingForModel(context.run));
  const model = await context.source.model();
  signal.throwIfAborted();
  let usual = "validation";
  const body = h("div", { class: "run-panel" });
  const chosen = () => context.state.text("part") ?? usual;
  const choose = Object.entries(PARTS).map(([part, label]) => h("button", {
    class: "chip", type: "button", "aria-pressed": part === chosen(),
    onclick: () => {
      context.state.keep("part", part);
      mark();
      void ask();
    },
  }, label));
  const mark = () => Object.keys(PARTS).forEach((part, place) =>
    choose[place]?.setAttribute("aria-pressed", String(part === chosen())));
  replace(root,
    h("div", { class: "card run-bar" }, h("div", { class: "row", role: "group", "aria-label": "Rows" }, choose), scrubber(context, signal)),
    body);
  /** @type {Evaluation | null} */
  let told = null;
  let asked = 0;
  const ask = async () => {
    const turn = ++asked;
    try {
      const wanted = { part: chosen(), answers: ANSWERS };
      const query = context.shown.query;
      const answer = await post(`/v1/models/${model.id}/evaluations`, wanted, { signal, query });
      if (turn !== asked) return;
      told = answer;
      draw();
    } catch (error) {
      if (turn !== asked || isAbort(error)) return;
      if (!heldNone(error)) replace(body, problemNotice(error, ask));
      else if (context.state.text("part") !== null) replace(body, h("p", { class: "card empty" }, "This run held no rows out."));
      else {
        usual = "train";
        mark();
        await ask();
      }
    }
  };
  const draw = () => {
    if (told !== null) replace(body, drawn(told, model.task));
  };
  context.shown.addEventListener("change", () => void ask(), { signal });
  onThemeChange(draw, signal);
  await ask();
}

/** Whether there are no rows of the part that was asked for. @param {unknown} error */
function heldNone(error) {
  return error instanceof Problem && error.errors.some((each) => each.pointer === "/part");
}

/** @param {Evaluation} told @param {import("./shapes.js").Task} task */
function drawn(told, task) {
  const { scores } = told;
  const heading = h("section", { class: "card" },
    h("h2", {}, `On ${count(told.rows)} rows`), figures(scores));
  const plots = told.answers === null ? [] : scores.kind === "regression"
    ? residualPlot(told.answers, told.targets) : rocPlot(told, task);
  const tables = [confusionMatrix(scores), perClass(scores)].filter((each) => each !== null);
  return [heading, h("div", { class: "run-charts" }, tables.length === 0 ? null : h("div", { class: "stack" }, tables), plots)];
}
