/** The first tab: the curves, and for data of two columns the map beside them. */

import { h, replace } from "../lib/dom.js";
import { Curves } from "./curves.js";
import { showDecision } from "./decision.js";

/** @param {HTMLElement} root @param {import("./context.js").Context} context @param {AbortSignal} signal */
export async function showOverview(root, context, signal) {
  const curves = h("div", { class: "run-panel" });
  const map = h("div", { hidden: true });
  replace(root, h("div", { class: "run-overview" }, curves, map));
  new Curves(curves, context.run, context.state, signal);
  const dataset = await context.source.dataset();
  const inputs = dataset?.columns.filter((column) => !context.run.job.targets.includes(column.name)) ?? [];
  const isPlane = inputs.length === 2 && inputs.every((column) => column.minimum !== null && column.kind !== "boolean");
  if (!isPlane) return;
  map.hidden = false;
  await showDecision(map, context, signal);
}
