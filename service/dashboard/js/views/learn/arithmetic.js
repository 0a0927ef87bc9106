/** Sums of products as they are written on a board. */

import { latexFactor } from "./figures.js";

const raw = String.raw;

/** Terms of a sum that are written out; of longer ones the first few and dots. */
const MAX_TERMS = 6;
const TERMS_PER_LINE = 2;

/** @typedef {number | null | undefined} Value */

/**
 * Null where a factor is not finite.
 *
 * @param {Value} left
 * @param {Value} right
 */
export function product(left, right) {
  return typeof left === "number" && typeof right === "number" ? left * right : null;
}

/**
 * `a_1 b_1`, `a_2 b_2`, …, shortened.
 *
 * @param {Value[]} left
 * @param {Value[]} right
 * @param {number} count How many there are in truth.
 * @param {number} digits
 * @returns {string[]}
 */
export function products(left, right, count, digits) {
  const shown = count > MAX_TERMS ? MAX_TERMS - 1 : count;
  const terms = left.slice(0, shown).map((value, i) => {
    const [a, b] = [latexFactor(value, digits), latexFactor(right[i], digits)];
    return raw`${a} \cdot ${b}`;
  });
  return count > shown ? [...terms, raw`\cdots`] : terms;
}

/**
 * A sum below each other, two terms a line, with its result in the last one.
 *
 * @param {string} symbol
 * @param {string[]} terms
 * @param {string} result
 */
export function summed(symbol, terms, result) {
  const lines = [];
  for (let i = 0; i < terms.length; i += TERMS_PER_LINE) {
    lines.push(terms.slice(i, i + TERMS_PER_LINE).join(" + "));
  }
  return raw`\begin{aligned} ${symbol} &= ${lines.join(raw` \\ &\quad + `)} \\ &= ${result} \end{aligned}`;
}

/**
 * Equations below each other, their equal signs in line: pairs of what stands left and right.
 *
 * @param {[string, string][]} lines
 */
export function aligned(lines) {
  const body = lines.map(([left, right]) => raw`${left} &= ${right}`).join(raw` \\[5pt] `);
  return raw`\begin{aligned} ${body} \end{aligned}`;
}
