/**
 * A network as a picture: units in columns, weights as lines between them.
 *
 * @typedef {import("./traced.js").UnitColumn} UnitColumn
 *
 * @typedef {{column: number, unit: number}} Spot
 *
 * @typedef {object} Drawing
 * @property {SVGSVGElement} root
 * @property {(spot: Spot | null) => void} select
 */

import { svg } from "../../lib/dom.js";
import { number } from "../../lib/format.js";

const SIZE = 44;
const GAP = 12;
const TOP = 34;
const SIDE = 132;
const COLUMN = 170;
const [THINNEST, THICKEST] = [0.4, 6];

/** The largest weight of a column, against which the others are drawn. @param {UnitColumn} column */
function largest({ weights }) {
  return weights.flat().reduce((/** @type {number} */ most, weight) => Math.max(most, Math.abs(weight ?? 0)), 0) || 1;
}

/**
 * @param {UnitColumn[]} columns
 * @param {{fill: (spot: Spot) => string, picture: (spot: Spot) => string | null, onSpot: (spot: Spot | null) => void}} how
 * @returns {Drawing}
 */
export function drawNetwork(columns, how) {
  const most = Math.max(...columns.map((column) => column.units.length));
  const height = TOP + most * (SIZE + GAP) + 30;
  const width = 2 * SIDE + (columns.length - 1) * COLUMN;
  const at = (/** @type {Spot} */ { column, unit }) => ({
    x: SIDE + column * COLUMN,
    y: TOP + SIZE / 2 + (unit + (most - (columns[column]?.units.length ?? 0)) / 2) * (SIZE + GAP),
  });
  const edges = svg("g", { class: "net-edges" }, columns.flatMap((column, place) => edgesOf(column, place, at)));
  const nodes = svg("g", {}, columns.flatMap((column, place) => nodesOf(column, place, at, how)));
  const captions = columns.flatMap((column, place) => captionOf(column, place, at, height));
  const root = svg("svg", {
    class: "net", viewBox: `0 0 ${width} ${height}`, width, height, role: "img", tabindex: 0,
    "aria-label": describe(columns),
  }, edges, nodes, captions);
  return { root, select: (spot) => select(root, spot) };
}

/** @param {UnitColumn[]} columns */
function describe(columns) {
  const layers = columns.map((column) => `${column.caption} ${column.size}`).join(", ");
  return `The network: ${layers}. Arrow keys go from unit to unit.`;
}

/** @param {UnitColumn} column @param {number} place @param {(spot: Spot) => {x: number, y: number}} at */
function edgesOf(column, place, at) {
  const scale = largest(column);
  return column.weights.flatMap((row, unit) => row.map((weight, from) => {
    const [start, end] = [at({ column: place - 1, unit: from }), at({ column: place, unit })];
    const part = Math.abs(weight ?? 0) / scale;
    const [left, right] = [start.x + SIZE / 2, end.x - SIZE / 2];
    const middle = (left + right) / 2;
    return svg("path", {
      d: `M${left} ${start.y}C${middle} ${start.y} ${middle} ${end.y} ${right} ${end.y}`,
      class: (weight ?? 0) < 0 ? "net-edge negative" : "net-edge positive",
      "stroke-width": THINNEST + (THICKEST - THINNEST) * part,
      opacity: 0.15 + 0.75 * part,
      dataset: { column: place, unit, from },
    }, svg("title", {}, `w = ${number(weight)}`));
  }));
}

/**
 * @param {UnitColumn} column @param {number} place @param {(spot: Spot) => {x: number, y: number}} at
 * @param {{fill: (spot: Spot) => string, picture: (spot: Spot) => string | null, onSpot: (spot: Spot | null) => void}} how
 */
function nodesOf(column, place, at, { fill, picture, onSpot }) {
  return column.units.map((name, unit) => {
    const spot = { column: place, unit };
    const { x, y } = at(spot);
    const [left, top] = [x - SIZE / 2, y - SIZE / 2];
    const image = picture(spot);
    const first = place === 0;
    return svg("g", {
      class: "net-node", dataset: { column: place, unit },
      onpointerenter: () => onSpot(spot), onpointerleave: () => onSpot(null),
    },
    svg("rect", { x: left, y: top, width: SIZE, height: SIZE, rx: 7, fill: fill(spot) }),
    image === null
      ? svg("text", { x, y: y + 4, class: "net-value" }, number(column.values[unit], 2))
      : svg("image", { x: left, y: top, width: SIZE, height: SIZE, href: image, preserveAspectRatio: "none", class: "net-image" }),
    svg("rect", { x: left, y: top, width: SIZE, height: SIZE, rx: 7, class: "net-frame" }),
    first || column.name === "output"
      ? svg("text", { x: first ? left - 8 : left + SIZE + 8, y: y + 4, class: first ? "net-name end" : "net-name" }, cut(name))
      : null);
  });
}

/** @param {UnitColumn} column @param {number} place @param {(spot: Spot) => {x: number, y: number}} at @param {number} height */
function captionOf(column, place, at, height) {
  const { x } = at({ column: place, unit: 0 });
  return [
    svg("text", { x, y: 16, class: "net-caption" }, column.caption),
    column.size > column.units.length
      ? svg("text", { x, y: height - 10, class: "net-more" }, `${column.units.length} of ${column.size}`) : null,
    column.between.length > 0
      ? svg("text", { x: x - COLUMN / 2, y: 16, class: "net-more" }, column.between.join(", ").replaceAll("_", " "))
      : null,
  ];
}

const LONGEST = 12;

/** @param {string} name */
const cut = (name) => (name.length > LONGEST ? `${name.slice(0, LONGEST - 1)}…` : name);

/** Bring out one unit and what leads to it and away from it. @param {SVGSVGElement} root @param {Spot | null} spot */
function select(root, spot) {
  root.classList.toggle("selecting", spot !== null);
  for (const node of root.querySelectorAll(".net-node")) {
    const { column, unit } = /** @type {SVGElement} */ (node).dataset;
    node.classList.toggle("selected", spot !== null && Number(column) === spot.column && Number(unit) === spot.unit);
  }
  for (const edge of root.querySelectorAll(".net-edge")) {
    const { column, unit, from } = /** @type {SVGElement} */ (edge).dataset;
    const leads = spot !== null && Number(column) === spot.column && Number(unit) === spot.unit;
    const leaves = spot !== null && Number(column) === spot.column + 1 && Number(from) === spot.unit;
    edge.classList.toggle("selected", leads || leaves);
  }
}
