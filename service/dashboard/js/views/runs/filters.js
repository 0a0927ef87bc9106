/** Which runs are listed: by a text, a status and a tag, kept in the address. */

/** @import { Job, JobStatus } from "../../lib/types.js" */

import { h } from "../../lib/dom.js";
import { STATUSES, nameOf, networkOf } from "../../lib/jobs.js";
import { recipeOf } from "../../lib/recipe.js";

/** @typedef {import("../../lib/route.js").Route} Route */

/**
 * What the service selects by.
 * @param {Route} route
 */
export function selectors({ query }) {
  const status = /** @type {JobStatus | null} */ (query.get("status"));
  return { status: status === null ? null : [status], tag: query.get("tag") };
}

/**
 * Whether a run has the text that is searched for.
 * @param {Job} job
 * @param {Route} route
 */
export function isFound(job, { query }) {
  const text = (query.get("q") ?? "").trim().toLowerCase();
  const told = [nameOf(job), job.id, networkOf(job), recipeOf(job).optimizer?.kind, ...job.tags];
  return !text || told.join(" ").toLowerCase().includes(text);
}

/**
 * @param {Route} route
 * @param {object} listeners
 * @param {() => void} listeners.onSearch Other ones of the runs that are known are to be shown.
 * @param {() => void} listeners.onSelect The service has to be asked for others.
 */
export function filterFields(route, { onSearch, onSelect }) {
  const { query } = route;
  const search = h("input", {
    type: "search",
    id: "search",
    placeholder: "Name, layer, optimizer …",
    value: query.get("q") ?? "",
    oninput: () => {
      route.go({ q: search.value || null }, { replace: true });
      onSearch();
    },
  });
  const status = h(
    "select",
    {
      id: "status",
      value: query.get("status") ?? "",
      onchange: () => {
        route.go({ status: status.value || null }, { replace: true });
        onSelect();
      },
    },
    h("option", { value: "" }, "Any status"),
    STATUSES.map((each) => h("option", { value: each }, each)),
  );
  const tag = h("input", {
    id: "tag",
    placeholder: "Any tag",
    value: query.get("tag") ?? "",
    onchange: () => {
      route.go({ tag: tag.value.trim() || null }, { replace: true });
      onSelect();
    },
  });
  return [
    h("div", { class: "field search" }, h("label", { class: "unseen", for: "search" }, "Search"), search),
    h("div", { class: "field" }, h("label", { class: "unseen", for: "status" }, "Status"), status),
    h("div", { class: "field" }, h("label", { class: "unseen", for: "tag" }, "Tag"), tag),
  ];
}
