/** Light, dark, or as the system has it; and the theme's colours and sizes for what is drawn on a canvas. */

import { replace, svg } from "./dom.js";

const NAME = "trainyard.theme"; // first.js reads it too
const CHOICES = /** @type {const} */ (["auto", "light", "dark"]);
const LABELS = { auto: "Theme: as the system", light: "Theme: light", dark: "Theme: dark" };
const SHAPES = {
  light: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2v2M12 20v2M4.9 4.9l1.4 1.4M17.7 17.7l1.4 1.4M2 12h2M20 12h2M4.9 19.1l1.4-1.4M17.7 6.3l1.4-1.4",
  dark: "M20 14.5A8.5 8.5 0 1 1 9.5 4a7 7 0 0 0 10.5 10.5z",
};

const root = document.documentElement;
const system = matchMedia("(prefers-color-scheme: dark)");
const changes = new EventTarget();

system.addEventListener("change", () => changes.dispatchEvent(new Event("change")));

/** @returns {"auto" | "light" | "dark"} */
export function currentTheme() {
  return CHOICES.find((choice) => choice === root.dataset.theme) ?? "auto";
}

/** @param {"auto" | "light" | "dark"} choice */
export function setTheme(choice) {
  root.dataset.theme = choice;
  localStorage.setItem(NAME, choice);
  changes.dispatchEvent(new Event("change"));
}

/**
 * Calls back whenever colours change: a canvas must be drawn anew.
 * @param {() => void} callback
 * @param {AbortSignal} signal
 */
export function onThemeChange(callback, signal) {
  changes.addEventListener("change", callback, { signal });
}

/**
 * What a token means at present, as a colour that a canvas takes.
 * @param {string} token Such as `--c0`.
 * @returns {string}
 */
export function colour(token) {
  const probe = document.createElement("span");
  probe.style.color = `var(${token})`;
  root.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}

/**
 * A length of the style sheets in pixels: on large screens a rem is more of them.
 * @param {number} rem
 */
export const pixels = (rem) => rem * Number.parseFloat(getComputedStyle(root).fontSize);

/** The font of what is drawn on a canvas. @param {number} rem Its size. */
export const font = (rem) => `${pixels(rem)}px system-ui, sans-serif`;

/** @param {HTMLButtonElement} button Goes from one theme to the next. */
export function themeButton(button) {
  const draw = () => {
    const theme = currentTheme();
    button.title = LABELS[theme];
    button.setAttribute("aria-label", LABELS[theme]);
    replace(button, svg(
      "svg",
      { viewBox: "0 0 24 24", fill: theme === "auto" ? "currentColor" : "none", "fill-rule": "evenodd", stroke: "currentColor", "stroke-width": 1.8, "stroke-linecap": "round", "stroke-linejoin": "round", "aria-hidden": "true" },
      theme === "auto"
        ? [svg("circle", { cx: 12, cy: 12, r: 9, fill: "none" }), svg("path", { d: "M12 3a9 9 0 0 1 0 18z" })]
        : svg("path", { d: SHAPES[theme] }),
    ));
  };
  button.addEventListener("click", () => {
    setTheme(CHOICES[(CHOICES.indexOf(currentTheme()) + 1) % CHOICES.length] ?? "auto");
    draw();
  });
  draw();
}
