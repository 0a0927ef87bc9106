/** A data set at a glance: images as images, anything else as points in the two columns that tell most. */

/** @import { DatasetPreview, Image } from "../../lib/types.js" */

import { h } from "../../lib/dom.js";
import { colour, onThemeChange } from "../../lib/theme.js";

/**
 * The drawing knows by the kind of a column which values are numbers.
 * @typedef {Omit<DatasetPreview, "data"> & {data: Record<string, any>[]}} Drawn
 */

const IMAGES = 6;

/**
 * @param {Promise<DatasetPreview>} preview
 * @param {{width: number, height: number, signal: AbortSignal}} options
 */
export function thumbnail(preview, { width, height, signal }) {
  const canvas = h("canvas", { class: "thumbnail", width: width * 2, height: height * 2, style: { width: `${width / 10}rem` }, "aria-hidden": "true" });
  const draw = async () => {
    const data = await preview;
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    context.setTransform(2, 0, 0, 2, 0, 0);
    context.clearRect(0, 0, width, height);
    if (data.image) drawImages(context, data, data.image, width, height);
    else drawPoints(context, data, width, height);
  };
  const tryToDraw = () => draw().catch(() => {}); // what is wrong with the data is told by the plan
  tryToDraw();
  onThemeChange(tryToDraw, signal);
  return canvas;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Drawn} preview
 * @param {Image} size
 * @param {number} width
 * @param {number} height
 */
function drawImages(context, preview, size, width, height) {
  const names = inputsOf(preview);
  const [across, down] = [3, IMAGES / 3];
  const scale = Math.min(width / (across * (size.width + 1)), height / (down * (size.height + 1)));
  const ink = colour("--ink");
  preview.data.slice(0, IMAGES).forEach((row, place) => {
    const brightest = Math.max(...names.map((name) => row[name] ?? 0)) || 1;
    const left = (width - across * (size.width + 1) * scale) / 2 + (place % across) * (size.width + 1) * scale;
    const top = (height - down * (size.height + 1) * scale) / 2 + Math.floor(place / across) * (size.height + 1) * scale;
    context.fillStyle = ink;
    for (let pixel = 0; pixel < size.width * size.height; pixel += 1) {
      context.globalAlpha = (row[names[pixel * (size.channels ?? 1)] ?? ""] ?? 0) / brightest;
      context.fillRect(left + (pixel % size.width) * scale, top + Math.floor(pixel / size.width) * scale, scale, scale);
    }
    context.globalAlpha = 1;
  });
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Drawn} preview
 * @param {number} width
 * @param {number} height
 */
function drawPoints(context, preview, width, height) {
  const { data, task } = preview;
  const numbers = inputsOf(preview).filter((name) => data.every((row) => row[name] === null || typeof row[name] === "number"));
  const isRegression = task?.kind === "regression";
  const target = task?.targets[0] ?? "";
  const strength = isRegression ? correlation : separation;
  const ranked = numbers.length <= 2 ? numbers : [...numbers].sort((a, b) => strength(data, b, target) - strength(data, a, target));
  const [x, y] = isRegression ? [ranked[0], target] : [ranked[0], ranked[1] ?? ranked[0]];
  if (x === undefined || y === undefined) return;
  const colours = Array.from({ length: 10 }, (_, place) => colour(`--c${place}`));
  const classes = task?.classes ?? [];
  const across = scaleOf(data.map((row) => row[x]), 6, width - 6);
  const up = scaleOf(data.map((row) => row[y]), height - 6, 6);
  const radius = Math.max(1.4, Math.min(width, height) / 60);
  context.globalAlpha = 0.8;
  for (const row of data) {
    const place = task?.kind === "multilabel" ? task.targets.filter((name) => row[name] === true).length : classes.indexOf(row[target]);
    context.fillStyle = /** @type {string} */ (colours[Math.max(0, place) % 10]);
    context.beginPath();
    context.arc(across(row[x]), up(row[y]), radius, 0, 2 * Math.PI);
    context.fill();
  }
  context.globalAlpha = 1;
}

/** @param {DatasetPreview} preview */
function inputsOf({ columns, task }) {
  return columns.map(({ name }) => name).filter((name) => !task?.targets.includes(name));
}

/**
 * @param {number[]} values
 * @param {number} low
 * @param {number} high
 */
function scaleOf(values, low, high) {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return (/** @type {number} */ value) => low + ((value - least) / (most - least || 1)) * (high - low);
}

/** @param {number[]} values */
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/**
 * How far apart a column holds the classes: the variance between them over that of all.
 * @param {Record<string, any>[]} rows
 * @param {string} column
 * @param {string} target
 */
function separation(rows, column, target) {
  const values = rows.map((row) => row[column]);
  const all = mean(values);
  const groups = Map.groupBy(rows, (row) => row[target]);
  let between = 0;
  for (const group of groups.values()) between += group.length * (mean(group.map((row) => row[column])) - all) ** 2;
  return between / (values.reduce((sum, value) => sum + (value - all) ** 2, 0) || 1);
}

/**
 * How well a column tells a number, whichever its sign.
 * @param {Record<string, any>[]} rows
 * @param {string} column
 * @param {string} target
 */
function correlation(rows, column, target) {
  const [a, b] = [mean(rows.map((row) => row[column])), mean(rows.map((row) => row[target]))];
  let [ab, aa, bb] = [0, 0, 0];
  for (const row of rows) {
    ab += (row[column] - a) * (row[target] - b);
    aa += (row[column] - a) ** 2;
    bb += (row[target] - b) ** 2;
  }
  return Math.abs(ab) / Math.sqrt(aa * bb || 1);
}
