/** Forward: from the example through weighted sums and activations to the estimate. */

/** @import { Lesson, Subject } from "./lesson.js" */

import { matrixOf, vectorOf } from "../../lib/numbers.js";
import { layersOf } from "../../lib/recipe.js";
import { filledIn } from "./activations.js";
import { aligned, product, products, summed } from "./arithmetic.js";
import { latexFactor, latexFigure } from "./figures.js";
import { layerAt, vector, width } from "./reading.js";
import { at, b, called, equationOf, h, result, W, z } from "./symbols.js";

const raw = String.raw;

/** @param {Subject} subject @returns {Lesson} */
export function givenLesson({ trace, digits, unit }) {
  const x = vector(layerAt(trace, 0).x);
  const name = trace.features[unit] ?? "";
  return {
    title: "The example",
    text:
      "The row has become numbers that a network can work with: gaps filled, columns scaled, " +
      `categories spread over columns of their own. ${name} is number ${unit + 1} of them. ` +
      "These are what the first layer is given.",
    equations: [
      raw`h^{(0)} = x`,
      raw`${at("h^{(0)}", unit)} = ${result(latexFigure(x[unit], digits))}`,
    ],
  };
}

/** @param {Subject} subject @param {number} k @returns {Lesson} */
export function sumsLesson(subject, k) {
  return {
    title: `${called(subject.trace, k)}: the weighted sums`,
    text:
      "Every unit multiplies each number it is given by the weight of that connection, adds the " +
      "products up, and adds its bias.",
    ...weightedSum(subject, k, z(k), vector(layerAt(subject.trace, k).z)),
  };
}

/** @param {Subject} subject @param {number} k @returns {Lesson} */
export function outputLesson(subject, k) {
  const { trace } = subject;
  const layer = layerAt(trace, k);
  if (layer.z) return activationLesson(subject, k);
  if (layer.parameters.W) {
    return {
      title: `${called(trace, k)}: the weighted sums`,
      text: "This layer has no activation: its weighted sums are what it gives.",
      ...weightedSum(subject, k, h(trace, k), vector(layer.h)),
    };
  }
  return passingLesson(subject, k);
}

/**
 * @param {Subject} subject
 * @param {number} k
 * @param {string} symbol What the sum is called.
 * @param {(number | null)[]} sums
 * @returns {Pick<Lesson, "equations" | "terms">}
 */
function weightedSum({ trace, unit, digits }, k, symbol, sums) {
  const layer = layerAt(trace, k);
  const given = vector(layer.x);
  const weights = matrixOf(layer.parameters.W)[unit] ?? [];
  const bias = layer.parameters.b;
  const before = raw`h^{(${k})}`;
  const terms = products(weights, given, width(layer.x), digits);
  if (bias) terms.push(latexFactor(vectorOf(bias)[unit], digits));
  return {
    equations: [
      raw`${symbol} = ${W(k)} ${before}${bias ? ` + ${b(k)}` : ""}`,
      summed(at(symbol, unit), terms, result(latexFigure(sums[unit], digits))),
    ],
    terms: {
      heads: [raw`${W(k)}_{${unit + 1},i}`, raw`${before}_i`, raw`\text{product}`],
      rows: given.map((value, i) => [weights[i] ?? null, value, product(weights[i], value)]),
    },
  };
}

/** @param {Subject} subject @param {number} k @returns {Lesson} */
function activationLesson({ trace, spec, catalog, unit, digits }, k) {
  const layer = layerAt(trace, k);
  const kind = layer.activation ?? "linear";
  const equation = equationOf(kind, catalog, "activation");
  const sums = vector(layer.z);
  const numbers =
    kind === "softmax"
      ? softmaxOf(sums, unit, digits)
      : filledIn(equation, { z: sums[unit] ?? null, alpha: alphaOf(spec, layer.name), digits });
  return {
    title: `${called(trace, k)}: the activation`,
    text: `Each sum goes through ${kind.replaceAll("_", " ")}. ${purpose(trace.layers.length, k, kind)}`,
    equations: [
      raw`${h(trace, k)} = \varphi(${z(k)}), \qquad ${equation}`,
      aligned([
        [at(h(trace, k), unit), numbers],
        ["", result(latexFigure(vector(layer.h)[unit], digits))],
      ]),
    ],
  };
}

/** Layers that rework numbers one by one. @param {Subject} subject @param {number} k @returns {Lesson} */
function passingLesson({ trace, catalog, unit, digits }, k) {
  const layer = layerAt(trace, k);
  const noisy = ["dropout", "gaussian_noise"].includes(layer.kind) && !trace.training;
  return {
    title: called(trace, k),
    text: noisy
      ? "It is at work in training only; an answer passes it unchanged."
      : "It has no weights between units: every number is reworked in its place.",
    equations: [
      equationOf(layer.kind, catalog, "layer"),
      raw`${latexFactor(vector(layer.x)[unit], digits)} \;\longrightarrow\; ${at(h(trace, k), unit)} = ${result(latexFigure(vector(layer.h)[unit], digits))}`,
    ],
  };
}

/**
 * The activation's own spec, with its settings, in the recipe.
 *
 * @param {Subject["spec"]} spec
 * @param {string} name
 */
export function chosenActivation(spec, name) {
  if (name === "output") return spec.network?.output_activation;
  const layer = layersOf({ spec })[Number(name.split(".")[1])];
  return layer && "activation" in layer ? layer.activation : undefined;
}

/**
 * The activation's alpha; undefined, where it has none.
 *
 * @param {Subject["spec"]} spec
 * @param {string} name
 */
export function alphaOf(spec, name) {
  const own = chosenActivation(spec, name);
  return own && "alpha" in own ? own.alpha : undefined;
}

/** @param {number} layers @param {number} k @param {string} kind */
function purpose(layers, k, kind) {
  if (kind === "linear") return "It leaves them as they are.";
  if (k < layers - 1) {
    return "Without such a bend, layers on top of each other would be no more than a single one.";
  }
  if (kind === "softmax") return "That makes probabilities of the sums: positive, and 1 together.";
  if (kind === "sigmoid") return "That makes a probability of the sum, between 0 and 1.";
  return "What comes out is the estimate.";
}

/** @param {(number | null)[]} sums @param {number} unit @param {number} digits */
function softmaxOf(sums, unit, digits) {
  const powers = sums.slice(0, 4).map((sum) => `e^{${latexFigure(sum, digits)}}`);
  const more = sums.length > 4 ? [raw`\cdots`] : [];
  return raw`\frac{e^{${latexFigure(sums[unit], digits)}}}{${[...powers, ...more].join(" + ")}}`;
}
