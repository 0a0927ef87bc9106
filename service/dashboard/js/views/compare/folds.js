/** The curve of a run; of a cross-validation that of one fold, or the mean of its folds in a band. */

/** @import { Epoch } from "../../lib/types.js" */

/** @typedef {"range" | "deviation" | "none"} Band */
/**
 * @typedef {object} Choice
 * @property {string} metric
 * @property {"validation" | "train"} part
 * @property {number | "mean"} fold From 1; 0 is the last training, on all rows.
 * @property {Band} band
 */
/** @typedef {{epochs: number[], values: (number | null)[]}} Line */
/** @typedef {Line & {low?: (number | null)[], high?: (number | null)[]}} Curve */

/**
 * @param {Epoch[]} epochs Of all folds.
 * @param {Choice} choice
 * @param {boolean} isCrossed Whether they are of a cross-validation: else there is nothing to choose.
 * @returns {Curve}
 */
export function curveOf(epochs, choice, isCrossed) {
  if (!isCrossed) return line(epochs, choice);
  if (choice.fold !== "mean") return line(epochs.filter(({ fold }) => fold === choice.fold), choice);
  const folds = Map.groupBy(epochs.filter(({ fold }) => fold > 0), ({ fold }) => fold);
  return mean([...folds.values()].map((own) => line(own, choice)), choice.band);
}

/**
 * @param {Epoch[]} epochs
 * @param {Choice} choice
 * @returns {Line}
 */
function line(epochs, { metric, part }) {
  return { epochs: epochs.map(({ epoch }) => epoch), values: epochs.map((epoch) => (epoch[part] ?? epoch.train)[metric] ?? null) };
}

/**
 * At every epoch that any of them has: of those that have come so far.
 * @param {Line[]} lines
 * @param {Band} band
 * @returns {Curve}
 */
export function mean(lines, band) {
  const epochs = [...new Set(lines.flatMap((each) => each.epochs))].sort((a, b) => a - b);
  const readings = lines.map((each) => readAt(each, epochs));
  const across = epochs.map((_, place) => readings.flatMap((values) => values[place] ?? []));
  const curve = { epochs, values: across.map((values) => (values.length ? average(values) : null)) };
  if (band === "none") return curve;
  const spread = band === "range" ? range : deviation;
  const borders = across.map((values) => (values.length ? spread(values) : [null, null]));
  return { ...curve, low: borders.map(([low]) => low ?? null), high: borders.map(([, high]) => high ?? null) };
}

/**
 * A line at other epochs than its own: straight between two of them, as a chart draws it, and
 * nothing before the first and after the last.
 * @param {Line} line
 * @param {number[]} epochs In order.
 * @returns {(number | null)[]}
 */
function readAt({ epochs: own, values }, epochs) {
  let next = 0;
  return epochs.map((epoch) => {
    while (next < own.length && /** @type {number} */ (own[next]) < epoch) next += 1;
    const [right, after] = [own[next], values[next] ?? null];
    if (right === undefined || right === epoch) return after;
    const [left, before] = [own[next - 1], values[next - 1] ?? null];
    if (left === undefined || before === null || after === null) return null;
    return before + ((epoch - left) / (right - left)) * (after - before);
  });
}

/** @param {number[]} values */
const average = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** @param {number[]} values @returns {[number, number]} */
const range = (values) => [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];

/**
 * The mean less and plus the standard deviation of a sample.
 * @param {number[]} values
 * @returns {[number, number]}
 */
function deviation(values) {
  const middle = average(values);
  const squares = values.reduce((sum, value) => sum + (value - middle) ** 2, 0);
  const size = values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : 0;
  return [middle - size, middle + size];
}
