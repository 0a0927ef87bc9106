/** How it learns: every number of an update, and what optimizers and losses look like. */

/** @import { Route } from "../../lib/route.js" */
/** @import { Part } from "./part.js" */

import { isAbort } from "../../lib/api.js";
import { h, replace } from "../../lib/dom.js";
import { problemNotice } from "../../lib/notice.js";
import { href } from "../../lib/route.js";
import { showLandscape } from "./landscape_view.js";
import { showImportances } from "./importances_view.js";
import { showRace } from "./race_view.js";
import { showRange } from "./range_view.js";
import { showTrace } from "./trace_view.js";

export const title = "How it learns";
export const styles = ["learn.css"];

/** @type {Record<string, { name: string, about: string, draw: (part: Part) => Promise<void> }>} */
const PARTS = {
  trace: {
    name: "One update",
    about: "Forward to an estimate, back with the error, and a step downhill: one update by one example or a few, with every number of it.",
    draw: showTrace,
  },
  race: {
    name: "Optimizer race",
    about: "The same slope, the same start, different optimizers: watch who finds the valley, and how.",
    draw: showRace,
  },
  rate: {
    name: "Learning rate",
    about: "Too high overshoots, too low is slow: a test finds what is in between.",
    draw: showRange,
  },
  landscape: {
    name: "Loss landscape",
    about: "The loss of a model when its weights move: the ground on which it went down.",
    draw: showLandscape,
  },
  listens: {
    name: "Feature importance",
    about: "Which inputs a model depends on, and a check of its gradient.",
    draw: showImportances,
  },
};

/**
 * @param {HTMLElement} root
 * @param {Route} route
 * @param {AbortSignal} signal
 */
export async function show(root, route, signal) {
  const chosen = route.query.get("part") ?? "trace";
  const name = chosen in PARTS ? chosen : "trace";
  const { about, draw } = /** @type {typeof PARTS[string]} */ (PARTS[name]);
  const body = h("div", { class: "stack part" });
  replace(
    root,
    h("header", { class: "head" }, h("div", {}, h("h1", {}, title), h("p", {}, about))),
    h("nav", { class: "tabs", "aria-label": title }, Object.entries(PARTS).map(([part, each]) =>
      h("a", { href: href(route.path, linked(route, part)), "aria-current": part === name ? "page" : null }, each.name),
    )),
    body,
  );
  replace(body, h("p", { class: "muted", role: "status" }, "One moment …"));
  root.querySelector(".tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
  await drawnAgain(body, route, signal, draw);
}

/** A part keeps the model in the address of the next one. @param {Route} route @param {string} part */
function linked(route, part) {
  const model = route.query.get("model");
  return new URLSearchParams(model === null ? { part } : { part, model });
}

/**
 * Draws a part, and again whenever it asks for it, without the flicker of an empty page.
 *
 * @param {HTMLElement} body
 * @param {Route} route
 * @param {AbortSignal} signal
 * @param {(part: Part) => Promise<void>} draw
 */
async function drawnAgain(body, route, signal, draw) {
  let drawing = new AbortController();
  signal.addEventListener("abort", () => drawing.abort(), { once: true });
  const again = async () => {
    drawing.abort();
    drawing = new AbortController();
    const own = drawing.signal;
    const root = h("div", { class: "stack" });
    try {
      await draw({ root, route, signal: own, again });
    } catch (error) {
      if (own.aborted || isAbort(error)) return;
      root.append(problemNotice(error, again));
    }
    if (own.aborted) return;
    const focused = document.activeElement?.id;
    replace(body, root);
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  };
  await again();
}
