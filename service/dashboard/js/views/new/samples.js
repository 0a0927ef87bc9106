/** Rows to draw built-in data from, asked for once for each setting. */

/** @import { Spec } from "../../lib/form.js" */
/** @import { DatasetCreate, DatasetPreview } from "../../lib/types.js" */

import { post } from "../../lib/api.js";

const MAX_ROWS = 300;

/** @type {Map<string, Promise<DatasetPreview>>} */
const asked = new Map();

/**
 * @param {Spec} spec Of built-in data.
 * @returns {Promise<DatasetPreview>}
 */
export function sample(spec) {
  const builtin = /** @type {DatasetCreate["builtin"]} */ (spec);
  const key = JSON.stringify(spec);
  const known = asked.get(key) ?? post("/v1/datasets/preview", { builtin }, { query: { limit: MAX_ROWS } });
  asked.set(key, known);
  known.catch(() => asked.delete(key));
  return known;
}
