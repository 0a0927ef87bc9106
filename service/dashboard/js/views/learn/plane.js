/**
 * A canvas with a field of heights: the lower, the deeper its colour, with contour lines and axes.
 * What else is drawn on it is drawn anew in every frame; the field only when something about it
 * changes.
 */

/** @import { Field } from "./contours.js" */

import { h } from "../../lib/dom.js";
import { number } from "../../lib/format.js";
import { colour, onThemeChange } from "../../lib/theme.js";
import { contour, levelsOf, sortedHeights } from "./contours.js";

const LEVELS = 16;
/** How much of the accent the lowest place has. */
const DEEPEST = 0.5;
/** Height over width on wide and on narrow screens, at most so many pixels. */
const ASPECT = 0.72;
const NARROW_ASPECT = 1;
const MAX_HEIGHT = 620;
const EDGE = 22;
/** Where canvases still know what to do with a coordinate. */
const FAR = 1e5;

/** A field as shades, contours and axes, and what is drawn on it. */
export class Plane {
  #field;
  #over;
  #size = { width: 0, height: 0 };
  #ground = document.createElement("canvas");

  /**
   * @param {object} options
   * @param {Field} options.field
   * @param {string} options.label What it is, for those who do not see it.
   * @param {(context: CanvasRenderingContext2D, plane: Plane) => void} options.over Draws on the field.
   * @param {AbortSignal} options.signal
   */
  constructor({ field, label, over, signal }) {
    this.canvas = h("canvas", { class: "plane", role: "img", "aria-label": label });
    this.#field = field;
    this.#over = over;
    const observer = new ResizeObserver(() => this.#fit());
    requestAnimationFrame(() => {
      if (this.canvas.parentElement) observer.observe(this.canvas.parentElement);
    });
    signal.addEventListener("abort", () => observer.disconnect(), { once: true });
    onThemeChange(() => { this.#paintGround(); this.redraw(); }, signal);
  }

  /**
   * @param {number} x
   * @param {number} y
   * @returns {[number, number]}
   */
  toPixels(x, y) {
    const [left, right] = ends(this.#field.x);
    const [low, high] = ends(this.#field.y);
    return [
      near(((x - left) / (right - left)) * this.#size.width),
      near((1 - (y - low) / (high - low)) * this.#size.height),
    ];
  }

  /**
   * @param {MouseEvent} event
   * @returns {[number, number]}
   */
  toPoint({ offsetX, offsetY }) {
    const [left, right] = ends(this.#field.x);
    const [low, high] = ends(this.#field.y);
    return [
      left + (offsetX / this.#size.width) * (right - left),
      low + (1 - offsetY / this.#size.height) * (high - low),
    ];
  }

  /** Draws what is on the field anew. */
  redraw() {
    const context = scaled(this.canvas);
    const { width, height } = this.#size;
    if (!context || width === 0) return;
    context.clearRect(0, 0, width, height);
    context.drawImage(this.#ground, 0, 0, width, height);
    this.#over(context, this);
  }

  #fit() {
    const width = this.canvas.parentElement?.clientWidth ?? 0;
    if (width === 0 || width === this.#size.width) return;
    const aspect = width < 560 ? NARROW_ASPECT : ASPECT;
    const height = Math.round(Math.min(width * aspect, MAX_HEIGHT));
    this.#size = { width, height };
    for (const each of [this.canvas, this.#ground]) {
      each.width = Math.round(width * devicePixelRatio);
      each.height = Math.round(height * devicePixelRatio);
    }
    this.canvas.style.height = `${height}px`;
    this.#paintGround();
    this.redraw();
  }

  #paintGround() {
    const context = scaled(this.#ground);
    if (!context) return;
    shade(context, this.#field, this.#size);
    drawContours(context, this.#field, this);
    drawAxes(context, this.#field, this, this.#size);
  }
}

/** @param {HTMLCanvasElement} canvas */
function scaled(canvas) {
  const context = canvas.getContext("2d");
  context?.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
  return context;
}

/**
 * Colours every place by its rank among all, so that flat and steep surfaces show alike.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Field} field
 * @param {{ width: number, height: number }} size
 */
function shade(context, field, { width, height }) {
  const [columns, rows] = [field.x.length, field.y.length];
  const small = document.createElement("canvas");
  small.width = columns;
  small.height = rows;
  const dots = small.getContext("2d");
  if (!dots) return;
  const sorted = sortedHeights(field);
  dots.fillStyle = colour("--accent");
  field.heights.forEach((row, j) => row.forEach((each, i) => {
    if (each === null) return;
    dots.globalAlpha = DEEPEST * (1 - rank(sorted, each)) ** 1.5;
    dots.fillRect(i, rows - 1 - j, 1, 1);
  }));
  context.fillStyle = colour("--surface");
  context.fillRect(0, 0, width, height);
  // Heights are those of points, not of cells: the first and last stand on the borders.
  const [dx, dy] = [width / (columns - 1), height / (rows - 1)];
  context.imageSmoothingEnabled = true;
  context.imageSmoothingQuality = "high";
  context.drawImage(small, -dx / 2, -dy / 2, width + dx, height + dy);
}

/** @param {Float64Array} sorted @param {number} value The share of heights that are lower. */
function rank(sorted, value) {
  let [from, to] = [0, sorted.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((sorted[middle] ?? 0) < value) from = middle + 1;
    else to = middle;
  }
  return from / sorted.length;
}

/** @param {CanvasRenderingContext2D} context @param {Field} field @param {Plane} plane */
function drawContours(context, field, plane) {
  context.strokeStyle = colour("--accent");
  context.globalAlpha = 0.35;
  context.lineWidth = 1;
  context.beginPath();
  for (const level of levelsOf(field, LEVELS)) {
    for (const [x1, y1, x2, y2] of contour(field, level)) {
      context.moveTo(...plane.toPixels(x1, y1));
      context.lineTo(...plane.toPixels(x2, y2));
    }
  }
  context.stroke();
  context.globalAlpha = 1;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Field} field
 * @param {Plane} plane
 * @param {{ width: number, height: number }} size
 */
function drawAxes(context, field, plane, { width, height }) {
  context.fillStyle = colour("--muted");
  context.font = "12px system-ui, sans-serif";
  context.textAlign = "center";
  for (const x of ticks(...ends(field.x))) {
    const [at] = plane.toPixels(x, 0);
    if (at > EDGE && at < width - EDGE) context.fillText(number(x), at, height - 8);
  }
  context.textAlign = "left";
  for (const y of ticks(...ends(field.y))) {
    const [, at] = plane.toPixels(0, y);
    if (at > EDGE && at < height - EDGE) context.fillText(number(y), 8, at + 4);
  }
}

/**
 * Round numbers between two, five or so.
 *
 * @param {number} low
 * @param {number} high
 */
export function ticks(low, high) {
  const rough = (high - low) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((each) => each * power >= rough) ?? 10);
  const first = Math.ceil(low / step);
  const count = Math.floor(high / step) - first + 1;
  return Array.from({ length: Math.max(count, 0) }, (_, i) => (first + i) * step);
}

/** @param {number[]} values @returns {[number, number]} */
function ends(values) {
  return [values[0] ?? 0, values.at(-1) ?? 1];
}

/** @param {number} pixel */
function near(pixel) {
  return Math.min(Math.max(pixel, -FAR), FAR);
}
