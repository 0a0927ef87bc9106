/** What is told in passing: problems where something should be, and short messages below. */

import { Problem } from "./api.js";
import { h } from "./dom.js";

/**
 * A problem in the place of what could not be shown.
 * @param {unknown} error
 * @param {() => void} [again] Tries once more.
 */
export function problemNotice(error, again) {
  const problem = error instanceof Problem ? error : null;
  return h(
    "div",
    { class: "notice bad stack", role: "alert" },
    h("strong", {}, problem?.title ?? "Something went wrong in this page"),
    h("p", {}, problem?.detail ?? String(error)),
    problem?.request_id ? h("p", { class: "small muted" }, "Request ", h("code", {}, problem.request_id)) : null,
    again ? h("div", {}, h("button", { class: "button", type: "button", onclick: again }, "Try again")) : null,
  );
}

const SECONDS = 6;

/**
 * A short message at the foot of the page.
 * @param {string} message
 * @param {object} [options]
 * @param {string} [options.action] What a button beside it says.
 * @param {() => void} [options.onAction]
 * @param {number} [options.seconds]
 * @returns {() => void} Takes it away.
 */
export function toast(message, { action, onAction, seconds = SECONDS } = {}) {
  const button = action
    ? h("button", { class: "button", type: "button", onclick: () => { remove(); onAction?.(); } }, action)
    : null;
  const element = h("div", { class: "toast" }, h("span", {}, message), button);
  const timer = setTimeout(() => element.remove(), 1000 * seconds);
  const remove = () => { clearTimeout(timer); element.remove(); };
  document.querySelector("#toasts")?.append(element);
  return remove;
}
