/** The catalogue of specs, asked for once: families with their members, from which forms are drawn. */

import { get } from "./api.js";

/**
 * @typedef {{name: string, help: string, required: boolean, default: any, json_schema: any}} CatalogField
 * @typedef {object} CatalogEntry
 * @property {string} kind
 * @property {string} summary
 * @property {string} description
 * @property {string} equation LaTeX; empty where there is none.
 * @property {boolean} short_form
 * @property {CatalogField[]} fields
 * @property {any} json_schema
 * @typedef {{families: Record<string, CatalogEntry[]>, recipe: any}} Catalog
 */

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
