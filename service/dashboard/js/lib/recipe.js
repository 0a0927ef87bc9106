/** The recipe of a run or a model, of which the OpenAPI document says only that it is an object. */

/** @import { StoredRecipe } from "./types.js" */

/**
 * @param {{ spec: Record<string, unknown> }} trained A run or a model.
 * @returns {StoredRecipe}
 */
export const recipeOf = ({ spec }) => spec;

/**
 * The hidden layers.
 *
 * @param {{ spec: Record<string, unknown> }} trained
 */
export const layersOf = (trained) => recipeOf(trained).network?.layers ?? [];

/**
 * The learning rate at which training starts; null, where the optimizer has none.
 *
 * @param {{ spec: Record<string, unknown> }} trained
 */
export function learningRateOf(trained) {
  const { optimizer } = recipeOf(trained);
  return optimizer && "learning_rate" in optimizer ? optimizer.learning_rate : null;
}
