/**
 * The network with the numbers of a step in place: weights on the edges, sums and outputs in the
 * units, then the errors, the gradients and the new weights.
 */

/** @import { Numbers, Trace, TracedLayer } from "./replies.js" */
/** @import { Column, Layout, Spot } from "./network_layout.js" */
/** @import { Step } from "./steps.js" */

import { svg } from "../lib/dom.js";
import { figure } from "./figures.js";
import { layoutOf, RADIUS } from "./network_layout.js";
import { vector } from "./reading.js";

/** How far along an edge its number stands: nearer to the end where edges are apart. */
const LABEL_AT = 0.4;

/** Letters that fit into a unit. */
const MOST_LETTERS = 6;

/** @typedef {{ trace: Trace, step: Step, known: Set<string>, unit: number, onUnit: (unit: number) => void }} Scene */

/**
 * @param {Scene} scene
 * @returns {SVGSVGElement}
 */
export function networkDrawing(scene) {
  const { trace, step, unit } = scene;
  const layout = layoutOf(trace, columnOf(step), unit);
  const { width, height } = layout;
  return svg(
    "svg",
    {
      class: "network",
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      role: "group",
      "aria-label": "The network, with the numbers of this step",
    },
    trace.layers.map((layer, k) => edges(scene, layout, layer, k)),
    lossEdges(scene, layout),
    layout.columns.map((column, c) => units(scene, column, c)),
    lossBox(scene, layout),
  );
}

/**
 * The column that a step is about: 0 is the inputs.
 *
 * @param {Step} step
 */
export function columnOf(step) {
  return step.shows === "x" ? 0 : step.layer + 1;
}

/**
 * @param {Scene} scene
 * @param {Layout} layout
 * @param {TracedLayer} layer
 * @param {number} k
 */
function edges(scene, { columns }, layer, k) {
  const [from, to] = [columns[k], columns[k + 1]];
  if (!from || !to) return null;
  const weights = layer.parameters.W?.values;
  if (!weights) return svg("g", {}, from.spots.map((a) => passing(a, to.spots.find((b) => b.index === a.index))));
  const numbers = numbersOn(scene, layer, k) ?? weights;
  const largest = Math.max(...weights.flat().map(Math.abs), 1e-12);
  const drawn = from.spots.flatMap((a) => to.spots.map((b) => ({ a, b })));
  const motion = motionOf(scene.step, k);
  const inFront = drawn.filter(({ a, b }) => isChosen(scene, k, a, b));
  const behind = drawn.filter(({ a, b }) => !isChosen(scene, k, a, b));
  return svg(
    "g",
    { class: `edges ${motion}` },
    [...behind, ...inFront].map(({ a, b }) => {
      const weight = weights[b.index]?.[a.index];
      const chosen = isChosen(scene, k, a, b);
      return edge(a, b, {
        sign: weight < 0 ? "negative" : "positive",
        share: Math.abs(weight) / largest,
        chosen,
        title: `W ${b.index + 1},${a.index + 1} = ${figure(weight, 6)}`,
      });
    }),
    inFront.map(({ a, b }) => edgeLabel(a, b, numbers[b.index]?.[a.index], isFan(scene.step, k))),
  );
}

/** @param {Spot} a @param {Spot | undefined} b */
function passing(a, b) {
  return b ? svg("line", { class: "edge passing", x1: a.x + RADIUS, y1: a.y, x2: b.x - RADIUS, y2: b.y }) : null;
}

/**
 * @param {Spot} a
 * @param {Spot} b
 * @param {{ sign: string, share: number, chosen: boolean, title: string }} look
 */
function edge(a, b, { sign, share, chosen, title }) {
  const ends = { x1: a.x + RADIUS, y1: a.y, x2: b.x - RADIUS, y2: b.y };
  return svg(
    "g",
    { class: `edge ${sign} ${chosen ? "chosen" : ""}` },
    svg("line", { ...ends, style: { "stroke-width": `${1 + 4 * share}px` } }, svg("title", {}, title)),
    chosen ? svg("line", { ...ends, class: "stream" }) : null,
  );
}

/** @param {Spot} a @param {Spot} b @param {number | null | undefined} value @param {boolean} fan */
function edgeLabel(a, b, value, fan) {
  const t = fan ? 1 - LABEL_AT : LABEL_AT;
  const [x, y] = [a.x + t * (b.x - a.x), a.y + t * (b.y - a.y)];
  return svg("text", { class: "edge-label", x, y: y + 4 }, figure(value));
}

/**
 * The numbers that the edges into layer k show at this step, if any but the weights.
 *
 * @param {Scene} scene
 * @param {TracedLayer} layer
 * @param {number} k
 */
function numbersOn({ step }, layer, k) {
  if (step.layer !== k) return null;
  if (step.shows === "gradients") return layer.gradients.dW?.values ?? null;
  return step.shows === "theta" ? (layer.theta.W?.values ?? null) : null;
}

/** @param {Step} step @param {number} k @returns {string} */
function motionOf(step, k) {
  if (step.phase === "forward") return step.layer === k && step.shows !== "loss" ? "forward" : "";
  if (step.shows === "delta") return step.layer + 1 === k ? "backward" : "";
  if (step.shows === "gradients") return step.layer === k ? "backward" : "";
  return step.shows === "theta" && step.layer === k ? "update" : "";
}

/** Edges that leave one unit, rather than arrive at one. @param {Step} step @param {number} k */
function isFan(step, k) {
  return step.shows === "delta" && step.layer + 1 === k;
}

/** @param {Scene} scene @param {number} k @param {Spot} a @param {Spot} b */
function isChosen({ step, unit }, k, a, b) {
  if (!motionOf(step, k)) return false;
  return isFan(step, k) ? a.index === unit : b.index === unit;
}

/** @param {Scene} scene @param {Column} column @param {number} c */
function units(scene, column, c) {
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
    svg("text", { class: "inside", x, y: y + 5 }, inside),
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
    const bias = layer.parameters.b?.values[index];
    if (isThis && step.shows === "theta") {
      if (layer.theta.b) below.push({ symbol: "b", value: layer.theta.b.values[index], kind: "update" });
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
  return usual.length > MOST_LETTERS ? figure(value, 2) : usual;
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

/** @param {Scene} scene @param {Layout} layout */
function lossEdges({ step }, { columns, lossX, middle }) {
  const last = columns.at(-1);
  const motion = step.shows === "loss" ? "forward" : "";
  return svg(
    "g",
    { class: `edges ${motion}` },
    last?.spots.map(({ x, y }) =>
      svg("line", { class: "edge passing", x1: x + RADIUS, y1: y, x2: lossX - 40, y2: middle }),
    ),
  );
}

/** @param {Scene} scene @param {Layout} layout */
function lossBox({ trace, step, known }, { lossX, middle }) {
  const y = vector(trace.y);
  const right = trace.classes && y.length === 1 ? String(trace.classes[Number(y[0])]) : y.map((each) => figure(each)).join(", ");
  return svg(
    "g",
    { class: `loss ${step.shows === "loss" ? "active" : ""}` },
    svg("rect", { x: lossX - 40, y: middle - 26, width: 80, height: 52, rx: 10 }),
    svg("text", { class: "name", x: lossX, y: middle - 36 }, shortened(`y = ${right}`)),
    svg("text", { class: "inside", x: lossX, y: middle + 5 }, known.has(`loss${trace.layers.length - 1}`) ? `L ${figure(trace.loss)}` : "L"),
  );
}

/** @param {Numbers | null} numbers @param {number} index */
function share(numbers, index) {
  const values = vector(numbers).map((each) => Math.abs(each ?? 0));
  const largest = Math.max(...values, 0);
  return largest > 0 ? (values[index] ?? 0) / largest : 0;
}

/** @param {string} name */
function shortened(name) {
  return name.length > 18 ? `${name.slice(0, 17)}…` : name;
}

/** @param {number} index */
function subscript(index) {
  return [...String(index + 1)].map((digit) => String.fromCodePoint(0x2080 + Number(digit))).join("");
}
