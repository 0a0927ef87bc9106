/** The runs that are selected, and what can be done with them; kept in the address. */

/** @import { Job } from "../../lib/types.js" */

import { h, replace } from "../../lib/dom.js";
import { plural } from "../../lib/format.js";
import { href } from "../../lib/route.js";

const MAX_COMPARED = 10;

export class Selection {
  /** @type {Set<string>} */
  #ids;

  /**
   * @param {import("../../lib/route.js").Route} route
   * @param {object} listeners
   * @param {(ids: string[]) => void} listeners.onClear Called with those that were selected.
   * @param {(jobs: Job[]) => void} listeners.onRemove
   */
  constructor(route, { onClear, onRemove }) {
    this.route = route;
    this.onClear = onClear;
    this.onRemove = onRemove;
    this.#ids = new Set((route.query.get("ids") ?? "").split(",").filter(Boolean));
    this.element = h("div", { class: "row selection", role: "group", "aria-label": "Selected runs" });
  }

  /** @param {string} id */
  has(id) {
    return this.#ids.has(id);
  }

  /** @param {string} id */
  toggle(id) {
    if (!this.#ids.delete(id)) this.#ids.add(id);
    this.#keep();
  }

  /** @param {string} id */
  forget(id) {
    if (this.#ids.delete(id)) this.#keep();
  }

  /** @param {Job[]} jobs All that are there. */
  draw(jobs) {
    const byId = new Map(jobs.map((job) => [job.id, job]));
    const chosen = [...this.#ids].flatMap((id) => byId.get(id) ?? []);
    this.element.hidden = chosen.length === 0;
    const isFew = chosen.length < 2;
    const isMany = chosen.length > MAX_COMPARED;
    replace(
      this.element,
      h("strong", {}, `${plural(chosen.length, "run")} selected`),
      isFew || isMany
        ? h("span", { class: "muted" }, isFew ? "Select another one to compare." : `Up to ${MAX_COMPARED} can be compared.`)
        : h("a", { class: "button primary", href: href(["compare"], { ids: chosen.map((job) => job.id).join(",") }) }, "Compare"),
      h("button", { class: "button", type: "button", disabled: chosen.some((job) => job.status === "running"), onclick: () => this.onRemove(chosen) }, "Delete"),
      h("button", { class: "button quiet", type: "button", onclick: () => this.#clear() }, "Clear"),
    );
  }

  #clear() {
    const ids = [...this.#ids];
    this.#ids.clear();
    this.#keep();
    this.onClear(ids);
  }

  #keep() {
    this.route.go({ ids: [...this.#ids].join(",") || null }, { replace: true });
  }
}
