/**
 * What every unit gives over a plane of two columns: small pictures, as many as there are units.
 *
 * @typedef {import("./colours.js").Rgb} Rgb
 */

/** @import { Model, Numbers, Trace } from "../../lib/types.js" */

import { Problem } from "../../lib/api.js";
import { blended, rgb, signed, token } from "./colours.js";
import { gridRows } from "./grid.js";
import { raster } from "./raster.js";
import { anyTargets, trace } from "./traced.js";

/** A small grid, that the browser draws smoothly. */
const SIDE = 20;
/** Rows that a trace takes. */
const PORTION = 100;

/**
 * The pictures of all units, by layer; null where the network is too large for that.
 *
 * @param {Model} model @param {import("./grid.js").Axis} x @param {import("./grid.js").Axis} y
 * @param {Omit<import("./traced.js").How, "corner">} how
 * @returns {Promise<Map<string, string[]> | null>}
 */
export async function activationMaps(model, x, y, how) {
  const rows = gridRows(model.inputs, x, y, new Map(), SIDE).map((row) => [...row, ...anyTargets(model)]);
  const portions = Array.from({ length: rows.length / PORTION }, (_, place) => rows.slice(PORTION * place, PORTION * (place + 1)));
  try {
    const told = await Promise.all(portions.map((portion) => trace(model, portion, { corner: PORTION, ...how })));
    return mapsOf(told, model);
  } catch (error) {
    if (error instanceof Problem && error.status === 422) return null;
    throw error;
  }
}

/** @param {Trace[]} told portion by portion @param {Model} model */
function mapsOf(told, model) {
  const layers = told[0]?.layers ?? [];
  /** @type {Map<string, string[]>} */
  const maps = new Map();
  const given = told.flatMap((each) => each.layers[0]?.x.values ?? []);
  maps.set("features", columnsOf(given).map((values) => picture(scaled(values))));
  layers.forEach(({ name, units, h }, place) => {
    const columns = columnsOf(told.flatMap((each) => each.layers[place]?.h.values ?? []));
    const isAnswer = name === "output" && model.task.kind !== "regression";
    maps.set(name, isAnswer ? answerPictures(columns, h.shape.at(-1) === 1 ? null : units) : columns.map((values) => picture(scaled(values))));
  });
  return maps;
}

/**
 * Probabilities in the colours of the classes.
 *
 * @param {number[][]} columns @param {number[] | null} classes their places; null: one column, for the second of two
 */
function answerPictures(columns, classes) {
  const ground = rgb("--surface");
  return columns.map((values, place) => {
    const pair = /** @type {Rgb[]} */ (classes === null ? [rgb(token(0)), rgb(token(1))] : [ground, rgb(token(classes[place] ?? place))]);
    return picture(values.map((part) => blended([1 - part, part], pair, ground)));
  });
}

/** Numbers as colours, the one that is farthest from 0 in full. @param {number[]} values @returns {Rgb[]} */
function scaled(values) {
  const most = Math.max(...values.map(Math.abs)) || 1;
  const scale = signed();
  return values.map((value) => scale(value / most));
}

/** Of one output there may be a number in the place of each row. @param {Numbers["values"]} rows @returns {number[][]} */
function columnsOf(rows) {
  const whole = rows.map((row) => (Array.isArray(row) ? row : [row]));
  return (whole[0] ?? []).map((_, place) => whole.map((row) => row[place] ?? 0));
}

/** @param {Rgb[]} colours */
const picture = (colours) => raster(SIDE, (place) => colours[place] ?? [0, 0, 0]).toDataURL();
