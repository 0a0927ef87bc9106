/** The update: every parameter takes a step against its gradient, as the optimizer would have it. */

/** @import { Lesson, Subject } from "./lesson.js" */

import { aligned } from "./arithmetic.js";
import { figure, latexFactor, latexFigure, latexSetting } from "./figures.js";
import { layerAt } from "./reading.js";
import { at, b, called, equationOf, result, W } from "./symbols.js";

const raw = String.raw;

/** Parameters of a unit that are written out. */
const MOST_LINES = 4;

/**
 * @typedef {{ symbol: string, old: number, slope: number, new: number }} Parameter
 */

/** @param {Subject} subject @param {number} k @returns {Lesson} */
export function updateLesson(subject, k) {
  const { trace, catalog } = subject;
  const kind = trace.optimizer.kind;
  const parameters = parametersOf(subject, k).slice(0, MOST_LINES);
  const byHand = isPlain(subject);
  return {
    title: `${called(trace, k)}: the update`,
    text: byHand
      ? "Every weight and bias takes a small step against its slope: the learning rate says how small. The gradient points uphill, so minus goes down."
      : explained(subject, parameters[0]),
    equations: [
      byHand ? raw`\theta \leftarrow \theta - \eta \, \frac{\partial L}{\partial \theta}` : equationOf(kind, catalog, "optimizer"),
      raw`\eta = ${latexSetting(trace.learning_rate)}`,
      aligned(parameters.map((parameter) => line(subject, parameter, byHand))),
    ],
  };
}

/**
 * Whether the step is the lecture's: no memory, no penalty, no limit.
 *
 * @param {Subject} subject
 */
function isPlain({ trace, spec }) {
  const { kind, momentum } = trace.optimizer;
  return kind === "sgd" && !momentum && !spec.regularizers?.length && !spec.clipping;
}

/** @param {Subject} subject @param {Parameter | undefined} example */
function explained({ trace, spec }, example) {
  const name = trace.optimizer.kind.replaceAll("_", " ");
  const others = [
    ...(spec.regularizers ?? []).map((/** @type {{ kind: string }} */ each) => each.kind.replaceAll("_", " ")),
    ...(spec.clipping ? ["clipping"] : []),
  ];
  const ratio = example ? Math.abs((example.new - example.old) / trace.learning_rate) : null;
  const length = ratio === null ? "" : ` The first one below moved by ${figure(ratio)} times the learning rate.`;
  const more = others.length ? ` Also at work: ${others.join(", ")}.` : "";
  return (
    `${name} makes a step of the gradient and of what it remembers of earlier ones; this is its ` +
    `step number ${trace.step}.${more}${length}`
  );
}

/**
 * The parameters of a unit, weights first.
 *
 * @param {Subject} subject
 * @param {number} k
 * @returns {Parameter[]}
 */
function parametersOf({ trace, unit }, k) {
  const { parameters, gradients, theta } = layerAt(trace, k);
  /** @type {Parameter[]} */
  const weights = (parameters.W?.values[unit] ?? []).map((/** @type {number} */ old, /** @type {number} */ i) => ({
    symbol: at(W(k), unit, i),
    old,
    slope: gradients.dW?.values[unit][i],
    new: theta.W?.values[unit][i],
  }));
  if (!parameters.b) return weights;
  const bias = {
    symbol: at(b(k), unit),
    old: parameters.b.values[unit],
    slope: gradients.db?.values[unit],
    new: theta.b?.values[unit],
  };
  return [...weights.slice(0, MOST_LINES - 1), /** @type {Parameter} */ (bias)];
}

/**
 * @param {Subject} subject
 * @param {Parameter} parameter
 * @param {boolean} byHand
 * @returns {[string, string]}
 */
function line({ trace, digits }, parameter, byHand) {
  const old = latexFigure(parameter.old, digits);
  const end = result(latexFigure(parameter.new, digits));
  if (byHand) {
    const rate = latexSetting(trace.learning_rate);
    const slope = latexFactor(parameter.slope, digits);
    return [parameter.symbol, raw`${old} - ${rate} \cdot ${slope} = ${end}`];
  }
  const change = parameter.new - parameter.old;
  const sign = change < 0 ? "-" : "+";
  return [
    parameter.symbol,
    raw`${old} ${sign} ${latexFigure(Math.abs(change), digits)} = ${end} \quad (g = ${latexFigure(parameter.slope, digits)})`,
  ];
}
