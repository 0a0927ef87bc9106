/** Backward: the error goes from the output to every unit, and says how each weight changes L. */

/** @import { Lesson, Subject } from "./lesson.js" */

import { matrixOf, vectorOf } from "../../lib/numbers.js";
import { derivativeOf } from "./activations.js";
import { aligned, product, products, summed } from "./arithmetic.js";
import { figure, latexFactor, latexFigure, latexSetting } from "./figures.js";
import { alphaOf, chosenActivation } from "./lesson_forward.js";
import { targetsOf } from "./lesson_loss.js";
import { layerAt, vector, width } from "./reading.js";
import { at, b, called, delta, h, result, W, z } from "./symbols.js";

const raw = String.raw;

/** @param {Subject} subject @param {number} k @returns {Lesson} */
export function deltaLesson(subject, k) {
  const isOutput = k === subject.trace.layers.length - 1;
  return {
    title: `${called(subject.trace, k)}: the error`,
    ...(isOutput ? outputError(subject, k) : hiddenError(subject, k)),
  };
}

/** @param {Subject} subject @param {number} k @returns {Lesson} */
export function gradientsLesson(subject, k) {
  if (subject.batch.losses.length > 1) return meanGradientLesson(subject, k);
  const { trace, unit, digits } = subject;
  const layer = layerAt(trace, k);
  const given = vector(layer.x);
  const error = vector(layer.delta)[unit];
  const slopes = matrixOf(layer.gradients.dW)[unit] ?? [];
  const before = raw`h^{(${k})}`;
  /** @type {[string, string][]} */
  const lines = given.slice(0, 4).map((value, i) => [
    raw`\frac{\partial L}{\partial ${at(W(k), unit, i)}}`,
    raw`${latexFactor(error, digits)} \cdot ${latexFactor(value, digits)} = ${result(latexFigure(slopes[i], digits))}`,
  ]);
  if (layer.gradients.db) {
    lines.push([
      raw`\frac{\partial L}{\partial ${at(b(k), unit)}}`,
      result(latexFigure(vectorOf(layer.gradients.db)[unit], digits)),
    ]);
  }
  return {
    title: `${called(trace, k)}: the gradient`,
    text:
      "How much would L change with a weight? As much as the error of its unit, times the number " +
      "that came through it. A connection that carried nothing cannot be blamed.",
    equations: [
      raw`\frac{\partial L}{\partial ${W(k)}} = ${delta(k)} \, {${before}}^{\top}, \qquad \frac{\partial L}{\partial ${b(k)}} = ${delta(k)}`,
      aligned(lines),
    ],
    terms: {
      heads: [raw`${delta(k)}_{${unit + 1}}`, raw`${before}_i`, raw`\partial L / \partial W_{${unit + 1},i}`],
      rows: given.map((value, i) => [error ?? null, value, slopes[i] ?? null]),
    },
  };
}

/**
 * Of a mini-batch: what every example adds to the slope of a weight. The errors have the share 1/m.
 *
 * @param {Subject} subject
 * @param {number} k
 * @returns {Lesson}
 */
function meanGradientLesson({ batch, unit, digits }, k) {
  const layer = layerAt(batch, k);
  const rows = batch.losses.length;
  const errors = matrixOf(layer.delta).map((row) => row[unit] ?? null);
  const given = matrixOf(layer.x).map((row) => row[0]);
  const slope = matrixOf(layer.gradients.dW)[unit]?.[0];
  const bias = layer.gradients.db && vectorOf(layer.gradients.db)[unit];
  const before = raw`h^{(${k})}`;
  return {
    title: `${called(batch, k)}: the gradient`,
    text:
      `Each of the ${rows} examples would have the weights move in a direction of its own. The gradient of ` +
      "their mean loss is the mean of these: what they agree on adds up, what they do not cancels. Each error δ has its share 1/m already.",
    equations: [
      raw`\frac{\partial L}{\partial ${W(k)}} = \sum_{i=1}^{m} ${delta(k)}_i \, {${before}_i}^{\top}, \qquad \frac{\partial L}{\partial ${b(k)}} = \sum_{i=1}^{m} ${delta(k)}_i`,
      summed(raw`\frac{\partial L}{\partial ${at(W(k), unit, 0)}}`, products(errors, given, rows, digits), result(latexFigure(slope, digits))),
      bias === undefined ? "" : raw`\frac{\partial L}{\partial ${at(b(k), unit)}} = ${result(latexFigure(bias, digits))}`,
    ],
    terms: {
      heads: [raw`${delta(k)}_{i,${unit + 1}}`, raw`${before}_{i,1}`, raw`\text{product}`],
      rows: errors.map((error, i) => [error, given[i] ?? null, product(error, given[i])]),
    },
  };
}

/** @param {Subject} subject @param {number} k @returns {Omit<Lesson, "title">} */
function outputError(subject, k) {
  const { trace, spec, unit, digits } = subject;
  const error = vector(layerAt(trace, k).delta)[unit];
  const short = shortOutputError(subject);
  const symbol = delta(k);
  if (!short) {
    return {
      text: "How L changes with each sum of the output layer. It is where the way back begins.",
      equations: [
        raw`${symbol} = \frac{\partial L}{\partial ${z(k)}}`,
        raw`${at(symbol, unit)} = ${result(latexFigure(error, digits))}`,
      ],
    };
  }
  return {
    text:
      spec.loss?.kind === "cross_entropy"
        ? "The way back begins. With this loss and this activation the derivative is as simple as can be: what was said, minus what is right."
        : "The way back begins: how L changes with each sum of the output layer.",
    equations: [
      raw`${symbol} = \frac{\partial L}{\partial ${z(k)}} = ${short.general}`,
      raw`${at(symbol, unit)} = ${short.numbers} = ${result(latexFigure(error, digits))}`,
    ],
  };
}

/**
 * Where loss and output activation together have a derivative that fits in a line.
 *
 * @param {Subject} subject
 * @returns {{ general: string, numbers: string } | null}
 */
function shortOutputError({ trace, batch, spec, unit, digits }) {
  const outputs = vector(trace.y_hat).length;
  const isMulticlass = vector(trace.y).length === 1 && outputs > 1;
  const target = targetsOf(trace, isMulticlass ? "multiclass" : "")[unit];
  const difference = raw`${latexFigure(vector(trace.y_hat)[unit], digits)} - ${latexFactor(target, digits)}`;
  const { loss } = spec;
  const rows = batch.losses.length;
  if (loss?.kind === "cross_entropy" && !loss.label_smoothing) return shared(1, isMulticlass ? 1 : outputs, rows, difference);
  if (loss?.kind !== "mse" || chosenActivation(spec, "output")?.kind !== "linear") return null;
  return shared(2, outputs, rows, difference);
}

/**
 * A difference times its share of a mean over n outputs and m examples, in symbols and in numbers.
 *
 * @param {number} factor
 * @param {number} outputs
 * @param {number} rows
 * @param {string} difference
 */
function shared(factor, outputs, rows, difference) {
  const among = [rows > 1 ? "m" : "", outputs > 1 ? "n" : ""].join("");
  if (among) {
    return {
      general: raw`\tfrac{${factor}}{${among}} (\hat y - y)`,
      numbers: raw`\tfrac{${factor}}{${rows * outputs}} (${difference})`,
    };
  }
  if (factor === 1) return { general: raw`\hat y - y`, numbers: difference };
  return { general: raw`${factor} \, (\hat y - y)`, numbers: raw`${factor} \cdot (${difference})` };
}

/** @param {Subject} subject @param {number} k @returns {Omit<Lesson, "title">} */
function hiddenError(subject, k) {
  const { trace, spec, unit, digits } = subject;
  const layer = layerAt(trace, k);
  const error = vector(layer.delta)[unit];
  const back = sentBack(subject, k);
  const slope = layer.z ? slopeOf(subject, k) : null;
  const bend = layer.z ? raw` \odot \varphi'(${z(k)})` : "";
  const end = raw`${result(latexFigure(error, digits))}`;
  if (!back || (layer.z && !slope)) {
    return {
      text: "The error comes back through the layer above, and through the activation's slope.",
      equations: [
        raw`${delta(k)} = \frac{\partial L}{\partial ${h(trace, k)}}${bend}`,
        raw`${at(delta(k), unit)} = ${end}`,
      ],
    };
  }
  return {
    text:
      "Each unit hears the errors of all the units that it spoke to, each as loudly as the weight " +
      "between them" +
      (slope ? `. The slope of the activation there (${figure(slope.value)}) says how much of it comes through.` : "."),
    equations: [
      raw`${delta(k)} = ${back.general}${bend}`,
      ...(slope
        ? [
            summed(raw`\frac{\partial L}{\partial ${at(h(trace, k), unit)}}`, back.terms, latexFigure(back.sum, digits)),
            slope.equation,
            raw`${at(delta(k), unit)} = ${latexFactor(back.sum, digits)} \cdot ${latexFactor(slope.value, digits)} = ${end}`,
          ]
        : [summed(at(delta(k), unit), back.terms, end)]),
    ],
    terms: back.table,
  };
}

/**
 * What the next layer sends back to a unit: over its weights, or one by one where it has none.
 *
 * @param {Subject} subject
 * @param {number} k
 * @returns {{ general: string, terms: string[], sum: number | null, table?: Lesson["terms"] } | null}
 */
function sentBack({ trace, unit, digits }, k) {
  const next = layerAt(trace, k + 1);
  const errors = vector(next.delta);
  if (next.parameters.W?.cut) return null;
  if (next.parameters.W) {
    const weights = matrixOf(next.parameters.W).map((row) => row[unit] ?? null);
    const parts = weights.map((weight, j) => product(weight, errors[j]));
    return {
      general: raw`{${W(k + 1)}}^{\top} ${delta(k + 1)}`,
      terms: products(weights, errors, width(next.h), digits),
      sum: parts.reduce((sum, part) => (sum === null || part === null ? null : sum + part), 0),
      table: {
        heads: [raw`${W(k + 1)}_{j,${unit + 1}}`, raw`${delta(k + 1)}_j`, raw`\text{product}`],
        rows: weights.map((weight, j) => [weight, errors[j] ?? null, parts[j] ?? null]),
      },
    };
  }
  if (next.kind !== "dropout") return null;
  const [before, after] = [vector(next.x)[unit], vector(next.h)[unit]];
  // Of a zero nobody can say whether it was dropped.
  if (trace.training && !(before && typeof after === "number")) return null;
  const kept = trace.training ? Number(after) / Number(before) : 1;
  return {
    general: raw`m \odot ${delta(k + 1)}`,
    terms: [raw`${latexFigure(kept, digits)} \cdot ${latexFactor(errors[unit], digits)}`],
    sum: product(kept, errors[unit]),
  };
}

/**
 * The slope of the activation at a unit's sum, with its equation.
 *
 * @param {Subject} subject
 * @param {number} k
 */
function slopeOf({ trace, spec, unit, digits }, k) {
  const layer = layerAt(trace, k);
  const derivative = derivativeOf(layer.activation);
  const [sum, output] = [vector(layer.z)[unit], vector(layer.h)[unit]];
  if (!derivative || typeof sum !== "number" || typeof output !== "number") return null;
  const alpha = alphaOf(spec, layer.name);
  const value = derivative.value(sum, output, alpha ?? 0);
  const filled = derivative.filled(
    latexFigure(sum, digits),
    latexFactor(output, digits),
    alpha === undefined ? "" : latexSetting(alpha),
  );
  return {
    value,
    equation: raw`\varphi'(${at(z(k), unit)}) = ${derivative.general} = ${filled} = ${latexFigure(value, digits)}`,
  };
}
