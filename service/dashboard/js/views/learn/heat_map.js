/**
 * A vector or matrix as coloured cells: with its numbers in them where it is small, else as a
 * picture that tells the number under the pointer.
 */

/** @import { Numbers } from "../../lib/types.js" */

import { h } from "../../lib/dom.js";
import { matrixOf, vectorOf } from "../../lib/numbers.js";
import { colour, onThemeChange } from "../../lib/theme.js";
import { figure } from "./figures.js";

/** The largest matrix that is written in numbers. */
const MAX_COLUMNS = 8;
const MAX_ROWS = 12;
/** Letters of a row that fit on a small screen, and the room around a number; wider ones are scrolled. */
const MAX_LETTERS = 34;
const LETTERS_AROUND = 2.5;
/** The side of a cell of a picture in pixels, at most. */
const MAX_CELL = 16;

/**
 * @param {string} name What it is, such as `W`.
 * @param {Numbers} numbers
 * @param {{ signal: AbortSignal, digits?: number, row?: number, picture?: boolean }} options
 *   `row` is marked; a `picture` is drawn, however small.
 * @returns {HTMLElement}
 */
export function heatMap(name, numbers, { signal, digits = 3, row, picture = false }) {
  const rows = numbers.shape.length === 1 ? [vectorOf(numbers)] : matrixOf(numbers);
  const size = numbers.shape.join(" × ");
  const isSmall = !picture && rows.length <= MAX_ROWS && (rows[0]?.length ?? 0) <= MAX_COLUMNS;
  const caption = `${name} (${size})${numbers.cut ? ", its first corner" : ""}`;
  return h(
    "figure",
    { class: "matrix" },
    h("figcaption", { class: "small muted" }, caption),
    isSmall ? inNumbers(caption, rows, digits, row) : asPicture(caption, rows, signal),
  );
}

/**
 * @param {string} caption
 * @param {(number | null)[][]} rows
 * @param {number} digits
 * @param {number | undefined} marked
 */
function inNumbers(caption, rows, digits, marked) {
  const largest = largestOf(rows);
  const isWide = rows.some((values) => values.reduce((/** @type {number} */ sum, value) => sum + figure(value, digits).length + LETTERS_AROUND, 0) > MAX_LETTERS);
  return h(
    "div",
    isWide ? { class: "table-frame", tabindex: 0, role: "region", "aria-label": caption } : {},
    h(
      "table",
      { class: "cells" },
      h("tbody", {}, rows.map((values, i) =>
        h("tr", { class: i === marked ? "marked" : "" }, values.map((value) =>
          h("td", {
            class: (value ?? 0) < 0 ? "negative" : "positive",
            style: { "--strength": `${(40 * Math.abs(value ?? 0)) / largest}%` },
          }, figure(value, digits)),
        )),
      )),
    ),
  );
}

/**
 * @param {string} caption
 * @param {(number | null)[][]} rows
 * @param {AbortSignal} signal
 */
function asPicture(caption, rows, signal) {
  const columns = rows[0]?.length ?? 0;
  const cell = Math.max(3, Math.min(MAX_CELL, Math.floor(480 / Math.max(columns, rows.length))));
  const canvas = h("canvas", { class: "heat", width: columns, height: rows.length, role: "img", "aria-label": caption });
  canvas.style.width = `${columns * cell}px`;
  canvas.style.height = `${rows.length === 1 ? MAX_CELL : rows.length * cell}px`;
  const told = h("output", { class: "reading small mono" }, `Point at a cell.`);
  canvas.addEventListener("pointermove", ({ offsetX, offsetY }) => {
    const [i, j] = [Math.floor((offsetY / canvas.clientHeight) * rows.length), Math.floor((offsetX / canvas.clientWidth) * columns)];
    const value = rows[i]?.[j];
    if (value !== undefined) told.textContent = `row ${i + 1}, column ${j + 1}: ${figure(value, 6)}`;
  });
  const draw = () => paint(canvas, rows);
  draw();
  onThemeChange(draw, signal);
  return h("div", { class: "stack" }, canvas, told);
}

/**
 * A pixel for every number: the colour says its sign, how strong it is its size.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {(number | null)[][]} rows
 */
function paint(canvas, rows) {
  const context = canvas.getContext("2d");
  if (!context) return;
  const largest = largestOf(rows);
  const [positive, negative, none] = [colour("--c0"), colour("--c1"), colour("--raised")];
  rows.forEach((values, i) => values.forEach((value, j) => {
    context.globalAlpha = 1;
    context.fillStyle = none;
    context.fillRect(j, i, 1, 1);
    context.globalAlpha = Math.abs(value ?? 0) / largest;
    context.fillStyle = (value ?? 0) < 0 ? negative : positive;
    context.fillRect(j, i, 1, 1);
  }));
}

/** @param {(number | null)[][]} rows */
function largestOf(rows) {
  return rows.flat().reduce((/** @type {number} */ most, value) => Math.max(most, Math.abs(value ?? 0)), 1e-12);
}
