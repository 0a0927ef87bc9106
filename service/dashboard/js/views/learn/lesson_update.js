/** The update: every parameter takes a step against its gradient, as the optimizer would have it. */

/** @import { Numbers } from "../../lib/types.js" */
/** @import { Lesson, Subject, Terms } from "./lesson.js" */

import { matrixOf, vectorOf } from "../../lib/numbers.js";
import { aligned } from "./arithmetic.js";
import { figure, latexFactor, latexFigure, latexSetting } from "./figures.js";
import { MAX_SLOTS } from "./matrices.js";
import { layerAt } from "./reading.js";
import { at, b, called, equationOf, result, W } from "./symbols.js";

const raw = String.raw;

/** Parameters of a unit that are written out. */
const MAX_LINES = 4;

/**
 * @typedef {number | null | undefined} Value
 * @typedef {object} Parameter
 * @property {string} symbol
 * @property {Value} old
 * @property {Value} slope Its part of the gradient, as the optimizer was given it.
 * @property {{ before: Value, after: Value }[]} memory What the optimizer remembers of it, slot by slot.
 * @property {Value} change
 * @property {Value} new
 */

/** @param {Subject} subject @param {number} k @returns {Lesson} */
export function updateLesson(subject, k) {
  const { trace } = subject;
  const parameters = parametersOf(subject, k);
  const bias = parameters.at(-1);
  const shown = parameters.length > MAX_LINES && bias ? [...parameters.slice(0, MAX_LINES - 1), bias] : parameters;
  const isByHand = isPlain(subject);
  return {
    title: `${called(trace, k)}: the update`,
    text: `${isByHand ? "Every weight and bias takes a small step against its slope: the learning rate says how small. The gradient points uphill, so minus goes down." : explained(subject, shown[0])}${together(subject)}`,
    equations: [
      ...(isByHand ? [raw`\theta \leftarrow \theta - \eta \, \frac{\partial L}{\partial \theta}`] : rulesOf(subject)),
      raw`\eta = ${latexSetting(trace.learning_rate)}${isByHand ? "" : raw`, \qquad t = ${trace.step}`}`,
      ...(isByHand ? [] : [renewal(subject, shown[0])]),
      aligned(shown.map((parameter) => line(subject, parameter, isByHand))),
    ],
    terms: termsOf(subject, parameters),
  };
}

/**
 * Whether the step is the lecture's: no memory, no penalty, no limit.
 *
 * @param {Subject} subject
 */
function isPlain({ trace, spec }) {
  return kindOf(trace) === "sgd" && !trace.optimizer.momentum && !spec.regularizers?.length && !spec.clipping;
}

/** @param {Subject["trace"]} trace */
const kindOf = ({ optimizer }) => String(optimizer.kind);

/** How what is remembered is renewed, and the step that is made of it. @param {Subject} subject */
function rulesOf({ trace, catalog }) {
  const slots = trace.update?.memory.slice(0, MAX_SLOTS) ?? [];
  const step = trace.update?.equation ?? equationOf(kindOf(trace), catalog, "optimizer");
  return [...slots.map(({ rule }) => rule).filter((rule) => !step.includes(rule)), step];
}

/** @param {Subject} subject @param {Parameter | undefined} example */
function explained({ trace, spec }, example) {
  const name = kindOf(trace).replaceAll("_", " ");
  const others = [
    ...(spec.regularizers ?? []).map((/** @type {{ kind: string }} */ each) => each.kind.replaceAll("_", " ")),
    ...(spec.clipping ? ["clipping"] : []),
  ];
  const remembers = trace.update === null || trace.update.memory.length > 0;
  const ratio = typeof example?.change === "number" ? Math.abs(example.change / trace.learning_rate) : null;
  const length = ratio === null ? "" : ` The first one below moved by ${figure(ratio)} times the learning rate.`;
  const more = others.length ? ` Also at work: ${others.join(", ")}, which make g of the gradient.` : "";
  const memory = remembers ? " and of what it remembers of earlier ones" : "";
  const begins = trace.update?.fresh && remembers ? " It remembers nothing yet: its memory begins at zero." : "";
  return `${name} makes a step of the gradient${memory}; this is its step number ${trace.step}.${begins}${more}${length}`;
}

/** What a mini-batch is for. @param {Subject} subject */
function together({ batch }) {
  const rows = batch.losses.length;
  if (rows === 1) return "";
  return ` It is one step for all ${rows} examples, against the mean of their gradients. Taken one by one, they would make ${rows} steps, each for one example alone.`;
}

/** Null where a number is not finite. @param {Value} end @param {Value} old */
const difference = (end, old) => (typeof end === "number" && typeof old === "number" ? end - old : null);

/**
 * The parameters of a unit, weights first.
 *
 * @param {Subject} subject
 * @param {number} k
 * @returns {Parameter[]}
 */
function parametersOf({ trace, unit }, k) {
  const layer = layerAt(trace, k);
  const { parameters, gradients, theta, update } = layer;
  const slots = Object.values(update?.memory ?? {}).slice(0, MAX_SLOTS);
  /** @param {"W" | "b"} block @param {string} symbol @param {(numbers: Numbers | undefined) => Value} of */
  const parameter = (block, symbol, of) => {
    const [old, end] = [of(parameters[block]), of(theta[block])];
    return {
      symbol,
      old,
      slope: of((update?.gradients ?? gradients)[`d${block}`]),
      memory: slots.map(({ before, after }) => ({ before: of(before[block]), after: of(after[block]) })),
      change: update ? of(update.change[block]) : difference(end, old),
      new: end,
    };
  };
  /** @type {Parameter[]} */
  const weights = (matrixOf(parameters.W)[unit] ?? []).map((_, i) =>
    parameter("W", at(W(k), unit, i), (numbers) => matrixOf(numbers)[unit]?.[i]),
  );
  return parameters.b ? [...weights, parameter("b", at(b(k), unit), (numbers) => vectorOf(numbers)[unit])] : weights;
}

/**
 * What the optimizer remembers of one parameter, before and after.
 *
 * @param {Subject} subject
 * @param {Parameter | undefined} parameter
 */
function renewal({ trace, digits }, parameter) {
  const slots = trace.update?.memory ?? [];
  if (!parameter?.memory.length) return "";
  return aligned(parameter.memory.map(({ before, after }, i) => [
    raw`${slots[i]?.symbol}(${parameter.symbol})`,
    raw`${latexFigure(before, digits)} \;\longrightarrow\; ${result(latexFigure(after, digits))}`,
  ]));
}

/**
 * @param {Subject} subject
 * @param {Parameter} parameter
 * @param {boolean} isByHand
 * @returns {[string, string]}
 */
function line({ trace, digits }, parameter, isByHand) {
  const old = latexFigure(parameter.old, digits);
  const end = result(latexFigure(parameter.new, digits));
  if (isByHand) {
    const rate = latexSetting(trace.learning_rate);
    const slope = latexFactor(parameter.slope, digits);
    return [parameter.symbol, raw`${old} - ${rate} \cdot ${slope} = ${end}`];
  }
  const { change } = parameter;
  const isFinite = typeof change === "number";
  const sign = isFinite && change < 0 ? "-" : "+";
  return [
    parameter.symbol,
    raw`${old} ${sign} ${latexFigure(isFinite ? Math.abs(change) : null, digits)} = ${end} \quad (g = ${latexFigure(parameter.slope, digits)})`,
  ];
}

/** All parameters of the unit. @param {Subject} subject @param {Parameter[]} parameters @returns {Terms} */
function termsOf({ trace }, parameters) {
  const slots = trace.update?.memory.slice(0, MAX_SLOTS) ?? [];
  return {
    heads: [raw`\theta`, "g", ...slots.flatMap(({ symbol }) => [raw`${symbol} \text{ before}`, raw`${symbol} \text{ after}`]), raw`\Delta\theta`, raw`\theta \text{ after}`],
    rows: parameters.map((each) => [
      each.old, each.slope, ...each.memory.flatMap(({ before, after }) => [before, after]), each.change, each.new,
    ].map((value) => value ?? null)),
  };
}
