/** The units of the drawn network: what is known about each at a step, in it and below it. */

/** @import { Numbers, Trace } from "../../lib/types.js" */
/** @import { Scene } from "./network_drawing.js" */
/** @import { Column, Spot } from "./network_layout.js" */
/** @import { Step } from "./steps.js" */

import { svg } from "../../lib/dom.js";
import { vectorOf } from "../../lib/numbers.js";
import { figure } from "./figures.js";
import { RADIUS } from "./network_layout.js";
import { vector } from "./reading.js";
import { columnOf } from "./steps.js";

/** Letters that fit into a unit. */
const MAX_LETTERS = 6;
/** Letters of a name that fit above one. */
const MAX_NAME_LETTERS = 18;

/** @param {Scene} scene @param {Column} column @param {number} c */
export function units(scene, column, c) {
  const x = column.spots[0]?.x ?? 0;
  return svg(
    "g",
    {},
    column.spots.map((spot) => unitDrawing(scene, spot, c)),
    column.gapAt === null
      ? null
      : svg("text", { class: "gap", x, y: column.gapAt + 4 }, `⋮ ${column.count - column.spots.length} more`),
  );
}

/** @param {Scene} scene @param {Spot} spot @param {number} c */
function unitDrawing({ trace, step, known, unit, onUnit }, { index, x, y }, c) {
  const layer = trace.layers[c - 1];
  const isActive = columnOf(step) === c && step.shows !== "loss";
  const { inside, below } = numbersOf(trace, step, known, c, index);
  const name = nameOf(trace, c, index);
  const choose = () => onUnit(index);
  const error = known.has(`delta${c - 1}`) ? share(layer?.delta ?? null, index) : 0;
  const selectable = isActive
    ? {
        role: "button",
        tabindex: 0,
        "aria-pressed": unit === index,
        onclick: choose,
        onkeydown: (/** @type {KeyboardEvent} */ event) => {
          if (event.key === "Enter" || event.key === " ") {
            event.preventDefault();
            choose();
          }
        },
      }
    : {};
  const value = valueOf(trace, known, c, index);
  return svg(
    "g",
    { class: `unit ${isActive ? "active" : ""} ${isActive && unit === index ? "chosen" : ""}`, ...selectable },
    svg("circle", {
      class: value !== null && value < 0 ? "negative" : "positive",
      cx: x,
      cy: y,
      r: RADIUS,
      style: { "--strength": `${value === null ? 0 : 45 * Math.min(1, Math.abs(value))}%` },
    }),
    error > 0
      ? svg("circle", { class: "error-ring", cx: x, cy: y, r: RADIUS + 4, style: { "stroke-width": `${1 + 3 * error}px` } })
      : null,
    svg("text", { class: "name", x, y: y - RADIUS - 8 }, shortened(name), shortened(name) === name ? null : svg("title", {}, name)),
    svg("text", { class: inside.length > MAX_LETTERS ? "inside long" : "inside", x, y: y + 5 }, inside),
    svg(
      "text",
      { class: "below", x, y: y + RADIUS + 17 },
      below.map(({ symbol, value: each, kind }, i) => [
        i ? svg("tspan", {}, "  ") : null,
        svg("tspan", { class: kind }, `${symbol} ${figure(each)}`),
      ]),
    ),
  );
}

/**
 * @param {Trace} trace
 * @param {Set<string>} known
 * @param {number} c
 * @param {number} index
 * @returns {number | null}
 */
function valueOf(trace, known, c, index) {
  const layer = trace.layers[c - 1];
  if (!layer) return vector(trace.layers[0]?.x)[index] ?? null;
  if (known.has(`h${c - 1}`)) return vector(layer.h)[index] ?? null;
  return known.has(`z${c - 1}`) ? (vector(layer.z)[index] ?? null) : null;
}

/**
 * What stands in a unit, and below it: the newest number inside.
 *
 * @param {Trace} trace
 * @param {Step} step
 * @param {Set<string>} known
 * @param {number} c
 * @param {number} index
 */
function numbersOf(trace, step, known, c, index) {
  const k = c - 1;
  const layer = trace.layers[k];
  const value = valueOf(trace, known, c, index);
  /** @type {{ symbol: string, value: number | null | undefined, kind: string }[]} */
  const below = [];
  if (layer) {
    const isThis = step.layer === k;
    const bias = layer.parameters.b && vectorOf(layer.parameters.b)[index];
    if (isThis && step.shows === "theta") {
      if (layer.theta.b) below.push({ symbol: "b", value: vectorOf(layer.theta.b)[index], kind: "update" });
    } else if (isThis && (step.shows === "z" || (step.shows === "h" && !layer.z && bias !== undefined))) {
      if (bias !== undefined) below.push({ symbol: "+ b", value: bias, kind: "quiet" });
    } else {
      if (layer.z && known.has(`h${k}`)) below.push({ symbol: "z", value: vector(layer.z)[index], kind: "quiet" });
      if (known.has(`delta${k}`)) below.push({ symbol: "δ", value: vector(layer.delta)[index], kind: "backward" });
    }
  }
  return { inside: value === null ? "" : fitting(value), below };
}

/** As exactly as there is room for in a unit. @param {number} value */
function fitting(value) {
  const usual = figure(value);
  return usual.length > MAX_LETTERS ? figure(value, 2) : usual;
}

/** @param {Trace} trace @param {number} c @param {number} index */
function nameOf(trace, c, index) {
  if (c === 0) return trace.features[index] ?? `x${subscript(index)}`;
  if (c < trace.layers.length) return `h${subscript(index)}`;
  const { classes } = trace;
  const outputs = vector(trace.y_hat).length;
  if (classes && outputs === classes.length) return `ŷ ${classes[index]}`;
  if (classes && outputs === 1) return `ŷ: P(${classes[1]})`;
  return trace.targets.length === outputs ? `ŷ ${trace.targets[index]}` : `ŷ${subscript(index)}`;
}

/** @param {Numbers | null} numbers @param {number} index */
function share(numbers, index) {
  const values = vector(numbers).map((each) => Math.abs(each ?? 0));
  const largest = Math.max(...values, 0);
  return largest > 0 ? (values[index] ?? 0) / largest : 0;
}

/** @param {number} index */
function subscript(index) {
  return [...String(index + 1)].map((digit) => String.fromCodePoint(0x2080 + Number(digit))).join("");
}

/** A name as long as there is room for. @param {string} name */
export function shortened(name) {
  return name.length > MAX_NAME_LETTERS ? `${name.slice(0, MAX_NAME_LETTERS - 1)}…` : name;
}
