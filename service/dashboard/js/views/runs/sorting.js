/**
 * In which order runs are listed: chosen by the headings of the table, or by a field where a small
 * screen leaves headings out; kept in the address.
 */

/** @import { Job } from "../../lib/types.js" */

import { h, replace } from "../../lib/dom.js";
import { COLUMNS } from "./columns.js";

/** @typedef {import("./columns.js").Column} Column */

const NEWEST_FIRST = "created";

export class Sorting {
  /**
   * @param {import("../../lib/route.js").Route} route
   * @param {() => void} onChange
   */
  constructor(route, onChange) {
    this.route = route;
    this.onChange = onChange;
    this.headings = h("tr");
    this.select = h(
      "select",
      { id: "sort", onchange: () => this.#choose(this.select.value, this.isDescending) },
      COLUMNS.filter(({ value }) => value).map(({ name, label }) => h("option", { value: name }, label)),
    );
    this.direction = h("button", { class: "button icon", type: "button", onclick: () => this.#choose(this.column.name, !this.isDescending) });
    /** The field that stands for the headings. */
    this.field = h("div", { class: "field inline sorting" }, h("label", { for: "sort" }, "Sort by"), this.select, this.direction);
    this.#draw();
  }

  get column() {
    const name = this.route.query.get("sort") ?? NEWEST_FIRST;
    return COLUMNS.find((column) => column.name === name && column.value) ?? /** @type {Column} */ (COLUMNS.at(-1));
  }

  get isDescending() {
    return (this.route.query.get("order") ?? "down") === "down";
  }

  /**
   * What has no value comes last, whichever way round.
   * @param {Job[]} jobs
   */
  sorted(jobs) {
    const value = /** @type {NonNullable<Column["value"]>} */ (this.column.value);
    const direction = this.isDescending ? -1 : 1;
    return [...jobs].sort((a, b) => {
      const [x, y] = [value(a), value(b)];
      if (x === null || y === null) return Number(x === null) - Number(y === null);
      return x < y ? -direction : x > y ? direction : 0;
    });
  }

  /**
   * @param {string} sort The name of a column.
   * @param {boolean} isDescending
   */
  #choose(sort, isDescending) {
    this.route.go({ sort, order: isDescending ? "down" : "up" }, { replace: true });
    this.#draw();
    this.onChange();
  }

  #draw() {
    const { column: by, isDescending } = this;
    this.select.value = by.name;
    const told = isDescending ? "Descending" : "Ascending";
    this.direction.title = told;
    this.direction.setAttribute("aria-label", `${told}, change to ${isDescending ? "ascending" : "descending"}`);
    replace(this.direction, isDescending ? "↓" : "↑");
    replace(
      this.headings,
      h("th", {}, h("span", { class: "unseen" }, "Select")),
      COLUMNS.map((column) => {
        const isSorted = column === by;
        return h(
          "th",
          { scope: "col", class: column.className, "aria-sort": isSorted ? (isDescending ? "descending" : "ascending") : null },
          column.value ? this.#heading(column, isSorted ? (isDescending ? "↓" : "↑") : "") : column.label,
        );
      }),
      h("th", {}, h("span", { class: "unseen" }, "Delete")),
    );
  }

  /**
   * @param {Column} column
   * @param {string} arrow
   */
  #heading({ name, label, rises = false }, arrow) {
    const sort = () => {
      this.#choose(name, this.column.name === name ? !this.isDescending : !rises);
      /** @type {HTMLElement} */ (this.headings.querySelector(`[data-sort="${name}"]`)).focus();
    };
    return h("button", { type: "button", dataset: { sort: name }, onclick: sort }, label, h("span", { "aria-hidden": "true" }, arrow));
  }
}
