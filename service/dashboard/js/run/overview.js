/** The first tab: the curves, and for data of two columns the map beside them. */

import { h, replace } from "../lib/dom.js";
import { axisColumns, showDecision } from "./decision.js";
import { Curves } from "./curves.js";

/** @param {HTMLElement} root @param {import("./context.js").Context} context @param {AbortSignal} signal */
export async function showOverview(root, context, signal) {
  const curves = h("div", { class: "run-panel" });
  const map = h("div", { hidden: true });
  replace(root, h("div", { class: "run-overview" }, curves, map));
  new Curves(curves, context.run, context.state, signal);
  const [model, dataset] = await Promise.all([context.source.model(), context.source.dataset()]);
  if (model.inputs.length !== 2 || axisColumns(model, dataset).length !== 2) return;
  map.hidden = false;
  await showDecision(map, context, signal);
}
