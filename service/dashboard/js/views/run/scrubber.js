/**
 * A slider over the states of the model that are kept, with a button that plays them like a film.
 *
 * @typedef {import("./context.js").Context} Context
 */

import { h, replace } from "../../lib/dom.js";
import { isLive } from "../../lib/jobs.js";

const FRAME_MS = 450;

/** @param {Context} context @param {AbortSignal} signal @returns {HTMLElement} */
export function scrubber({ run, state, selected }, signal) {
  const label = h("output", { class: "run-scrub-label" });
  const slider = h("input", { type: "range", min: 0, step: 1, "aria-label": "Checkpoint", oninput: () => choose(slider.valueAsNumber) });
  const play = h("button", { class: "button", type: "button", onclick: () => (timer === 0 ? start() : stop()) });
  const newest = h("button", { class: "button", type: "button", onclick: () => { stop(); state.epoch = null; } });
  const hint = h("span", { class: "muted small" });
  let timer = 0;

  const choose = (/** @type {number} */ place) => {
    const { choices } = selected;
    const chosen = choices[place];
    if (chosen === undefined) return;
    state.epoch = chosen.epoch;
  };
  const draw = () => {
    const { choices, epoch } = selected;
    slider.max = String(Math.max(0, choices.length - 1));
    const place = choices.findLastIndex((each) => each.epoch === epoch);
    slider.value = String(place < 0 ? choices.length - 1 : place);
    slider.disabled = choices.length < 2;
    slider.setAttribute("aria-valuetext", selected.label);
    label.value = selected.label;
    replace(play, timer === 0 ? "Play" : "Stop");
    play.disabled = choices.length < 2;
    replace(newest, isLive(run.job) ? "Newest" : "Best");
    newest.setAttribute("aria-pressed", String(state.epoch === null));
    replace(hint, choices.length > 2 ? null : "To have more checkpoints to choose from, set how often a new run saves them.");
  };
  const start = () => {
    const at = slider.valueAsNumber;
    choose(at >= selected.choices.length - 1 ? 0 : at + 1);
    timer = window.setInterval(() => {
      if (slider.valueAsNumber >= selected.choices.length - 1) stop();
      else choose(slider.valueAsNumber + 1);
    }, FRAME_MS);
    draw();
  };
  const stop = () => {
    clearInterval(timer);
    timer = 0;
    draw();
  };
  for (const what of ["checkpoints", "job"]) run.addEventListener(what, draw, { signal });
  state.addEventListener("epoch", draw, { signal });
  signal.addEventListener("abort", stop);
  draw();
  return h("div", { class: "run-scrubber", role: "group", "aria-label": "State of the model" },
    play, slider, label, newest, hint);
}
