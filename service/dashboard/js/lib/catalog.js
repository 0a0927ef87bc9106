/** The catalogue of specs, asked for once: families with their members, from which forms are drawn. */

/** @import { Catalog } from "./types.js" */
/** @typedef {{ properties: Record<string, any>, $defs: Record<string, any> }} RecipeSchema A JSON Schema. */

import { get } from "./api.js";

/** @type {Promise<Catalog> | null} */
let asked = null;

/** @returns {Promise<Catalog>} */
export function catalog() {
  asked ??= get("/v1/catalog").catch((error) => {
    asked = null;
    throw error;
  });
  return asked;
}

/**
 * The JSON Schema of whole recipes.
 *
 * @param {Catalog} catalog
 */
export const recipeSchemaOf = ({ recipe }) => /** @type {RecipeSchema} */ (recipe);
