/** The tabs of a run, for the mouse and for the arrow keys. */

import { h } from "../../lib/dom.js";

/**
 * @param {Record<string, {label: string}>} tabs
 * @param {import("./state.js").State} state
 * @param {(name: string) => void} open
 */
export function tabBar(tabs, state, open) {
  const names = Object.keys(tabs);
  const chosen = state.tab in tabs ? state.tab : names[0];
  const buttons = Object.entries(tabs).map(([name, { label }]) => h("button", {
    type: "button", role: "tab", id: `tab-${name}`, "aria-controls": "run-panel",
    "aria-selected": name === chosen, tabindex: name === chosen ? 0 : -1,
    onclick: () => choose(name),
  }, label));
  const choose = (/** @type {string} */ name) => {
    buttons.forEach((button, place) => {
      button.setAttribute("aria-selected", String(names[place] === name));
      button.tabIndex = names[place] === name ? 0 : -1;
    });
    reveal();
    state.tab = name;
    open(name);
  };
  /** On a small screen the chosen tab may be beyond the border. */
  const reveal = () => buttons.find((button) => button.tabIndex === 0)?.scrollIntoView({ block: "nearest", inline: "nearest" });
  requestAnimationFrame(reveal);
  const onkeydown = (/** @type {KeyboardEvent} */ event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    const here = buttons.findIndex((button) => button === document.activeElement);
    const place = (here + step + names.length) % names.length;
    buttons[place]?.focus();
    buttons[place]?.click();
  };
  return h("div", { class: "tabs run-tabs", role: "tablist", "aria-label": "Parts of this run", onkeydown }, buttons);
}
