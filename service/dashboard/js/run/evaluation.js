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

const PARTS = /** @type {const} */ ({ validation: "Rows held out", train: "Rows trained on" });
/** Enough for a smooth curve. */
const ANSWERS = 2000;

/** @param {HTMLElement} root @param {Context} context @param {AbortSignal} signal */
export async function showEvaluation(root, context, signal) {
  replace(root, h("p", { class: "card empty", role: "status" }, "There is no model yet: it comes with the first checkpoint."));
  const model = await context.source.model();
  signal.throwIfAborted();
  const body = h("div", { class: "run-panel" });
  const held = context.run.job.spec.validation?.kind !== "none";
  const chosen = () => context.state.text("part") ?? (held ? "validation" : "train");
  const choose = Object.entries(PARTS).map(([part, label]) => h("button", {
    class: "chip", type: "button", "aria-pressed": part === chosen(),
    onclick: (/** @type {Event} */ event) => {
      context.state.keep("part", part);
      choose.forEach((each) => each.setAttribute("aria-pressed", String(each === event.currentTarget)));
      void ask();
    },
  }, label));
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
      if (turn === asked && !isAbort(error)) replace(body, refusal(error, ask));
    }
  };
  const draw = () => {
    if (told !== null) replace(body, drawn(told, model.task));
  };
  context.shown.addEventListener("change", () => void ask(), { signal });
  onThemeChange(draw, signal);
  await ask();
}

/** @param {unknown} error @param {() => void} again */
function refusal(error, again) {
  const isMissing = error instanceof Problem && error.errors.some((each) => each.pointer === "/part");
  return isMissing ? h("p", { class: "card empty" }, /** @type {Problem} */ (error).errors[0]?.message) : problemNotice(error, again);
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
