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
  return element;
}
