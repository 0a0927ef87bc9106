/** What a comparison shows: chosen in fields, kept in the address. */

import { h } from "../../lib/dom.js";
import { words } from "../../lib/format.js";
import { recipeOf } from "../../lib/recipe.js";

/** @typedef {import("../../lib/route.js").Route} Route */
/** @typedef {import("./view.js").Compared} Compared */
/** @typedef {import("./chart.js").Choice} Choice */
/** @typedef {import("./folds.js").Band} Band */
/** @typedef {[value: string, label: string][]} Options */

/** @type {Options} */
const PARTS = [["validation", "rows held out"], ["train", "rows trained on"]];
/** @type {Options} */
const SCALES = [["linear", "linear"], ["log", "logarithmic"]];
/** @type {[Band, string][]} */
const BANDS = [["range", "lowest to highest"], ["deviation", "standard deviation"], ["none", "none"]];

/**
 * @param {Route} route
 * @returns {Choice}
 */
export function choiceOf({ query }) {
  const fold = query.get("fold") ?? "mean";
  return {
    metric: query.get("metric") ?? "loss",
    part: query.get("part") === "train" ? "train" : "validation",
    isLog: query.get("scale") === "log",
    smoothing: Number(query.get("smooth") ?? 0),
    fold: /^\d+$/.test(fold) ? Number(fold) : "mean",
    band: BANDS.find(([band]) => band === query.get("band"))?.[0] ?? "range",
  };
}

/**
 * @param {object} options
 * @param {Route} options.route
 * @param {Compared[]} options.compared
 * @param {() => void} options.onChange
 */
export function controls({ route, compared, onChange }) {
  const choice = choiceOf(route);
  const metrics = [...new Set(compared.flatMap(({ epochs }) => Object.keys(epochs.at(-1)?.train ?? {})))];
  const trainings = trainingsOf(compared);
  /** @param {Record<string, string>} changes */
  const choose = (changes) => {
    route.go(changes, { replace: true });
    band.hidden = choiceOf(route).fold !== "mean";
    onChange();
  };
  const smoothing = h("input", {
    id: "smooth", type: "range", min: 0, max: 0.95, step: 0.05, value: choice.smoothing,
    oninput: () => choose({ smooth: smoothing.value }),
  });
  const band = field("band", "Band", choices("band", BANDS, choice.band, choose));
  band.hidden = choice.fold !== "mean";
  return h(
    "div",
    { class: "row controls" },
    field("metric", "Metric", choices("metric", metrics.map((name) => [name, words(name)]), choice.metric, choose)),
    field("part", "Measured on", choices("part", PARTS, choice.part, choose)),
    trainings.length ? [field("fold", "Folds", choices("fold", trainings, String(choice.fold), choose)), band] : null,
    field("scale", "Scale", choices("scale", SCALES, choice.isLog ? "log" : "linear", choose)),
    field("smooth", "Smoothing", smoothing),
  );
}

/**
 * Which trainings of cross-validations can be chosen; none where there is no such run.
 * @param {Compared[]} compared
 * @returns {Options}
 */
function trainingsOf(compared) {
  const crossed = compared.filter(({ folds }) => folds > 0);
  if (crossed.length === 0) return [];
  const most = Math.max(...crossed.map(({ folds }) => folds));
  const isRefitted = crossed.some(({ job }) => {
    const { validation } = recipeOf(job);
    return validation && "refit" in validation && validation.refit;
  });
  return [
    ["mean", "mean of all"],
    ...Array.from({ length: most }, (_, place) => /** @type {[string, string]} */ ([`${place + 1}`, `fold ${place + 1}`])),
    ...(isRefitted ? [/** @type {[string, string]} */ (["0", "all rows, at the end"])] : []),
  ];
}

/**
 * @param {string} id
 * @param {string} label
 * @param {HTMLElement} input
 */
function field(id, label, input) {
  return h("div", { class: "field" }, h("label", { for: id }, label), input);
}

/**
 * @param {string} id Its name in the address too.
 * @param {Options} options
 * @param {string} value
 * @param {(changes: Record<string, string>) => void} choose
 */
function choices(id, options, value, choose) {
  const select = h(
    "select",
    { id, value, onchange: () => choose({ [id]: select.value }) },
    options.map(([name, label]) => h("option", { value: name }, label)),
  );
  return select;
}
