/** The network as a row of chips, from its inputs to its output; the chosen one is edited below. */

/** @import { Catalog } from "../../lib/types.js" */

import { h, replace } from "../../lib/dom.js";
import { percent, words } from "../../lib/format.js";
import { long, specForm, starting } from "../../lib/form.js";

/** @typedef {import("../../lib/form.js").Spec} Spec */
/** @typedef {import("./draft.js").Draft} Draft */

/**
 * @param {Draft} draft
 * @param {Catalog} catalog
 */
export function networkSection(draft, catalog) {
  const chips = h("ol", { class: "layers", "aria-label": "Layers" });
  const editor = h("div", {});
  const said = h("p", { class: "unseen", role: "status" });
  /** @type {number | null} */
  let chosen = null;

  /** @returns {Spec[]} */
  const layers = () => (draft.body.network?.layers ?? []).map(long);
  /** @param {Spec[]} changed */
  const put = (changed) => draft.change({ network: { ...draft.body.network, layers: changed } });

  /** @param {number | null} place */
  const choose = (place) => {
    chosen = place;
    drawChips();
    drawEditor();
  };
  /** @param {number} place */
  const focus = (place) => /** @type {HTMLElement | null} */ (chips.querySelectorAll("button.layer")[place])?.focus();

  /** @param {string} kind */
  const add = (kind) => {
    const entry = catalog.families.layer?.find((each) => each.kind === kind);
    if (entry === undefined) return;
    const before = layers();
    const alike = before.findLast((each) => each.kind === kind);
    put([...before, structuredClone(alike ?? starting(entry))]);
    choose(before.length);
    said.textContent = `${words(kind)} added as layer ${before.length + 1}.`;
  };

  /** @param {number} place */
  const remove = (place) => {
    put(layers().filter((_, each) => each !== place));
    choose(null);
    focus(Math.min(place, layers().length - 1));
    said.textContent = `Layer ${place + 1} removed.`;
  };

  /**
   * @param {number} place
   * @param {number} target
   */
  const move = (place, target) => {
    const changed = layers();
    if (target < 0 || target >= changed.length || target === place) return;
    changed.splice(target, 0, ...changed.splice(place, 1));
    put(changed);
    choose(chosen === place ? target : null);
    focus(target);
    said.textContent = `Layer ${place + 1} moved to place ${target + 1}.`;
  };

  const drawChips = () => {
    const all = layers();
    replace(
      chips,
      h("li", { class: "end" }, "inputs"),
      all.map((layer, place) => h("li", {}, chip(layer, place))),
      h("li", { class: "end" }, "output"),
    );
  };

  /**
   * @param {Spec} layer
   * @param {number} place
   */
  const chip = (layer, place) => {
    const button = h(
      "button",
      {
        class: "layer",
        type: "button",
        draggable: "true",
        dataset: { kind: layer.kind },
        "aria-expanded": place === chosen,
        "aria-keyshortcuts": "Alt+ArrowLeft Alt+ArrowRight Delete",
        onclick: () => choose(place === chosen ? null : place),
        onkeydown: (/** @type {KeyboardEvent} */ event) => {
          if (event.key === "Delete" || event.key === "Backspace") remove(place);
          else if (event.altKey && event.key === "ArrowLeft") move(place, place - 1);
          else if (event.altKey && event.key === "ArrowRight") move(place, place + 1);
          else return;
          event.preventDefault();
        },
        ondragstart: (/** @type {DragEvent} */ event) => event.dataTransfer?.setData("text/plain", String(place)),
        ondragover: (/** @type {DragEvent} */ event) => event.preventDefault(),
        ondrop: (/** @type {DragEvent} */ event) => {
          event.preventDefault();
          move(Number(event.dataTransfer?.getData("text/plain")), place);
        },
      },
      h("strong", {}, titleOf(layer)),
      h("span", { class: "small" }, detailOf(layer, catalog)),
    );
    return button;
  };

  const drawEditor = () => {
    const layer = chosen === null ? undefined : layers()[chosen];
    if (chosen === null || layer === undefined) {
      replace(editor);
      return;
    }
    const place = chosen;
    const last = layers().length - 1;
    replace(
      editor,
      h(
        "div",
        { class: "layer-editor stack" },
        specForm({
          catalog,
          family: "layer",
          value: layer,
          pointer: `/network/layers/${place}`,
          label: `Layer ${place + 1}`,
          onChange: (value) => {
            const changed = layers();
            if (value) changed[place] = value;
            put(changed);
            drawChips();
          },
        }),
        h(
          "div",
          { class: "row" },
          h("button", { class: "button", type: "button", disabled: place === 0, onclick: () => move(place, place - 1) }, "Move left"),
          h("button", { class: "button", type: "button", disabled: place === last, onclick: () => move(place, place + 1) }, "Move right"),
          h("button", { class: "button danger", type: "button", onclick: () => remove(place) }, "Remove"),
        ),
      ),
    );
  };

  drawChips();
  return h(
    "section",
    { class: "card stack", "aria-labelledby": "network-title" },
    h("h2", { id: "network-title" }, "Network"),
    h("div", { class: "field", dataset: { pointer: "/network" } }, chips, h("span", { class: "error", hidden: true })),
    editor,
    h(
      "div",
      { class: "row", role: "group", "aria-label": "Add a layer" },
      h("span", { class: "label muted" }, "Add"),
      (catalog.families.layer ?? []).map(({ kind, summary }) => h("button", { class: "chip", type: "button", title: summary, onclick: () => add(kind) }, words(kind))),
    ),
    h("p", { class: "muted small" }, "Choose a layer to edit it. Alt with an arrow key moves it, Delete removes it. The output layer follows from what there is to predict."),
    said,
  );
}

/** @param {Spec} layer */
const titleOf = (layer) => (typeof layer.units === "number" ? String(layer.units) : words(layer.kind));

/**
 * The rest of it in a word or two, defaults included.
 * @param {Spec} layer
 * @param {Catalog} catalog
 */
function detailOf(layer, catalog) {
  const fields = catalog.families.layer?.find(({ kind }) => kind === layer.kind)?.fields ?? [];
  const values = Object.fromEntries(fields.map((field) => [field.name, layer[field.name] ?? field.default]));
  if (values.activation) return words(long(/** @type {Spec | string} */ (values.activation)).kind);
  return typeof values.rate === "number" ? percent(values.rate, 0) : "";
}
