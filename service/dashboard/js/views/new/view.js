/** A new run: data, network and recipe, with the service's plan beside them while they are chosen. */

import { catalog as loadCatalog } from "../../lib/catalog.js";
import { h, replace } from "../../lib/dom.js";
import { href } from "../../lib/route.js";
import { dataSection } from "./data.js";
import { Draft } from "./draft.js";
import { networkSection } from "./network.js";
import { planSection } from "./plan.js";
import { PRESETS } from "./presets.js";
import { recipeSections } from "./recipe.js";

export const title = "New run";
export const styles = ["new.css"];

/**
 * @param {HTMLElement} root
 * @param {import("../../lib/route.js").Route} route
 * @param {AbortSignal} signal
 */
export async function show(root, route, signal) {
  const catalog = await loadCatalog();
  const draft = new Draft(route);
  const form = h("form", { class: "stack", onsubmit: (/** @type {Event} */ event) => event.preventDefault() });
  const parts = h("div", { class: "stack" });
  const draw = () => replace(parts, dataSection(draft, catalog, signal), networkSection(draft, catalog), recipeSections(draft, catalog));
  draw();
  replace(form, commentary(draft, draw), parts);
  replace(
    root,
    h("div", { class: "head" }, h("div", {}, h("h1", {}, title), h("p", {}, "Choose data and a network, and see at once what it comes to. Or begin with a lesson."))),
    lessons(draft),
    h("div", { class: "new-columns" }, form, planSection(draft, form, signal)),
  );
}

/** @param {Draft} draft */
function lessons(draft) {
  return h(
    "nav",
    { class: "lessons", "aria-label": "Lessons" },
    PRESETS.map(({ id, title: name, lesson }) =>
      h("a", { class: "lesson", href: href(["new"], { preset: id }), "aria-current": draft.preset?.id === id ? "true" : null }, h("strong", {}, name), h("span", { class: "small muted" }, lesson)),
    ),
  );
}

/**
 * What a lesson shows, and what to change then.
 * @param {Draft} draft
 * @param {() => void} redraw Shows the form as the changed draft has it.
 */
function commentary(draft, redraw) {
  const { preset } = draft;
  if (preset === null) return null;
  return h(
    "section",
    { class: "card commentary stack", "aria-label": "About this lesson" },
    h("h2", {}, preset.title),
    preset.story.map((paragraph) => h("p", {}, paragraph)),
    h(
      "div",
      { class: "row", role: "group", "aria-label": "Then try" },
      h("span", { class: "label muted" }, "Then try"),
      preset.tries.map(({ label, change }) =>
        h("button", { class: "chip", type: "button", onclick: () => { draft.change({ ...structuredClone(change), name: `${preset.job.name}: ${label}` }); redraw(); } }, label),
      ),
    ),
  );
}
