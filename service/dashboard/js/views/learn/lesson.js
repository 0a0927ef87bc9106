/**
 * What is said and calculated beside a step of the trace: words, the equation, and the same
 * equation with the numbers of one unit put in.
 *
 * @typedef {{
 *   trace: Trace, batch: Trace, spec: StoredRecipe, catalog: Catalog, unit: number,
 *   digits: number,
 * }} Subject
 *   The update as it is about one example, and about the whole mini-batch; the model's recipe; and
 *   which unit of the layer it is told for.
 * @typedef {{ heads: string[], rows: (number | null)[][] }} Terms
 *   All terms of a sum that is too long for one line, with names in LaTeX.
 * @typedef {{ title: string, text: string, equations: string[], terms?: Terms }} Lesson
 */

/** @import { Catalog, StoredRecipe, Trace } from "../../lib/types.js" */
/** @import { Step } from "./steps.js" */

import { deltaLesson, gradientsLesson } from "./lesson_backward.js";
import { givenLesson, outputLesson, sumsLesson } from "./lesson_forward.js";
import { lossLesson } from "./lesson_loss.js";
import { updateLesson } from "./lesson_update.js";

/** @type {Record<Step["shows"], (subject: Subject, layer: number) => Lesson>} */
const LESSONS = {
  x: givenLesson,
  z: sumsLesson,
  h: outputLesson,
  loss: lossLesson,
  delta: deltaLesson,
  gradients: gradientsLesson,
  theta: updateLesson,
};

/**
 * @param {Subject} subject
 * @param {Step} step
 * @returns {Lesson}
 */
export function lessonOf(subject, step) {
  return LESSONS[step.shows](subject, step.layer);
}
