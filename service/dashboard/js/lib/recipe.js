/** The recipe of a run or a model, of which the OpenAPI document says only that it is an object. */

/** @import { FilledRecipe } from "./types.js" */

/**
 * @param {{ spec: Record<string, unknown> }} trained A run or a model.
 * @returns {FilledRecipe}
 */
export const recipeOf = ({ spec }) => /** @type {FilledRecipe} */ (spec);

/**
 * The learning rate at which training starts; null, where the optimizer has none.
 *
 * @param {{ spec: Record<string, unknown> }} trained
 */
export function learningRateOf(trained) {
  const { optimizer } = recipeOf(trained);
  return "learning_rate" in optimizer ? optimizer.learning_rate : null;
}
