/** The first tab: the curves, and for data of one column or two the predictions of the model beside them. */

import { h, replace } from "../../lib/dom.js";
import { Curves } from "./curves.js";
import { isWholePicture, showDecision } from "./decision.js";

/** @param {HTMLElement} root @param {import("./context.js").Context} context @param {AbortSignal} signal */
export async function showOverview(root, context, signal) {
  const curves = h("div", { class: "run-panel" });
  const answers = h("div", { hidden: true });
  replace(root, h("div", { class: "run-overview" }, curves, answers));
  new Curves(curves, context.run, context.state, signal);
  const dataset = await context.source.dataset();
  const inputs = dataset?.columns.filter((column) => !context.run.job.targets.includes(column.name)) ?? [];
  if (!isWholePicture(inputs)) return;
  answers.hidden = false;
  await showDecision(answers, context, signal);
}
