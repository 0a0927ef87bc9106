/** The loss: how wrong the estimate is, as one number. */

/** @import { Lesson, Subject } from "./lesson.js" */

import { latexFactor, latexFigure } from "./figures.js";
import { vector } from "./reading.js";
import { equationOf, result } from "./symbols.js";

const raw = String.raw;

/** @param {Subject} subject @returns {Lesson} */
export function lossLesson(subject) {
  const { trace, batch, spec, catalog, digits } = subject;
  const rows = batch.losses.length;
  const kind = lossOf(spec);
  const numbers = PUT_IN[kind]?.(subject);
  const loss = result(latexFigure(trace.loss, digits));
  const symbol = rows > 1 ? "L_i" : "L";
  return {
    title: "The loss",
    text: `${wanted(subject)} The loss (${kind.replaceAll("_", " ")}) says in one number how far off the estimate is. ${rows > 1 ? `The loss of the mini-batch is the mean of its ${rows} examples. ` : ""}Everything that follows asks one question: how would this number change?`,
    equations: [
      equationOf(kind, catalog, "loss"),
      numbers ? raw`${symbol} = ${numbers} = ${loss}` : raw`${symbol} = ${loss}`,
      rows > 1 ? raw`L = \frac{1}{m} \sum_{i=1}^{m} L_i = ${result(latexFigure(batch.loss, digits))}` : "",
    ],
  };
}

/**
 * The kind of loss as far as it can be worked out by hand; with smoothed labels it is another one.
 *
 * @param {Subject["spec"]} spec
 * @returns {string}
 */
export function lossOf(spec) {
  return spec.loss?.kind ?? "";
}

/**
 * The targets that the outputs are held against: of classes 1 for the right one and 0 for others.
 *
 * @param {Subject["trace"]} trace
 * @param {string} task
 * @returns {(number | null)[]}
 */
export function targetsOf(trace, task) {
  const y = vector(trace.y);
  if (task !== "multiclass") return y;
  return vector(trace.y_hat).map((_, j) => (j === y[0] ? 1 : 0));
}

/** @type {Record<string, (subject: Subject) => string | null>} */
const PUT_IN = {
  cross_entropy: ({ trace, spec, digits }) => {
    if (spec.loss?.kind === "cross_entropy" && spec.loss.label_smoothing) return null;
    const y_hat = vector(trace.y_hat);
    const y = vector(trace.y);
    if (y_hat.length > 1 && y.length === 1) {
      return raw`-\ln ${latexFactor(y_hat[Number(y[0])], digits)}`;
    }
    return mean(
      y_hat.map((p, j) =>
        y[j] === 1
          ? raw`-\ln ${latexFactor(p, digits)}`
          : raw`-\ln (1 - ${latexFactor(p, digits)})`,
      ),
    );
  },
  mse: ({ trace, digits }) => mean(differences(trace, digits).map((difference) => `(${difference})^2`)),
  mae: ({ trace, digits }) => mean(differences(trace, digits).map((difference) => `|${difference}|`)),
};

/** @param {Subject["trace"]} trace @param {number} digits */
function differences(trace, digits) {
  const y = vector(trace.y);
  return vector(trace.y_hat).map(
    (value, j) => `${latexFigure(value, digits)} - ${latexFactor(y[j], digits)}`,
  );
}

/** @param {string[]} terms */
function mean(terms) {
  if (terms.length === 1) return terms.join();
  const shown = terms.length > 3 ? [...terms.slice(0, 3), raw`\cdots`] : terms;
  return raw`\tfrac{1}{${terms.length}} \left( ${shown.join(" + ")} \right)`;
}

/** @param {Subject} subject */
function wanted({ trace }) {
  const y = vector(trace.y);
  if (!trace.classes) return "The right answer is known, in the scale that is trained on.";
  if (y.length > 1) return "Which labels are right is known.";
  return `The right class is ${JSON.stringify(trace.classes[Number(y[0])])}.`;
}
