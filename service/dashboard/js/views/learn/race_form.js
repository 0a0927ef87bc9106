/** What races where: the surface, the start, and the optimizers with their settings. */

/** @import { Catalog, CatalogEntry } from "../../lib/types.js" */
/** @import { Spec } from "../../lib/form.js" */
/** @import { Race, Racer } from "./race_lessons.js" */

import { h } from "../../lib/dom.js";
import { equation } from "../../lib/equation.js";
import { fieldForm, specForm, starting } from "../../lib/form.js";
import { words } from "../../lib/format.js";
import { field, numberInput, select } from "./fields.js";

export const MAX_RUNS = 10;
const MAX_STEPS = 10_000;

/**
 * @typedef {object} Listener
 * @property {() => Race} current The race as it is by now.
 * @property {(race: Race) => void} onEdit A number has changed; the form shows it already.
 * @property {(race: Race) => void} onRebuild The form has to be another one.
 */

/**
 * @param {Catalog} catalog
 * @param {Listener} listener
 * @returns {{ element: HTMLElement, showStart: (start: [number, number]) => void }}
 */
export function raceForm(catalog, listener) {
  const { current, onEdit, onRebuild } = listener;
  const race = current();
  const surfaces = catalog.families.surface ?? [];
  const surface = surfaces.find(({ kind }) => kind === race.surface.kind);
  const [x, y] = [startInput(listener, 0), startInput(listener, 1)];
  const element = h(
    "div",
    { class: "stack" },
    h(
      "div",
      { class: "grid choices" },
      field("Surface", select(kinds(surfaces), race.surface.kind, (kind) => onRebuild({ ...current(), surface: { kind }, start: null }))),
      field("Steps", numberInput(race.steps, (steps) => onEdit({ ...current(), steps }), { min: 1, max: MAX_STEPS, step: 1 })),
      field("Start, x", x),
      field("Start, y", y),
    ),
    surface?.fields.map((each) => fieldForm({
      catalog, field: each, value: race.surface[each.name], pointer: `/surface/${each.name}`,
      onChange: (value) => onEdit({ ...current(), surface: changed(current().surface, each.name, value) }),
    })),
    surface ? [h("p", { class: "muted small" }, surface.summary), equation(surface.equation, { display: true })] : null,
    h("ul", { class: "racers" }, race.runs.map((run, i) => racer(run, i, catalog, listener))),
    h("div", {}, h("button", {
      class: "button", type: "button", id: "racer-more", disabled: race.runs.length >= MAX_RUNS,
      onclick: () => onRebuild({ ...current(), runs: [...current().runs, { optimizer: { kind: "adam", learning_rate: 0.05 } }] }),
    }, "Add an optimizer")),
  );
  return {
    element,
    showStart: (start) => [x, y].forEach((input, axis) => { input.value = String(start[axis]); }),
  };
}

/**
 * What a racer is called: its kinds and the settings that it was given.
 *
 * @param {Racer} run
 */
export function nameOfRun({ optimizer, schedule }) {
  return [optimizer, schedule].flatMap((spec) => (spec ? named(spec) : [])).join(" · ");
}

/** @param {Spec} spec */
function named({ kind, ...settings }) {
  const given = Object.entries(settings).map(([name, value]) => `${SHORT[name] ?? words(name)} ${value}`);
  return [words(kind), ...given];
}

/** @type {Record<string, string>} */
const SHORT = { learning_rate: "η" };

/** @param {Listener} listener @param {0 | 1} axis */
function startInput({ current, onEdit }, axis) {
  return numberInput("", (value) => {
    const [x, y] = current().start ?? [0, 0];
    onEdit({ ...current(), start: axis === 0 ? [value, y] : [x, value] });
  });
}

/**
 * @param {Racer} run
 * @param {number} i
 * @param {Catalog} catalog
 * @param {Listener} listener
 */
function racer(run, i, catalog, { current, onEdit, onRebuild }) {
  const optimizers = catalog.families.optimizer ?? [];
  const entry = optimizers.find(({ kind }) => kind === run.optimizer.kind);
  const put = (/** @type {Partial<Racer>} */ to) => ({ ...current(), runs: current().runs.map((each, j) => (j === i ? { ...each, ...to } : each)) });
  const fields = (entry?.fields ?? []).map((each) => ({
    isRate: each.name === "learning_rate",
    element: fieldForm({
      catalog, field: each, value: run.optimizer[each.name], pointer: `/runs/${i}/optimizer/${each.name}`,
      onChange: (value) => onEdit(put({ optimizer: changed((current().runs[i] ?? run).optimizer, each.name, value) })),
    }),
  }));
  const choose = (/** @type {string} */ kind) => {
    const chosen = optimizers.find((each) => each.kind === kind);
    if (chosen) onRebuild(put({ optimizer: starting(chosen) }));
  };
  return h(
    "li",
    { class: `racer racer-${i}` },
    h("div", { class: "row racer-head" },
      h("span", { class: "swatch", "aria-hidden": "true" }),
      select(kinds(optimizers), run.optimizer.kind, choose, { id: `racer-${i}-kind`, "aria-label": `Optimizer ${i + 1}` }),
      h("button", {
        class: "button quiet icon", type: "button", title: "Take it out", "aria-label": `Take out optimizer ${i + 1}`, disabled: current().runs.length === 1,
        onclick: () => onRebuild({ ...current(), runs: current().runs.filter((_, j) => j !== i) }),
      }, "×"),
    ),
    fields.find(({ isRate }) => isRate)?.element,
    specForm({
      catalog, family: "schedule", value: run.schedule ?? null, pointer: `/runs/${i}/schedule`, label: "Schedule", none: "none: the same rate throughout",
      onChange: (schedule) => onEdit(put({ schedule: schedule ?? undefined })),
    }),
    h("details", {},
      h("summary", {}, "All settings"),
      h("div", { class: "stack" },
        entry ? [h("p", { class: "small muted" }, entry.summary), equation(entry.equation, { display: true })] : null,
        fields.filter(({ isRate }) => !isRate).map(({ element }) => element),
      ),
    ),
  );
}

/**
 * A spec with another value; undefined takes it out, so that its default holds.
 *
 * @param {Spec} spec
 * @param {string} name
 * @param {unknown} value
 * @returns {Spec}
 */
function changed(spec, name, value) {
  const { [name]: _, ...others } = spec;
  return /** @type {Spec} */ (value === undefined ? others : { ...others, [name]: value });
}

/** @param {CatalogEntry[]} entries @returns {[string, string][]} */
function kinds(entries) {
  return entries.map(({ kind }) => [kind, words(kind)]);
}
