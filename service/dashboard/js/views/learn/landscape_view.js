/** The loss around a model: a map in two directions, or a line in one. */

/** @import { Landscape, LandscapeRequest, Model } from "../../lib/types.js" */
/** @import { Part } from "./part.js" */
/** @import { Field } from "./contours.js" */

import { post } from "../../lib/api.js";
import { h } from "../../lib/dom.js";
import { count, number } from "../../lib/format.js";
import { problemNotice } from "../../lib/notice.js";
import { colour } from "../../lib/theme.js";
import { field, numberInput, select } from "./fields.js";
import { lineChart } from "./line_chart.js";
import { checkpointOf, keptCheckpoints, pickModel } from "./model_picker.js";
import { Plane } from "./plane.js";

const MAP_POINTS = 41;
const LINE_POINTS = 101;

/** @param {Part} part */
export async function showLandscape(part) {
  const { root, signal } = part;
  const picked = await pickModel(part);
  if (!picked) return;
  root.append(
    h(
      "section",
      { class: "card", "aria-label": "What to look at" },
      h("div", { class: "grid choices" }, picked.fields, await directionFields(part, picked.model)),
    ),
  );
  try {
    const body = { directions: directionsOf(part), resolution: dimensionsOf(part) === 2 ? MAP_POINTS : LINE_POINTS };
    const told = await post(`/v1/models/${picked.model.id}/landscape`, body, { signal, query: checkpointOf(part) });
    root.append(told.dimensions === 2 ? map(told, signal) : line(told, part));
  } catch (error) {
    if (signal.aborted) throw error;
    root.append(problemNotice(error, part.again));
  }
}

/** @param {Part} part */
function dimensionsOf({ route }) {
  return (route.query.get("along") ?? "map") === "map" ? 2 : 1;
}

/** @param {Part} part @returns {NonNullable<LandscapeRequest["directions"]>} */
function directionsOf(part) {
  const { query } = part.route;
  const towards = query.get("along")?.match(/^epoch (\d+)$/);
  if (towards) return { kind: "checkpoint", epoch: Number(towards[1]) };
  return {
    kind: "random",
    dimensions: dimensionsOf(part),
    seed: Number(query.get("seed") ?? 0),
    span: Number(query.get("span") ?? 1),
  };
}

/** @param {Part} part @param {Model} model */
async function directionFields(part, model) {
  const { route, again } = part;
  const go = (/** @type {Record<string, string | number>} */ changes) => {
    route.go(changes);
    again();
  };
  const along = route.query.get("along") ?? "map";
  const others = await keptCheckpoints(part, model);
  // An address may name an epoch that is not kept any more.
  const epochs = new Set([...others.map(({ epoch }) => `epoch ${epoch}`), ...(along.startsWith("epoch") ? [along] : [])]);
  const choices = /** @type {[string, string][]} */ ([
    ["map", "two random directions"],
    ["line", "one random direction"],
    ...[...epochs].map((each) => [each, `the line to ${each}`]),
  ]);
  const fields = [field("Along", select(choices, along, (value) => go({ along: value })))];
  if (along.startsWith("epoch")) return fields;
  return [
    ...fields,
    field("Directions drawn from seed", numberInput(route.query.get("seed") ?? 0, (seed) => go({ seed }), { min: 0, step: 1 })),
    field("How far", numberInput(route.query.get("span") ?? 1, (span) => go({ span }), { min: 0.01, max: 100 }), "At 1, the weights of each unit have moved by their own length."),
  ];
}

/** @param {Landscape} told @param {AbortSignal} signal */
function map(told, signal) {
  const { positions } = told;
  const losses = /** @type {(number | null)[][]} */ (told.losses);
  /** @type {Field} */
  const ground = {
    x: positions,
    y: positions,
    heights: positions.map((_, j) => positions.map((__, i) => losses[i]?.[j] ?? null)),
  };
  const lowest = lowestOf(ground);
  const readout = h("output", { class: "small mono" }, "Point at the map to read the loss there.");
  const plane = new Plane({
    field: ground,
    signal,
    label: `The loss in two random directions around the model. Lowest: ${number(lowest.loss)}.`,
    over: (context, own) => paintMarks(context, own, lowest),
  });
  plane.canvas.addEventListener("pointermove", (event) => {
    const [x, y] = plane.toPoint(event);
    const loss = ground.heights[nearest(positions, y)]?.[nearest(positions, x)];
    readout.textContent = `a = ${number(x, 3)}, b = ${number(y, 3)}: loss ${number(loss)}`;
  });
  return h(
    "section",
    { class: "card stack", "aria-label": "The landscape" },
    h("div", { class: "plane-frame" }, plane.canvas),
    readout,
    facts(told, lowest.loss, `(${number(lowest.x, 3)}, ${number(lowest.y, 3)})`, ABOUT_RANDOM),
  );
}

/** @param {Landscape} told @param {Part} part */
function line(told, part) {
  /** @type {[number, number][]} */
  const points = told.positions.flatMap((position, i) => {
    const loss = told.losses[i];
    return typeof loss === "number" ? [[position, loss]] : [];
  });
  const lowest = points.reduce((least, each) => (each[1] < least[1] ? each : least), points[0] ?? [0, 0]);
  const towards = directionsOf(part).kind === "checkpoint";
  const chart = lineChart({
    label: `The loss along a line through the model. Lowest: ${number(lowest[1])}.`,
    lines: [{ name: "loss", points, look: "" }],
    x: { name: towards ? "from this state (0) to that epoch (1)" : "how far along the direction" },
    y: { name: "loss" },
    marks: [
      { x: 0, name: "the model" },
      ...(towards ? [{ x: 1, name: checkpointName(part) }] : []),
      { x: lowest[0], name: "lowest", look: "good" },
    ],
  });
  return h(
    "section",
    { class: "card stack", "aria-label": "The landscape" },
    chart.element,
    facts(told, lowest[1], number(lowest[0], 3), towards ? ABOUT_LINE : ABOUT_RANDOM),
  );
}

/** @param {Part} part */
function checkpointName(part) {
  return part.route.query.get("along") ?? "";
}

const ABOUT_RANDOM =
  "Random directions are as long as each unit's weights, so that networks can be compared. A trained model lies in a " +
  "hollow; where that is wide and round, small changes of the weights do little harm.";
const ABOUT_LINE = "Between two states of one training lies the way it took, drawn straight.";

/** @param {Landscape} told @param {number} lowest @param {string} where @param {string} about */
function facts({ loss, rows }, lowest, where, about) {
  return h(
    "p",
    {},
    "The model's own loss is ", h("strong", {}, number(loss)), ", the lowest that is drawn ", h("strong", {}, number(lowest)), ` at ${where}; each is the mean over ${count(rows)} rows. `,
    h("span", { class: "muted" }, about),
  );
}

/** @param {Field} ground */
function lowestOf({ x, y, heights }) {
  let lowest = { x: 0, y: 0, loss: Infinity };
  heights.forEach((row, j) => row.forEach((loss, i) => {
    if (loss !== null && loss < lowest.loss) lowest = { x: x[i] ?? 0, y: y[j] ?? 0, loss };
  }));
  return lowest;
}

/** @param {number[]} positions @param {number} value */
function nearest(positions, value) {
  const [first = 0, last = 1] = [positions[0], positions.at(-1)];
  return Math.round(((value - first) / (last - first)) * (positions.length - 1));
}

/**
 * The model in the middle, and where the loss is lowest.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Plane} plane
 * @param {{ x: number, y: number }} lowest
 */
function paintMarks(context, plane, lowest) {
  const side = lowest.x < 0 ? "right" : "left"; // each name on its own side of both
  mark(context, plane.toPixels(lowest.x, lowest.y), { name: "lowest", side, fill: colour("--good") });
  mark(context, plane.toPixels(0, 0), { name: "the model", side: side === "left" ? "right" : "left", fill: colour("--ink") });
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {[number, number]} at
 * @param {{ name: string, side: "left" | "right", fill: string }} look `side` is where the text ends.
 */
function mark(context, [x, y], { name, side, fill }) {
  context.beginPath();
  context.arc(x, y, 6, 0, 2 * Math.PI);
  context.fillStyle = fill;
  context.fill();
  context.lineWidth = 2;
  context.strokeStyle = colour("--surface");
  context.stroke();
  context.font = "600 13px system-ui, sans-serif";
  context.textAlign = side;
  const beside = x + (side === "left" ? 11 : -11);
  context.lineWidth = 4;
  context.strokeText(name, beside, y + 4);
  context.fillText(name, beside, y + 4);
}
