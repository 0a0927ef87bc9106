/**
 * What plays: back, play, next, and a bar to any place. The arrow keys go a step, the space bar
 * plays, unless the focus is where those keys have a meaning of their own.
 */

import { h, replace, set, svg } from "../../lib/dom.js";

const SHAPES = {
  back: "M15 6l-6 6 6 6",
  next: "M9 6l6 6-6 6",
  play: "M8 5.5v13l10.5-6.5z",
  pause: "M8 5.5v13M16 5.5v13",
};

/**
 * @typedef {object} Options
 * @property {number} last The last place; the first is 0.
 * @property {number} at
 * @property {string} label What the bar moves through.
 * @property {(at: number) => void} onMove
 * @property {number} placesPerSecond How fast it plays.
 * @property {boolean} [smooth] Whether there is something to see between whole places.
 * @property {AbortSignal} signal
 * @property {(at: number) => void} [onRest] Called with the place where it stops.
 * @property {(at: number) => string} [describe] What a place is called.
 */

export class Player {
  #options;
  #at;
  #playing = false;
  #bar;
  #back = button("Back", "back", () => this.#step(-1));
  #toggle = button("Play", "play", () => this.#turn());
  #next = button("Next", "next", () => this.#step(1));
  #place = h("output", { class: "place small muted" });

  /** @param {Options} options */
  constructor(options) {
    this.#options = options;
    this.#at = options.at;
    this.#bar = h("input", {
      type: "range", min: 0, max: options.last, step: options.smooth ? "any" : 1, value: options.at, "aria-label": options.label,
      oninput: () => { this.pause(); this.#move(Number(this.#bar.value)); },
      onchange: () => this.#rest(),
    });
    this.element = h("div", { class: "player" }, h("div", { class: "row" }, this.#back, this.#toggle, this.#next), this.#bar, this.#place);
    document.addEventListener("keydown", (event) => this.#onKey(event), { signal: options.signal });
    this.moveTo(options.at);
  }

  /** Show a place, without a call of `onMove`. @param {number} to */
  moveTo(to) {
    const { last, describe } = this.#options;
    this.#at = Math.min(Math.max(to, 0), last);
    this.#bar.value = String(this.#at);
    const text = describe?.(this.#at) ?? `${Math.round(this.#at)} of ${last}`;
    this.#bar.setAttribute("aria-valuetext", text);
    this.#place.textContent = text;
    this.#back.disabled = this.#at <= 0;
    this.#next.disabled = this.#at >= last;
  }

  play() {
    if (this.#at >= this.#options.last) this.#move(0);
    this.#playing = true;
    this.#show();
    let before = performance.now();
    /** @param {number} now */
    const tick = (now) => {
      if (!this.#playing || this.#options.signal.aborted) return;
      if (this.#advance((now - before) / 1000)) before = now;
      if (this.#at < this.#options.last) {
        requestAnimationFrame(tick);
        return;
      }
      this.pause();
      this.#rest();
    };
    requestAnimationFrame(tick);
  }

  pause() {
    this.#playing = false;
    this.#show();
  }

  /** Move as far as it plays in a time; whether that is far enough to be seen. @param {number} seconds */
  #advance(seconds) {
    const { placesPerSecond, smooth } = this.#options;
    const to = this.#at + seconds * placesPerSecond;
    if (!smooth && Math.floor(to) <= Math.floor(this.#at)) return false;
    this.#move(smooth ? to : Math.floor(to));
    return true;
  }

  /** @param {number} to */
  #move(to) {
    this.moveTo(to);
    this.#options.onMove(this.#at);
  }

  /** @param {number} by */
  #step(by) {
    this.pause();
    this.#move(Math.round(this.#at) + by);
    this.#rest();
  }

  #turn() {
    if (!this.#playing) {
      this.play();
      return;
    }
    this.pause();
    this.#rest();
  }

  #rest() {
    this.#options.onRest?.(this.#at);
  }

  #show() {
    const label = this.#playing ? "Pause" : "Play";
    set(this.#toggle, { "aria-label": label, title: label });
    replace(this.#toggle, icon(this.#playing ? "pause" : "play"));
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    if (isMeantElsewhere(event)) return;
    if (event.key === "ArrowRight") this.#step(1);
    else if (event.key === "ArrowLeft") this.#step(-1);
    else if (event.key === " ") this.#turn();
    else return;
    event.preventDefault();
  }
}

/** @param {KeyboardEvent} event */
function isMeantElsewhere(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return true;
  const at = /** @type {Element | null} */ (event.target);
  const own = "input, select, textarea, dialog, [role='tab'], [contenteditable]";
  return Boolean(at?.closest(event.key === " " ? `${own}, button, a, [role='button'], summary` : own));
}

/** @param {string} label @param {keyof typeof SHAPES} shape @param {() => void} onClick */
function button(label, shape, onClick) {
  return h("button", { class: "button icon", type: "button", title: label, "aria-label": label, onclick: onClick }, icon(shape));
}

/** @param {keyof typeof SHAPES} shape */
function icon(shape) {
  return svg(
    "svg",
    { viewBox: "0 0 24 24", fill: shape === "play" ? "currentColor" : "none", stroke: "currentColor", "stroke-width": 2, "stroke-linecap": "round", "stroke-linejoin": "round", "aria-hidden": "true" },
    svg("path", { d: SHAPES[shape] }),
  );
}
