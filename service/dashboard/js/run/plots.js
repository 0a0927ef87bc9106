/**
 * Curves and residuals, drawn in SVG from rows that are told one by one.
 *
 * @typedef {import("./scores.js").Evaluation} Evaluation
 * @typedef {import("./scores.js").Answers} Answers
 * @typedef {import("./shapes.js").Task} Task
 */

import { h, svg } from "../lib/dom.js";
import { number } from "../lib/format.js";
import { token } from "./colours.js";
import { areaBelow, rocCurve } from "./roc.js";
import { ticks } from "./ticks.js";

const [WIDTH, HEIGHT] = [420, 360];
const SPACE = { left: 56, right: 14, top: 10, bottom: 44 };
const TICKS = 5;

/** @typedef {{low: number, high: number, name: string}} Axis */

/** ROC curves: of two classes that of the second, of more each against the rest. @param {Evaluation} told @param {Task} task */
export function rocPlot({ scores, answers, targets }, task) {
  const parts = answers?.probabilities ?? null;
  if (answers === null || parts === null) return [];
  const labels = scores.kind === "multilabel" ? targets : task.classes;
  const curves = labels.flatMap((label, place) => {
    if (task.kind === "binary" && place === 0) return [];
    const truth = answers.truth.map((each) => (Array.isArray(each) ? each[place] === task.classes[1] : each === label));
    const points = rocCurve(parts.map((row) => row[place] ?? 0), truth);
    return points.length === 0 ? [] : [{ label: String(label), points, token: token(place) }];
  });
  if (curves.length === 0) return [];
  const scale = scaleOf({ low: 0, high: 1, name: "false alarms" }, { low: 0, high: 1, name: "found" });
  const drawn = curves.map((curve) => svg("path", {
    d: curve.points.map((point, place) =>
      `${place === 0 ? "M" : "L"}${scale.x(point.x).toFixed(1)} ${scale.y(point.y).toFixed(1)}`).join(""),
    class: "plot-line", style: { stroke: `var(${curve.token})` },
  }, svg("title", {}, curve.label)));
  const told = curves.map((curve) => `${curve.label}: ${areaBelow(curve.points).toFixed(3)}`);
  return [h("section", { class: "card" }, h("h2", {}, "ROC"),
    frame(scale, `ROC curves. Areas: ${told.join(", ")}.`,
      svg("path", { class: "plot-chance", d: `M${scale.x(0)} ${scale.y(0)}L${scale.x(1)} ${scale.y(1)}` }), drawn),
    h("ul", { class: "run-classes" }, curves.map((curve, place) =>
      h("li", {}, h("i", { class: "run-dot", style: { background: `var(${curve.token})` } }), told[place]))))];
}

/** What the model says against what is right, and what is left, for each target. @param {Answers} answers @param {string[]} targets */
export function residualPlot(answers, targets) {
  return targets.flatMap((target, place) => {
    const of = (/** @type {any} */ each) => Number(Array.isArray(each) ? each[place] : each);
    const pairs = answers.truth.map((truth, row) => ({ truth: of(truth), said: of(answers.predictions[row]) }));
    const both = spread(pairs.flatMap(({ truth, said }) => [truth, said]));
    const rest = spread(pairs.map(({ truth, said }) => said - truth));
    const name = targets.length === 1 ? "" : `, ${target}`;
    const first = scaleOf({ ...both, name: `${target}, right` }, { ...both, name: "predicted" });
    const second = scaleOf({ ...both, name: "predicted" }, { ...rest, name: "predicted − right" });
    return [
      h("section", { class: "card" }, h("h2", {}, `Predicted against right${name}`),
        frame(first, `Predictions of ${target} against the right values, ${pairs.length} rows.`,
          svg("path", { class: "plot-chance", d: `M${first.x(both.low)} ${first.y(both.low)}L${first.x(both.high)} ${first.y(both.high)}` }),
          pairs.map(({ truth, said }) => dot(first.x(truth), first.y(said))))),
      h("section", { class: "card" }, h("h2", {}, `Residuals${name}`),
        frame(second, `Residuals of ${target} by prediction, ${pairs.length} rows.`,
          svg("path", { class: "plot-chance", d: `M${second.x(both.low)} ${second.y(0)}L${second.x(both.high)} ${second.y(0)}` }),
          pairs.map(({ truth, said }) => dot(second.x(said), second.y(said - truth))))),
    ];
  });
}

/** @param {number} x @param {number} y */
const dot = (x, y) => svg("circle", { class: "plot-dot", cx: x.toFixed(1), cy: y.toFixed(1), r: 3 });

/** @param {number[]} values */
function spread(values) {
  const low = values.reduce((a, b) => Math.min(a, b), Infinity);
  const high = values.reduce((a, b) => Math.max(a, b), -Infinity);
  const margin = 0.04 * (high - low || 1);
  return { low: low - margin, high: high + margin };
}

/** @param {Axis} across @param {Axis} up */
function scaleOf(across, up) {
  return {
    across, up,
    x: (/** @type {number} */ value) =>
      SPACE.left + ((value - across.low) / (across.high - across.low)) * (WIDTH - SPACE.left - SPACE.right),
    y: (/** @type {number} */ value) =>
      HEIGHT - SPACE.bottom - ((value - up.low) / (up.high - up.low)) * (HEIGHT - SPACE.top - SPACE.bottom),
  };
}

/** @param {ReturnType<typeof scaleOf>} scale @param {string} label @param {...import("../lib/dom.js").Child} content */
function frame({ across, up, x, y }, label, ...content) {
  return svg("svg", { class: "plot", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": label },
    ticks(up.low, up.high, TICKS).map((value) => [
      svg("line", { class: "plot-grid", x1: x(across.low), x2: x(across.high), y1: y(value), y2: y(value) }),
      svg("text", { class: "plot-tick end", x: x(across.low) - 8, y: y(value) + 4 }, number(value, 3)),
    ]),
    ticks(across.low, across.high, TICKS).map((value) =>
      svg("text", { class: "plot-tick", x: x(value), y: HEIGHT - SPACE.bottom + 18 }, number(value, 3))),
    svg("text", { class: "plot-name", x: (SPACE.left + WIDTH - SPACE.right) / 2, y: HEIGHT - 6 }, across.name),
    svg("text", { class: "plot-name", transform: `translate(13 ${(SPACE.top + HEIGHT - SPACE.bottom) / 2}) rotate(-90)` }, up.name),
    content);
}
