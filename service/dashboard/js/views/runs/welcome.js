/** What is there before the first run. */

import { h } from "../../lib/dom.js";
import { href } from "../../lib/route.js";
import { PRESETS } from "../new/presets.js";

export function welcome() {
  return h(
    "div",
    { class: "stack" },
    h(
      "div",
      { class: "card empty" },
      h("h2", {}, "Nothing has been trained yet"),
      h("p", {}, "Begin with one of these, or with data of your own."),
      h("p", { class: "welcome-action" }, h("a", { class: "button primary", href: "#/new" }, "New run")),
    ),
    h(
      "div",
      { class: "grid" },
      PRESETS.map(({ id, title, lesson }) =>
        h("a", { class: "card preset-card", href: href(["new"], { preset: id }) }, h("h3", {}, title), h("p", { class: "muted small" }, lesson)),
      ),
    ),
  );
}
