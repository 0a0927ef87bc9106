/**
 * One run, live: its status, its curves, and the latest model.
 *
 * @typedef {import("./context.js").Context} Context
 *
 * @typedef {object} Tab
 * @property {string} label
 * @property {(root: HTMLElement, context: Context, signal: AbortSignal) => Promise<void>} show
 */

import { isAbort } from "../../lib/api.js";
import { h, replace } from "../../lib/dom.js";
import { nameOf } from "../../lib/jobs.js";
import { problemNotice } from "../../lib/notice.js";
import { showDecision } from "./decision.js";
import { showEvaluation } from "./evaluation.js";
import { showExports } from "./exports.js";
import { Header } from "./header.js";
import { showLayers } from "./layers.js";
import { LiveRun } from "./live.js";
import { showNetwork } from "./network.js";
import { showOverview } from "./overview.js";
import { showPredict } from "./predict.js";
import { SelectedCheckpoint } from "./selected_checkpoint.js";
import { Source } from "./source.js";
import { State } from "./state.js";
import { tabBar } from "./tab_bar.js";

export const title = "Run";
export const styles = ["run.css"];

/** @type {Record<string, Tab>} */
const TABS = {
  curves: { label: "Curves", show: showOverview },
  answers: { label: "Decision boundary", show: showDecision },
  network: { label: "Network", show: showNetwork },
  evaluation: { label: "Evaluation", show: showEvaluation },
  predict: { label: "Predict", show: showPredict },
  layers: { label: "Layers", show: showLayers },
  exports: { label: "Export", show: showExports },
};

/**
 * @param {HTMLElement} root
 * @param {import("../../lib/route.js").Route} route
 * @param {AbortSignal} signal
 */
export async function show(root, route, signal) {
  const id = /** @type {string} */ (route.path[1]);
  const state = new State(route);
  signal.addEventListener("abort", () => state.leave());
  replace(root, h("p", { class: "muted", role: "status" }, "Loading …"));
  const run = await LiveRun.open(id, state.number("fold"), signal);
  const context = { run, state, source: new Source(run, signal), selected: new SelectedCheckpoint(run, state, signal) };
  document.title = `${nameOf(run.job)} · Trainyard`;

  const header = h("section", { class: "run-header", "aria-label": "Status" });
  const panel = h("div", { class: "run-panel" });
  let leaving = new AbortController();
  const open = (/** @type {string} */ name) => {
    leaving.abort();
    leaving = new AbortController();
    const inner = AbortSignal.any([leaving.signal, signal]);
    const body = h("div", { role: "tabpanel", id: "run-panel", "aria-labelledby": `tab-${name}` });
    replace(panel, body);
    void showTab(/** @type {Tab} */ (TABS[name]), body, context, inner);
  };
  const tabs = tabBar(TABS, state, open);
  replace(root, header, tabs, panel);
  new Header(header, run, signal);
  void nameResponseSurface(tabs, context.source, signal);
  open(state.tab in TABS ? state.tab : "curves");
  await run.follow();
}

/**
 * A regression has no decision boundary: once the model is known, its tab says so.
 *
 * @param {HTMLElement} tabs
 * @param {Source} source
 * @param {AbortSignal} signal
 */
async function nameResponseSurface(tabs, source, signal) {
  try {
    const { task } = await source.model();
    const tab = tabs.querySelector("#tab-answers");
    if (tab !== null && task.kind === "regression" && !signal.aborted) tab.textContent = "Response surface";
  } catch {
    // A tab that needs the model shows why there is none.
  }
}

/** @param {Tab} tab @param {HTMLElement} root @param {Context} context @param {AbortSignal} signal */
async function showTab(tab, root, context, signal) {
  try {
    await tab.show(root, context, signal);
  } catch (error) {
    if (!isAbort(error)) replace(root, problemNotice(error, () => void showTab(tab, root, context, signal)));
  }
}
