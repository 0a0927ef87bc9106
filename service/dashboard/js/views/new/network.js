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
export const networkSection = (draft, catalog) => new NetworkEditor(draft, catalog).element;

class NetworkEditor {
  #draft;
  #catalog;
  #chips = h("ol", { class: "layers", "aria-label": "Layers" });
  #editor = h("div", {});
  #status = h("p", { class: "unseen", role: "status" });
  /** The layer that is edited. @type {number | null} */
  #chosen = null;

  /**
   * @param {Draft} draft
   * @param {Catalog} catalog
   */
  constructor(draft, catalog) {
    this.#draft = draft;
    this.#catalog = catalog;
    this.#drawChips();
    this.element = h(
      "section",
      { class: "card stack", "aria-labelledby": "network-title" },
      h("h2", { id: "network-title" }, "Network"),
      h("div", { class: "field", dataset: { pointer: "/network" } }, this.#chips, h("span", { class: "error", hidden: true })),
      this.#editor,
      this.#additions(),
      h("p", { class: "muted small" }, "Choose a layer to edit it. Alt with an arrow key moves it, Delete removes it. The output layer follows from what there is to predict."),
      this.#status,
    );
  }

  #additions() {
    return h(
      "div",
      { class: "row", role: "group", "aria-label": "Add a layer" },
      h("span", { class: "label muted" }, "Add"),
      (this.#catalog.families.layer ?? []).map(({ kind, summary }) => h("button", { class: "chip", type: "button", title: summary, onclick: () => this.#add(kind) }, words(kind))),
    );
  }

  /** @returns {Spec[]} */
  get #layers() {
    return (this.#draft.body.network?.layers ?? []).map(long);
  }

  /** @param {Spec[]} layers */
  set #layers(layers) {
    this.#draft.change({ network: { ...this.#draft.body.network, layers } });
  }

  /** @param {number | null} place */
  #choose(place) {
    this.#chosen = place;
    this.#drawChips();
    this.#drawEditor();
  }

  /** @param {number} place */
  #focus(place) {
    /** @type {HTMLElement | null} */ (this.#chips.querySelectorAll("button.layer")[place])?.focus();
  }

  /** @param {string} kind */
  #add(kind) {
    const entry = this.#catalog.families.layer?.find((each) => each.kind === kind);
    if (entry === undefined) return;
    const before = this.#layers;
    const alike = before.findLast((each) => each.kind === kind);
    this.#layers = [...before, structuredClone(alike ?? starting(entry))];
    this.#choose(before.length);
    this.#status.textContent = `${words(kind)} added as layer ${before.length + 1}.`;
  }

  /** @param {number} place */
  #remove(place) {
    this.#layers = this.#layers.filter((_, each) => each !== place);
    this.#choose(null);
    this.#focus(Math.min(place, this.#layers.length - 1));
    this.#status.textContent = `Layer ${place + 1} removed.`;
  }

  /**
   * @param {number} place
   * @param {number} target
   */
  #move(place, target) {
    const changed = this.#layers;
    if (target < 0 || target >= changed.length || target === place) return;
    changed.splice(target, 0, ...changed.splice(place, 1));
    this.#layers = changed;
    this.#choose(this.#chosen === place ? target : null);
    this.#focus(target);
    this.#status.textContent = `Layer ${place + 1} moved to place ${target + 1}.`;
  }

  #drawChips() {
    replace(
      this.#chips,
      h("li", { class: "end" }, "inputs"),
      this.#layers.map((layer, place) => h("li", {}, this.#chip(layer, place))),
      h("li", { class: "end" }, "output"),
    );
  }

  /**
   * @param {Spec} layer
   * @param {number} place
   */
  #chip(layer, place) {
    return h(
      "button",
      {
        class: "layer",
        type: "button",
        draggable: "true",
        dataset: { kind: layer.kind },
        "aria-expanded": place === this.#chosen,
        "aria-keyshortcuts": "Alt+ArrowLeft Alt+ArrowRight Delete",
        onclick: () => this.#choose(place === this.#chosen ? null : place),
        onkeydown: (/** @type {KeyboardEvent} */ event) => this.#onKey(event, place),
        ondragstart: (/** @type {DragEvent} */ event) => event.dataTransfer?.setData("text/plain", String(place)),
        ondragover: (/** @type {DragEvent} */ event) => event.preventDefault(),
        ondrop: (/** @type {DragEvent} */ event) => {
          event.preventDefault();
          this.#move(Number(event.dataTransfer?.getData("text/plain")), place);
        },
      },
      h("strong", {}, titleOf(layer)),
      h("span", { class: "small" }, detailOf(layer, this.#catalog)),
    );
  }

  /**
   * @param {KeyboardEvent} event
   * @param {number} place
   */
  #onKey(event, place) {
    if (event.key === "Delete" || event.key === "Backspace") this.#remove(place);
    else if (event.altKey && event.key === "ArrowLeft") this.#move(place, place - 1);
    else if (event.altKey && event.key === "ArrowRight") this.#move(place, place + 1);
    else return;
    event.preventDefault();
  }

  #drawEditor() {
    const place = this.#chosen;
    const layer = place === null ? undefined : this.#layers[place];
    if (place === null || layer === undefined) {
      replace(this.#editor);
      return;
    }
    const last = this.#layers.length - 1;
    replace(
      this.#editor,
      h(
        "div",
        { class: "layer-editor stack" },
        this.#form(layer, place),
        h(
          "div",
          { class: "row" },
          h("button", { class: "button", type: "button", disabled: place === 0, onclick: () => this.#move(place, place - 1) }, "Move left"),
          h("button", { class: "button", type: "button", disabled: place === last, onclick: () => this.#move(place, place + 1) }, "Move right"),
          h("button", { class: "button danger", type: "button", onclick: () => this.#remove(place) }, "Remove"),
        ),
      ),
    );
  }

  /**
   * @param {Spec} layer
   * @param {number} place
   */
  #form(layer, place) {
    return specForm({
      catalog: this.#catalog,
      family: "layer",
      value: layer,
      pointer: `/network/layers/${place}`,
      label: `Layer ${place + 1}`,
      onChange: (value) => {
        const changed = this.#layers;
        if (value) changed[place] = value;
        this.#layers = changed;
        this.#drawChips();
      },
    });
  }
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
