/** The names of measures, as people write them. */

import { words } from "../../lib/format.js";

const NAMES = /** @type {Record<string, string>} */ ({
  roc_auc: "Area under ROC", mse: "MSE", mae: "MAE", rmse: "RMSE", r2: "R²", f1: "F1",
});

/** @param {string} measure as the service calls it */
export const measureName = (measure) => NAMES[measure] ?? words(measure);
