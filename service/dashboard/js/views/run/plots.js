/**
 * ROC curves and residual plots, drawn in SVG from the predictions of single rows.
 *
 */

/** @import { Evaluation, OutOfFoldEvaluation, RowAnswers, Task } from "../../lib/types.js" */

import { h, svg } from "../../lib/dom.js";
import { token } from "./colours.js";
import { dot, frame, line, scaleOf, spread } from "./plot_frame.js";
import { areaUnder, rocCurve } from "./roc.js";

/** ROC curves: of two classes that of the second, of more each against the rest. @param {Evaluation | OutOfFoldEvaluation} told @param {Task} task */
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
  const scale = scaleOf({ low: 0, high: 1, name: "false positive rate" }, { low: 0, high: 1, name: "true positive rate" });
  const drawn = curves.map((curve) =>
    line(scale, curve.points, { style: { stroke: `var(${curve.token})` } }, svg("title", {}, curve.label)));
  const told = curves.map((curve) => `${curve.label}: ${areaUnder(curve.points).toFixed(3)}`);
  return [h("section", { class: "card" }, h("h2", {}, "ROC"),
    frame(scale, `ROC curves. Areas: ${told.join(", ")}.`,
      svg("path", { class: "plot-chance", d: `M${scale.x(0)} ${scale.y(0)}L${scale.x(1)} ${scale.y(1)}` }), drawn),
    h("ul", { class: "run-classes" }, curves.map((curve, place) =>
      h("li", {}, h("i", { class: "run-dot", style: { background: `var(${curve.token})` } }), told[place]))))];
}

/** Predicted vs. actual values, and the residuals, for each target. @param {RowAnswers} answers @param {string[]} targets */
export function residualPlot(answers, targets) {
  return targets.flatMap((target, place) => {
    const of = (/** @type {RowAnswers["truth"][number] | undefined} */ each) => Number(Array.isArray(each) ? each[place] : each);
    const pairs = answers.truth.map((truth, row) => ({ truth: of(truth), said: of(answers.predictions[row]) }));
    const both = spread(pairs.flatMap(({ truth, said }) => [truth, said]));
    const rest = spread(pairs.map(({ truth, said }) => said - truth));
    const name = targets.length === 1 ? "" : `, ${target}`;
    const first = scaleOf({ ...both, name: `${target}, actual` }, { ...both, name: "predicted" });
    const second = scaleOf({ ...both, name: "predicted" }, { ...rest, name: "predicted − actual" });
    return [
      h("section", { class: "card" }, h("h2", {}, `Predicted vs. actual${name}`),
        frame(first, `Predictions of ${target} vs. the actual values, ${pairs.length} rows.`,
          svg("path", { class: "plot-chance", d: `M${first.x(both.low)} ${first.y(both.low)}L${first.x(both.high)} ${first.y(both.high)}` }),
          pairs.map(({ truth, said }) => dot(first.x(truth), first.y(said))))),
      h("section", { class: "card" }, h("h2", {}, `Residuals${name}`),
        frame(second, `Residuals of ${target} by prediction, ${pairs.length} rows.`,
          svg("path", { class: "plot-chance", d: `M${second.x(both.low)} ${second.y(0)}L${second.x(both.high)} ${second.y(0)}` }),
          pairs.map(({ truth, said }) => dot(second.x(said), second.y(said - truth))))),
    ];
  });
}
