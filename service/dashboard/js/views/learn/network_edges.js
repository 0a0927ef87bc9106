/** The connections of the drawn network: how strong they are, and what runs along them at a step. */

/** @import { TracedLayer } from "../../lib/types.js" */
/** @import { Scene } from "./network_drawing.js" */
/** @import { Layout, Spot } from "./network_layout.js" */
/** @import { Step } from "./steps.js" */

import { svg } from "../../lib/dom.js";
import { matrixOf } from "../../lib/numbers.js";
import { figure } from "./figures.js";
import { RADIUS } from "./network_layout.js";

/** How far along an edge its number stands: nearer to the end where edges are apart. */
const LABEL_AT = 0.4;

/**
 * @param {Scene} scene
 * @param {Layout} layout
 * @param {TracedLayer} layer
 * @param {number} k
 */
export function edges(scene, { columns }, layer, k) {
  const [from, to] = [columns[k], columns[k + 1]];
  if (!from || !to) return null;
  if (!layer.parameters.W) return svg("g", {}, from.spots.map((a) => passing(a, to.spots.find((b) => b.index === a.index))));
  const weights = matrixOf(layer.parameters.W);
  const numbers = numbersOn(scene, layer, k) ?? weights;
  const largest = Math.max(...weights.flat().map((weight) => Math.abs(weight ?? 0)), 1e-12);
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
        sign: (weight ?? 0) < 0 ? "negative" : "positive",
        share: Math.abs(weight ?? 0) / largest,
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
  if (step.shows === "gradients") return layer.gradients.dW ? matrixOf(layer.gradients.dW) : null;
  return step.shows === "theta" && layer.theta.W ? matrixOf(layer.theta.W) : null;
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

/** @param {Scene} scene @param {Layout} layout */
export function lossEdges({ step }, { columns, lossX, middle }) {
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
