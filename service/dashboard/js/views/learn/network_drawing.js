/**
 * The network with the numbers of a step in place: weights on the edges, sums and outputs in the
 * units, then the errors, the gradients and the new weights.
 */

/** @import { Trace } from "../../lib/types.js" */
/** @import { Layout } from "./network_layout.js" */
/** @import { Step } from "./steps.js" */

import { svg } from "../../lib/dom.js";
import { figure } from "./figures.js";
import { edges, lossEdges } from "./network_edges.js";
import { layoutOf } from "./network_layout.js";
import { shortened, units } from "./network_units.js";
import { vector } from "./reading.js";
import { columnOf } from "./steps.js";

/**
 * @typedef {{
 *   trace: Trace, step: Step, known: Set<string>, unit: number, onUnit: (unit: number) => void,
 *   room: number,
 * }} Scene
 *   What is drawn: `unit` is the chosen one of the step's column, `onUnit` is told of another choice.
 *   `room` is the width that there is for it.
 */

/**
 * @param {Scene} scene
 * @returns {SVGSVGElement}
 */
export function networkDrawing(scene) {
  const { trace, step, unit, room } = scene;
  const layout = layoutOf(trace, columnOf(step), unit, room);
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
