/** Equations, set by KaTeX, which is loaded when the first one is wanted. */

import { h } from "./dom.js";

/** @type {Promise<typeof import("../../vendor/katex/katex.mjs")> | null} */
let katex = null;

/**
 * @param {string} latex
 * @param {{display?: boolean}} [options] `display`: as a paragraph of its own.
 * @returns {HTMLElement} Keeps its place until it is set; shows the LaTeX if that cannot be.
 */
export function equation(latex, { display = false } = {}) {
  const element = h(display ? "div" : "span", { class: "equation", "aria-busy": true }, latex);
  katex ??= import("../../vendor/katex/katex.mjs");
  katex
    .then(({ default: { render } }) => render(latex, element, { displayMode: display, throwOnError: false }))
    .finally(() => element.removeAttribute("aria-busy"));
  if (display) sizes.observe(element);
  return element;
}

/** One that is too wide is scrolled, by the keyboard too. */
const sizes = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    if (target.scrollWidth > target.clientWidth) target.setAttribute("tabindex", "0");
    else target.removeAttribute("tabindex");
  }
});
