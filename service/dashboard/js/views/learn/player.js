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
 * @typedef {object} Player
 * @property {HTMLElement} element
 * @property {(at: number) => void} moveTo Shows a place without telling of it.
 * @property {() => void} play
 * @property {() => void} pause
 */

/**
 * @param {object} options
 * @param {number} options.last The last place; the first is 0.
 * @param {number} options.at
 * @param {string} options.label What the bar moves through.
 * @param {(at: number) => void} options.onMove
 * @param {number} options.placesPerSecond How fast it plays.
 * @param {boolean} [options.smooth] Whether there is something to see between whole places.
 * @param {AbortSignal} options.signal
 * @param {(at: number) => void} [options.onRest] Told where it stands once it stands still.
 * @param {(at: number) => string} [options.describe] What a place is called.
 * @returns {Player}
 */
export function player({ last, at: begin, label, onMove, placesPerSecond, smooth = false, signal, onRest, describe }) {
  let at = begin;
  let playing = false;
  const bar = h("input", {
    type: "range", min: 0, max: last, step: smooth ? "any" : 1, value: at, "aria-label": label,
    oninput: () => { pause(); move(Number(bar.value)); },
    onchange: () => onRest?.(at),
  });
  const [back, toggle, next] = [button("Back", "back", () => step(-1)), button("Play", "play", turn), button("Next", "next", () => step(1))];
  const place = h("output", { class: "place small muted" });
  const element = h("div", { class: "player" }, h("div", { class: "row" }, back, toggle, next), bar, place);

  /** @param {number} to */
  function moveTo(to) {
    at = Math.min(Math.max(to, 0), last);
    bar.value = String(at);
    const said = describe?.(at) ?? `${Math.round(at)} of ${last}`;
    bar.setAttribute("aria-valuetext", said);
    place.textContent = said;
    back.disabled = at <= 0;
    next.disabled = at >= last;
  }

  /** @param {number} to */
  function move(to) {
    moveTo(to);
    onMove(at);
  }

  /** @param {number} by */
  function step(by) {
    pause();
    move(Math.round(at) + by);
    onRest?.(at);
  }

  function turn() {
    if (!playing) return play();
    pause();
    onRest?.(at);
  }

  function play() {
    if (at >= last) move(0);
    playing = true;
    show();
    let before = performance.now();
    /** @param {number} now */
    const tick = (now) => {
      if (!playing || signal.aborted) return;
      const to = at + ((now - before) / 1000) * placesPerSecond;
      if (smooth || Math.floor(to) > Math.floor(at)) {
        move(smooth ? to : Math.floor(to));
        before = now;
      }
      if (at < last) return requestAnimationFrame(tick);
      pause();
      onRest?.(at);
    };
    requestAnimationFrame(tick);
  }

  function pause() {
    playing = false;
    show();
  }

  function show() {
    set(toggle, { "aria-label": playing ? "Pause" : "Play", title: playing ? "Pause" : "Play" });
    replace(toggle, icon(playing ? "pause" : "play"));
  }

  document.addEventListener("keydown", (event) => {
    if (isMeantElsewhere(event)) return;
    if (event.key === "ArrowRight") step(1);
    else if (event.key === "ArrowLeft") step(-1);
    else if (event.key === " ") turn();
    else return;
    event.preventDefault();
  }, { signal });

  moveTo(begin);
  return { element, moveTo, play, pause };
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
