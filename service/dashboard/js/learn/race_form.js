/** What races where: the surface, the start, and the optimizers with their settings. */

/** @import { Catalog, CatalogEntry } from "../lib/catalog.js" */
/** @import { Race, Spec } from "./race_lessons.js" */

import { h, replace } from "../lib/dom.js";
import { equation } from "../lib/equation.js";
import { words } from "../lib/format.js";
import { field, numberInput, select } from "./fields.js";
import { specFields } from "./spec_fields.js";

export const MOST_RUNS = 10;
const MOST_STEPS = 10_000;

/**
 * @param {Race} race
 * @param {[number, number]} start Where it begins, also where the race does not say so.
 * @param {Catalog} catalog
 * @param {(race: Race) => void} onChange
 * @returns {HTMLElement}
 */
export function raceForm(race, start, catalog, onChange) {
  const surfaces = catalog.families.surface ?? [];
  const surface = surfaces.find(({ kind }) => kind === race.surface.kind);
  const at = (/** @type {0 | 1} */ axis) =>
    numberInput(start[axis], (value) => {
      onChange({ ...race, start: axis === 0 ? [value, start[1]] : [start[0], value] });
    });
  return h(
    "div",
    { class: "stack" },
    h(
      "div",
      { class: "grid choices" },
      field("Surface", select(kinds(surfaces), race.surface.kind, (kind) => onChange({ ...race, surface: { kind }, start: null }))),
      surface ? specFields(surface, race.surface, "surface", (to) => onChange({ ...race, surface: to })).map(({ element }) => element) : null,
      field("Start, x", at(0)),
      field("Start, y", at(1)),
      field("Steps", numberInput(race.steps, (steps) => onChange({ ...race, steps }), { min: 1, max: MOST_STEPS, step: 1 })),
    ),
    surface ? h("div", { class: "stack" }, equation(surface.equation, { display: true }), h("p", { class: "muted" }, surface.summary)) : null,
    h("ul", { class: "racers" }, race.runs.map((run, i) => racer(race, run, i, catalog, onChange))),
    h("div", {}, h("button", {
      class: "button", type: "button", id: "racer-more", disabled: race.runs.length >= MOST_RUNS,
      onclick: () => onChange({ ...race, runs: [...race.runs, { kind: "adam", learning_rate: 0.05 }] }),
    }, "Add an optimizer")),
  );
}

/**
 * What a racer is called: its kind and the settings that it was given.
 *
 * @param {Spec} run
 */
export function nameOfRun({ kind, ...settings }) {
  const given = Object.entries(settings).map(([name, value]) => `${SHORT[name] ?? words(name)} ${value}`);
  return [words(kind), ...given].join(" · ");
}

/** @type {Record<string, string>} */
const SHORT = { learning_rate: "η" };

/**
 * @param {Race} race
 * @param {Spec} run
 * @param {number} i
 * @param {Catalog} catalog
 * @param {(race: Race) => void} onChange
 */
function racer(race, run, i, catalog, onChange) {
  const optimizers = catalog.families.optimizer ?? [];
  const entry = optimizers.find(({ kind }) => kind === run.kind);
  const put = (/** @type {Spec} */ to) => onChange({ ...race, runs: race.runs.map((each, j) => (j === i ? to : each)) });
  const fields = entry ? specFields(entry, run, `racer-${i}`, put) : [];
  const first = fields.find(({ name }) => name === "learning_rate");
  const others = fields.filter((each) => each !== first);
  const more = h("details", {}, h("summary", {}, "All settings"));
  const grid = h("div", { class: "stack" });
  replace(grid, entry ? equation(entry.equation, { display: true }) : null, entry ? h("p", { class: "small muted" }, entry.summary) : null, others.map(({ element }) => element));
  more.append(grid);
  return h(
    "li",
    { class: `racer racer-${i}` },
    h("div", { class: "row racer-head" },
      h("span", { class: "swatch", "aria-hidden": "true" }),
      select(kinds(optimizers), run.kind, (kind) => put({ kind }), { id: `racer-${i}-kind`, "aria-label": `Optimizer ${i + 1}` }),
      h("button", {
        class: "button quiet icon", type: "button", title: "Take it out", "aria-label": `Take out optimizer ${i + 1}`, disabled: race.runs.length === 1,
        onclick: () => onChange({ ...race, runs: race.runs.filter((_, j) => j !== i) }),
      }, "×"),
    ),
    first?.element,
    more,
  );
}

/** @param {CatalogEntry[]} entries @returns {[string, string][]} */
function kinds(entries) {
  return entries.map(({ kind }) => [kind, words(kind)]);
}
