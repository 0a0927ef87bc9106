/**
 * A model's predictions over one column as curves, with the data as points.
 *
 * @typedef {import("./grid.js").Axis} Axis
 * @typedef {import("./answers.js").Answers} Answers
 *
 * @typedef {object} Response
 * @property {Axis} x
 * @property {number[]} along the positions of the predictions along the column
 * @property {Answers} answers
 * @property {{x: number, value: number}[]} points of a classifier `value` is the place of the class
 * @property {string} target
 */

import { svg } from "../../lib/dom.js";
import { token } from "./colours.js";
import { dot, frame, inside, line, scaleOf, spread } from "./plot_frame.js";

/** How far curves may leave the data before they are cut off: a part of the data's range. */
const MARGIN = 0.25;

/** @param {Response} response @param {string} label what it shows */
export function responsePlot(response, label) {
  const { answers } = response;
  const scale = scaleOf(response.x, upOf(response));
  const content = answers.kind === "numbers"
    ? numbersOf(response, answers.values, scale) : classesOf(response, answers.parts, scale);
  const marker = svg("line", { class: "plot-marker", y1: scale.y(scale.up.low), y2: scale.y(scale.up.high), visibility: "hidden" });
  const root = frame(scale, label, inside(scale, content, marker));
  /** Mark a place. @param {number | null} x */
  const mark = (x) => {
    marker.setAttribute("visibility", x === null ? "hidden" : "visible");
    if (x === null) return;
    marker.setAttribute("x1", String(scale.x(x)));
    marker.setAttribute("x2", String(scale.x(x)));
  };
  return { root, mark };
}

/** The axis of predictions: probabilities, or as far as the data reach, so that it stands still while the model changes. @param {Response} response */
function upOf({ answers, points, target }) {
  if (answers.kind === "classes") return { low: -0.02, high: 1.02, name: "probability" };
  const values = points.length > 0 ? points.map((point) => point.value) : answers.values;
  return { ...spread(values, MARGIN), name: target };
}

/** @param {Response} response @param {number[]} values @param {import("./plot_frame.js").Scale} scale */
function numbersOf({ along, points }, values, scale) {
  const curve = along.map((x, place) => ({ x, y: values[place] ?? 0 }));
  return [
    points.map((point) => dot(scale.x(point.x), scale.y(point.value))),
    line(scale, curve, { style: { stroke: `var(${token(1)})` } }),
  ];
}

/** A curve for each class, and every row on that of its own. @param {Response} response @param {number[][]} parts @param {import("./plot_frame.js").Scale} scale */
function classesOf({ along, points }, parts, scale) {
  const classes = parts[0] ?? [];
  const curves = classes.map((_, of) => along.map((x, place) => ({ x, y: parts[place]?.[of] ?? 0 })));
  return [
    curves.map((curve, of) => line(scale, curve, { style: { stroke: `var(${token(of)})` } })),
    points.map(({ x, value }) => {
      const curve = curves[value] ?? [];
      return dot(scale.x(x), scale.y(between(curve, x)), { style: { fill: `var(${token(value)})` } });
    }),
  ];
}

/** The height of a curve, whose points are evenly apart. @param {{x: number, y: number}[]} curve @param {number} x */
function between(curve, x) {
  const [first, last] = [curve[0]?.x ?? 0, curve.at(-1)?.x ?? 1];
  const at = ((x - first) / (last - first || 1)) * (curve.length - 1);
  const left = Math.min(Math.max(0, Math.floor(at)), curve.length - 2);
  const [low, high] = [curve[left]?.y ?? 0, curve[left + 1]?.y ?? 0];
  return low + (at - left) * (high - low);
}
