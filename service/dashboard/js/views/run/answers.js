/**
 * Predictions as fields over a grid: what is painted, and where one answer ends and another begins.
 *
 * Of a classifier the probabilities of every class, row by row; of a regression numbers.
 * @typedef {{kind: "classes", classes: string[], parts: number[][]}
 *   | {kind: "numbers", values: number[]}} Answers
 */

/** @import { Predictions, Task } from "../../lib/types.js" */

/**
 * What a model says about one target.
 *
 * @param {Predictions} told @param {Task} task @param {number} target its place among several
 * @returns {Answers}
 */
export function answersOf(told, task, target) {
  if (task.kind === "regression") {
    const values = told.predictions.map((each) => Number(Array.isArray(each) ? each[target] : each));
    return { kind: "numbers", values };
  }
  const parts = told.probabilities ?? [];
  const classes = task.classes.map(String);
  if (task.kind !== "multilabel") return { kind: "classes", classes, parts };
  const ofTarget = parts.map((row) => [1 - (row[target] ?? 0), row[target] ?? 0]);
  return { kind: "classes", classes, parts: ofTarget };
}

/**
 * For every line between answers a field that is 0 on it: each class against the best of the others.
 * Of two classes both have the same line, so one is enough.
 *
 * @param {number[][]} parts
 * @returns {Float64Array[]}
 */
export function borders(parts) {
  const classes = parts[0]?.length ?? 0;
  const wanted = classes === 2 ? [1] : Array.from({ length: classes }, (_, place) => place);
  return wanted.map((place) =>
    Float64Array.from(parts, (row) => {
      const others = row.filter((_, other) => other !== place);
      return (row[place] ?? 0) - Math.max(...others);
    }),
  );
}
