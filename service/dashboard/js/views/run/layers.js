/**
 * How weights and gradients are doing, layer by layer, where the run measures itself.
 *
 * @typedef {import("./context.js").Context} Context
 *
 * What a run measures of itself is an open object of the API.
 * @typedef {{layers: LayerDiagnosis[], warnings: string[]}} Diagnosis
 *
 * @typedef {object} LayerDiagnosis
 * @property {string} layer
 * @property {string} kind
 * @property {number} weight_norm
 * @property {number} gradient_norm
 * @property {number} update_ratio
 * @property {number} units
 * @property {number} dead_units
 * @property {Histogram} [weights]
 * @property {Histogram} [gradients]
 */

/** @import { Epoch, Histogram } from "../../lib/types.js" */

import { get, isAbort } from "../../lib/api.js";
import { h, replace } from "../../lib/dom.js";
import { count, number } from "../../lib/format.js";
import { problemNotice } from "../../lib/notice.js";
import { recipeOf } from "../../lib/recipe.js";
import { ridgeline } from "./ridgeline.js";

/** Epochs of a ridgeline: as many ridges as can be told apart. */
const RIDGES = 24;
const PAUSE_MS = 1500;

/** @param {HTMLElement} root @param {Context} context @param {AbortSignal} signal */
export async function showLayers(root, { run }, signal) {
  if (!recipeOf(run.job).diagnostics) {
    replace(root, h("div", { class: "card empty" }, h("h2", {}, "This run has no layer diagnostics"),
      h("p", {}, "Turn on the diagnostics of a new run: ", h("code", {}, '"diagnostics": {"every": 5}'),
        ". The weights stay the same, bit for bit.")));
    return;
  }
  let timer = 0;
  const ask = async () => {
    try {
      const query = { diagnosed: true, fold: run.fold, max_points: RIDGES };
      const rows = (await get(`/v1/jobs/${run.id}/epochs`, { signal, query })).data;
      replace(root, rows.length === 0 ? h("p", { class: "card empty" }, "Nothing has been measured yet.") : drawn(rows));
    } catch (error) {
      if (!isAbort(error)) replace(root, problemNotice(error, ask));
    }
  };
  run.addEventListener("epochs", () => {
    if (timer !== 0) return;
    timer = window.setTimeout(() => {
      timer = 0;
      void ask();
    }, PAUSE_MS);
  }, { signal });
  signal.addEventListener("abort", () => clearTimeout(timer));
  await ask();
}

/** @param {Epoch | undefined} row */
const diagnosisOf = (row) => /** @type {Diagnosis | null | undefined} */ (row?.diagnostics);

/** @param {Epoch[]} rows */
function drawn(rows) {
  const last = diagnosisOf(rows.at(-1));
  const names = last?.layers.map((layer) => layer.layer) ?? [];
  return [
    last?.warnings.map((warning) => h("p", { class: "notice warn" }, warning)) ?? [],
    h("section", { class: "card" }, h("h2", {}, `After epoch ${count(rows.at(-1)?.epoch ?? 0)}`), table(last?.layers ?? [])),
    h("div", { class: "run-charts" }, names.map((name) => layerCard(name, rows))),
  ];
}

/** @param {LayerDiagnosis[]} layers */
function table(layers) {
  const heads = ["Layer", "Weights", "Gradient", "Update / weights", "Dead units"];
  return h("div", { class: "table-frame", tabindex: 0, role: "region", "aria-label": "Layers" },
    h("table", { class: "table" },
      h("thead", {}, h("tr", {}, heads.map((head, place) => h("th", { scope: "col", class: place === 0 ? "" : "number" }, head)))),
      h("tbody", {}, layers.map((layer) => h("tr", {},
        h("th", { scope: "row" }, `${layer.layer} (${layer.kind.replaceAll("_", " ")})`),
        h("td", { class: "number" }, number(layer.weight_norm)),
        h("td", { class: "number" }, number(layer.gradient_norm)),
        h("td", { class: "number" }, number(layer.update_ratio, 2)),
        h("td", { class: layer.dead_units > 0 ? "number warn" : "number" }, `${count(layer.dead_units)} of ${count(layer.units)}`))))));
}

/** @param {string} name @param {Epoch[]} rows */
function layerCard(name, rows) {
  const measured = rows.flatMap((row) => {
    const layer = diagnosisOf(row)?.layers.find((each) => each.layer === name);
    return layer === undefined ? [] : [{ epoch: row.epoch, layer }];
  });
  const ridges = (/** @type {"weights" | "gradients"} */ of) => measured.flatMap(({ epoch, layer }) => {
    const histogram = layer[of];
    return histogram === undefined ? [] : [{ epoch, histogram }];
  });
  const pictures = /** @type {const} */ (["weights", "gradients"]).map((of) => ({ of, ridges: ridges(of) }));
  if (pictures.every((each) => each.ridges.length === 0)) return null;
  return h("section", { class: "card" }, h("h2", {}, name),
    h("div", { class: "run-ridges" }, pictures.map(({ of, ridges: lines }) =>
      h("figure", {}, h("figcaption", { class: "small muted" }, of), ridgeline(lines, `${of} of ${name} by epoch`, of === "weights" ? "--c0" : "--c1")))));
}
