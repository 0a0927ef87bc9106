/** The API key, where the service wants one: asked for once, kept until the tab is closed. */

import { h } from "./dom.js";

const NAME = "trainyard.key";

/** @type {Promise<void> | null} */
let asking = null;

/** @returns {string} Empty where none is known. */
export function currentKey() {
  return sessionStorage.getItem(NAME) ?? "";
}

/**
 * Resolves when there is another key than the one that was refused. However many requests were
 * refused, one dialog asks.
 * @param {string} refused
 */
export async function askForKey(refused) {
  if (currentKey() !== refused) return;
  asking ??= ask(refused !== "").finally(() => { asking = null; });
  await asking;
}

/**
 * @param {boolean} wasWrong
 * @returns {Promise<void>}
 */
function ask(wasWrong) {
  return new Promise((resolve) => {
    const input = h("input", { id: "key", type: "password", autocomplete: "off", required: true });
    const dialog = h(
      "dialog",
      { "aria-labelledby": "key-title" },
      h(
        "form",
        { class: "stack", method: "dialog" },
        h("h2", { id: "key-title" }, "This service requires an API key"),
        h(
          "div",
          { class: "field" },
          h("label", { for: "key" }, "Key"),
          input,
          wasWrong
            ? h("span", { class: "error", role: "alert" }, "The service rejected this key.")
            : h("span", { class: "hint" }, "It is stored until this tab is closed."),
        ),
        h("button", { class: "button primary" }, "Continue"),
      ),
    );
    dialog.addEventListener("cancel", (event) => event.preventDefault());
    dialog.addEventListener("close", () => {
      sessionStorage.setItem(NAME, input.value.trim());
      dialog.remove();
      resolve();
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
