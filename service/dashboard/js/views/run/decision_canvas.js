/**
 * A map of a model's predictions over two columns: colours, borders between classes, the data as points.
 *
 * @typedef {import("./grid.js").Axis} Axis
 * @typedef {import("./answers.js").Answers} Answers
 * @typedef {import("./colours.js").Rgb} Rgb
 *
 * @typedef {object} Point
 * @property {number} x
 * @property {number} y
 * @property {number} value the place of its class, or its number
 *
 * @typedef {object} Scene
 * @property {Axis} x
 * @property {Axis} y
 * @property {number} side places along an axis
 * @property {Answers} answers row by row, from the upper left
 * @property {Point[]} points
 * @property {[number, number]} span the lowest and the highest number of the target
 */

import { number } from "../../lib/format.js";
import { colour } from "../../lib/theme.js";
import { borders } from "./answers.js";
import { blended, rgb, signed, token } from "./colours.js";
import { zeroLines } from "./contours.js";
import { raster } from "./raster.js";
import { ticks } from "./ticks.js";

const SPACE = { left: 58, right: 8, top: 8, bottom: 36 };
const TICKS = 5;
const MANY_POINTS = 400;

/**
 * @param {HTMLCanvasElement} canvas as wide as it is high
 * @param {Scene} scene
 */
export function paintDecision(canvas, scene) {
  const ratio = devicePixelRatio;
  const width = canvas.clientWidth;
  const height = canvas.clientHeight;
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.scale(ratio, ratio);
  const box = boxOf(width, height);
  paintField(context, box, scene);
  paintBorders(context, box, scene);
  paintPoints(context, box, scene);
  paintAxes(context, box, scene);
}

/** The part of the canvas inside its axes. @param {number} width @param {number} height */
function boxOf(width, height) {
  return {
    left: SPACE.left,
    top: SPACE.top,
    width: width - SPACE.left - SPACE.right,
    height: height - SPACE.top - SPACE.bottom,
  };
}

/** @typedef {ReturnType<typeof boxOf>} Box */

/**
 * The place in the grid below a place on the canvas; null outside of it.
 *
 * @param {HTMLCanvasElement} canvas @param {number} left @param {number} top @param {number} side
 */
export function cellAt(canvas, left, top, side) {
  const box = boxOf(canvas.clientWidth, canvas.clientHeight);
  const [x, y] = [(left - box.left) / box.width, (top - box.top) / box.height];
  if (x < 0 || x > 1 || y < 0 || y > 1) return null;
  return { place: Math.round(y * (side - 1)) * side + Math.round(x * (side - 1)), x, y };
}

/** The colour of every prediction. @param {Answers} answers @param {[number, number]} span @returns {(place: number) => Rgb} */
function colouring(answers, span) {
  const ground = rgb("--surface");
  if (answers.kind === "classes") {
    const classes = answers.classes.map((_, place) => rgb(token(place)));
    return (place) => blended(answers.parts[place] ?? [], classes, ground);
  }
  const scale = numberScale(span, 0.75);
  return (place) => scale(answers.values[place] ?? 0);
}

/**
 * From low to high numbers, by the ground in the middle.
 *
 * @param {[number, number]} span @param {number} strength
 * @returns {(value: number) => Rgb}
 */
function numberScale([low, high], strength) {
  const scale = signed();
  return (value) => scale(strength * (2 * ((value - low) / (high - low || 1)) - 1));
}

/** @param {CanvasRenderingContext2D} context @param {Box} box @param {Scene} scene */
function paintField(context, box, { answers, side, span }) {
  const small = raster(side, colouring(answers, span));
  context.imageSmoothingQuality = "high";
  // Pixels stand for places: the outermost ones lie on the border, so half of each is cut.
  context.drawImage(small, 0.5, 0.5, side - 1, side - 1, box.left, box.top, box.width, box.height);
}

/** @param {CanvasRenderingContext2D} context @param {Box} box @param {Scene} scene */
function paintBorders(context, box, { answers, side }) {
  if (answers.kind === "numbers") return;
  context.strokeStyle = colour("--ink");
  context.lineWidth = 1.5;
  context.globalAlpha = 0.75;
  context.beginPath();
  for (const field of borders(answers.parts)) {
    for (const [x1, y1, x2, y2] of zeroLines(field, side, side)) {
      context.moveTo(box.left + (x1 / (side - 1)) * box.width, box.top + (y1 / (side - 1)) * box.height);
      context.lineTo(box.left + (x2 / (side - 1)) * box.width, box.top + (y2 / (side - 1)) * box.height);
    }
  }
  context.stroke();
  context.globalAlpha = 1;
}

/** @param {CanvasRenderingContext2D} context @param {Box} box @param {Scene} scene */
function paintPoints(context, box, { x, y, answers, points, span }) {
  const radius = points.length > MANY_POINTS ? 3 : 3.8;
  const scale = answers.kind === "numbers" ? numberScale(span, 1) : null;
  const fills = Array.from({ length: 10 }, (_, place) => colour(token(place)));
  context.strokeStyle = colour(scale === null ? "--surface" : "--ink");
  context.lineWidth = scale === null ? 1 : 0.6;
  for (const point of points) {
    const left = box.left + ((point.x - x.low) / (x.high - x.low)) * box.width;
    const top = box.top + ((y.high - point.y) / (y.high - y.low)) * box.height;
    context.beginPath();
    context.arc(left, top, radius, 0, 2 * Math.PI);
    context.fillStyle = scale === null ? fills[point.value % fills.length] ?? "" : `rgb(${scale(point.value).join(" ")})`;
    context.fill();
    context.stroke();
  }
}

/** @param {CanvasRenderingContext2D} context @param {Box} box @param {Scene} scene */
function paintAxes(context, box, { x, y }) {
  context.strokeStyle = colour("--line");
  context.strokeRect(box.left, box.top, box.width, box.height);
  context.fillStyle = colour("--muted");
  context.font = "12px system-ui, sans-serif";
  context.textBaseline = "top";
  context.textAlign = "center";
  for (const value of ticks(x.low, x.high, TICKS)) {
    const left = box.left + ((value - x.low) / (x.high - x.low)) * box.width;
    context.fillText(number(value, 3), left, box.top + box.height + 6);
  }
  context.textBaseline = "middle";
  context.textAlign = "right";
  for (const value of ticks(y.low, y.high, TICKS)) {
    const top = box.top + ((y.high - value) / (y.high - y.low)) * box.height;
    context.fillText(number(value, 3), box.left - 6, top);
  }
  context.fillStyle = colour("--ink");
  context.textBaseline = "bottom";
  context.textAlign = "center";
  context.fillText(x.name, box.left + box.width / 2, box.top + box.height + SPACE.bottom);
  context.save();
  context.translate(8, box.top + box.height / 2);
  context.rotate(-Math.PI / 2);
  context.textBaseline = "middle";
  context.fillText(y.name, 0, 0);
  context.restore();
}
