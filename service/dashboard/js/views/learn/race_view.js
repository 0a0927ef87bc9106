/** Optimizers race on a surface: their paths, played, and where each one ended. */

/** @import { Descent, DescentPath, DescentRequest, DescentRun } from "../../lib/types.js" */
/** @import { Route } from "../../lib/route.js" */
/** @import { Field } from "./contours.js" */
/** @import { Part } from "./part.js" */
/** @import { Race } from "./race_lessons.js" */

import { post, Problem } from "../../lib/api.js";
import { catalog } from "../../lib/catalog.js";
import { h, replace } from "../../lib/dom.js";
import { showErrors } from "../../lib/form.js";
import { number } from "../../lib/format.js";
import { problemNotice } from "../../lib/notice.js";
import { colour } from "../../lib/theme.js";
import { sortedHeights } from "./contours.js";
import { lineChart } from "./line_chart.js";
import { Plane } from "./plane.js";
import { Player } from "./player.js";
import { nameOfRun, raceForm } from "./race_form.js";
import { RACE_LESSONS } from "./race_lessons.js";

const RESOLUTION = 101;
const MAX_POINTS = 500;
/** How long a race is played, however many steps it has. */
const SECONDS = 8;
const HEAD = 6;
/** The smallest height that a logarithmic axis shows. */
const SMALLEST = 1e-12;
/** Of a name, in characters, as the service takes it. */
const MAX_NAME_LENGTH = 100;
/** How long a field may rest before what it says is raced. */
const PAUSE_MILLISECONDS = 300;

/** @param {Part} part */
export async function showRace(part) {
  const { root, route, signal, again } = part;
  let race = raceOf(route.query.get("race"));
  const families = await catalog();
  const chips = h("div", { class: "stack lessons" });
  const track = h("section", { class: "card stack", "aria-label": "The race" });
  let running = new AbortController();
  let waiting = 0;

  const rebuild = (/** @type {Race} */ to) => {
    route.go({ race: JSON.stringify(to), at: null });
    again();
  };
  const form = raceForm(families, { current: () => race, onEdit: edit, onRebuild: rebuild });
  const holder = h("section", { class: "card", "aria-label": "What races where" }, form.element);

  /** @param {Race} to */
  function edit(to) {
    race = to;
    route.go({ race: JSON.stringify(race), at: null }, { replace: true });
    clearTimeout(waiting);
    waiting = setTimeout(run, PAUSE_MILLISECONDS);
  }

  async function run() {
    running.abort();
    running = new AbortController();
    const own = AbortSignal.any([signal, running.signal]);
    replace(chips, lessonChips(race, rebuild));
    try {
      const descent = await post("/v1/descents", bodyOf(race), { signal: own });
      race = { ...race, start: descent.start };
      form.showStart(descent.start);
      showErrors(holder, []);
      replace(track, drawTrack(route, own, descent, (start) => edit({ ...race, start })));
    } catch (error) {
      if (own.aborted) return;
      const isMarked = error instanceof Problem && error.errors.length > 0 && showErrors(holder, error.errors).length === 0;
      replace(track, isMarked ? h("p", { class: "muted" }, "The field that is marked has to be put right first.") : problemNotice(error));
    }
  }

  root.append(chips, h("div", { class: "race" }, track, holder));
  await run();
}

/** The race as it is sent: whether its specs are right, the service says. @param {Race} race @returns {DescentRequest} */
function bodyOf(race) {
  const runs = race.runs.map((run) => /** @type {DescentRun} */ ({ ...run, name: nameOfRun(run).slice(0, MAX_NAME_LENGTH) }));
  const surface = /** @type {DescentRequest["surface"]} */ (race.surface);
  return { ...race, surface, runs, max_points: MAX_POINTS, grid: { resolution: RESOLUTION } };
}

/** @param {string | null} text @returns {Race} */
function raceOf(text) {
  const first = /** @type {Race} */ (RACE_LESSONS[0]?.race);
  if (text === null) return first;
  try {
    const race = { ...first, ...JSON.parse(text) };
    return race.runs.every((/** @type {Race["runs"][number] | null} */ run) => run?.optimizer?.kind) ? race : first;
  } catch {
    return first; // an address that was cut off
  }
}

/** @param {Race} race @param {(race: Race) => void} change */
function lessonChips(race, change) {
  const same = RACE_LESSONS.find((lesson) => JSON.stringify(lesson.race) === JSON.stringify(race));
  return [
    h("div", { class: "row", role: "group", "aria-label": "Races that show something" }, RACE_LESSONS.map((lesson) =>
      h("button", { class: "chip", type: "button", id: `lesson-${RACE_LESSONS.indexOf(lesson)}`, "aria-pressed": lesson === same, onclick: () => change(lesson.race) }, lesson.name),
    )),
    same ? h("p", { class: "lesson-about" }, same.about) : null,
  ];
}

/**
 * @param {Route} route
 * @param {AbortSignal} signal
 * @param {Descent} descent
 * @param {(start: [number, number]) => void} onStart
 */
function drawTrack(route, signal, descent, onStart) {
  const last = Math.max(...descent.paths.map(({ steps }) => steps), 1);
  const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const wanted = route.query.get("at");
  let at = wanted === null ? (isCalm ? last : 0) : Math.min(Number(wanted), last);

  const plane = new Plane({
    field: fieldOf(descent),
    signal,
    label: `The surface ${descent.surface.kind}, with the paths of ${descent.paths.length} optimizers`,
    over: (context, own) => paint(context, own, descent, at),
  });
  plane.canvas.addEventListener("click", (event) => {
    const [x, y] = plane.toPoint(event);
    onStart([rounded(x), rounded(y)]);
  });
  const standing = standings(descent);
  const heights = lineChart({
    label: "The height of each optimizer, step by step",
    lines: descent.paths.map((path, i) => ({ name: path.name, look: `racer-${i}`, points: heightsOf(path, descent) })),
    x: { name: "step" },
    y: { name: "height, as far as the map goes", log: descent.minima.length > 0 },
  });
  const show = () => {
    plane.redraw();
    standing.tell(at);
    heights.point(at);
  };
  const controls = new Player({
    last, at, signal, label: "Step of the race", placesPerSecond: last / SECONDS, smooth: true,
    describe: (to) => `step ${Math.floor(to)} of ${last}`,
    onMove: (to) => { at = to; show(); },
    onRest: (to) => route.go({ at: Math.round(to) }, { replace: true }),
  });
  show();
  if (wanted === null && !isCalm) controls.play();
  return [
    h("div", { class: "plane-frame" }, plane.canvas),
    h("p", { class: "small muted" }, "Click on the surface to begin somewhere else. Deep colour is low ground; a cross marks a minimum."),
    controls.element,
    standing.element,
    h("h2", {}, "How high each one is"),
    heights.element,
  ];
}

/** The heights of the surface, which every race asks for. @param {Descent} descent */
const fieldOf = ({ grid }) => /** @type {Field} */ (grid);

/**
 * As far as the map goes, so that one who leaves it does not dwarf the others. Where the surface has
 * minima, all of which are at 0, small heights are kept apart from it for the logarithm.
 *
 * @param {DescentPath} path
 * @param {Descent} descent
 * @returns {[number, number][]}
 */
function heightsOf({ at, values }, descent) {
  const sorted = sortedHeights(fieldOf(descent));
  const low = descent.minima.length ? SMALLEST : (sorted[0] ?? 0);
  const high = Math.max(sorted.at(-1) ?? 0, values[0] ?? 0);
  return at.map((step, i) => [step, Math.min(Math.max(values[i] ?? 0, low), high)]);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Plane} plane
 * @param {Descent} descent
 * @param {number} at
 */
function paint(context, plane, { paths, minima, start }, at) {
  context.lineCap = context.lineJoin = "round";
  const surface = colour("--surface");
  for (const [x, y] of minima) cross(context, plane.toPixels(x, y));
  paths.forEach((path, i) => {
    const own = colour(`--c${i}`);
    const line = path.points.filter((_, j) => (path.at[j] ?? 0) <= at);
    const points = [...line, between(path, at)].map(([x, y]) => plane.toPixels(x, y));
    for (const [width, stroke] of /** @type {const} */ ([[5, surface], [2.5, own]])) {
      context.lineWidth = width;
      context.strokeStyle = stroke;
      context.globalAlpha = stroke === surface ? 0.55 : 1;
      context.beginPath();
      points.forEach(([x, y], j) => (j ? context.lineTo(x, y) : context.moveTo(x, y)));
      context.stroke();
    }
    dot(context, points.at(-1) ?? [0, 0], HEAD, own, surface);
  });
  dot(context, plane.toPixels(...start), HEAD - 1, colour("--ink"), surface);
}

/** Where a path is between two of its points. @param {DescentPath} path @param {number} at @returns {[number, number]} */
function between(path, at) {
  const next = path.at.findIndex((step) => step > at);
  if (next < 1) return path.points.at(-1) ?? path.end;
  const [a, b] = [path.points[next - 1], path.points[next]];
  const [from = 0, to = 1] = [path.at[next - 1], path.at[next]];
  if (!a || !b) return path.end;
  const share = (at - from) / (to - from);
  return [a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])];
}

/** @param {CanvasRenderingContext2D} context @param {[number, number]} place @param {number} radius @param {string} fill @param {string} ring */
function dot(context, [x, y], radius, fill, ring) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fillStyle = fill;
  context.fill();
  context.lineWidth = 2;
  context.strokeStyle = ring;
  context.stroke();
}

/** @param {CanvasRenderingContext2D} context @param {[number, number]} place */
function cross(context, [x, y]) {
  context.lineWidth = 2.5;
  context.strokeStyle = colour("--ink");
  context.beginPath();
  context.moveTo(x - 6, y - 6);
  context.lineTo(x + 6, y + 6);
  context.moveTo(x - 6, y + 6);
  context.lineTo(x + 6, y - 6);
  context.stroke();
}

/**
 * Where each one is now, and where it ended.
 *
 * @param {Descent} descent
 */
function standings({ paths, minima }) {
  const now = paths.map(() => h("td", { class: "number mono" }));
  const element = h(
    "div",
    { class: "table-frame", tabindex: 0, role: "region", "aria-label": "Where each one ended" },
    h(
      "table",
      { class: "table standings" },
      h("thead", {}, h("tr", {}, ["Optimizer", "Height now", "At the end", "Ended at", ...(minima.length ? ["From a minimum"] : []), "Steps"].map((head, i) =>
        h("th", { scope: "col", class: i ? "number" : "" }, head),
      ))),
      h("tbody", {}, paths.map((path, i) =>
        h("tr", { class: `racer-${i}` },
          h("td", {}, h("span", { class: "swatch", "aria-hidden": "true" }), " ", path.name),
          now[i],
          h("td", { class: "number mono" }, path.diverged ? h("span", { class: "bad" }, "diverged") : number(path.value)),
          h("td", { class: "number mono" }, `${number(path.end[0])}, ${number(path.end[1])}`),
          minima.length ? h("td", { class: "number mono" }, path.distance === null ? "–" : number(path.distance)) : null,
          h("td", { class: "number mono" }, path.steps),
        ),
      )),
    ),
  );
  return {
    element,
    tell: (/** @type {number} */ at) => paths.forEach(({ at: steps, values }, i) => {
      const reached = steps.findLastIndex((step) => step <= at);
      const cell = now[i];
      if (cell) replace(cell, number(values[Math.max(reached, 0)]));
    }),
  };
}

/** @param {number} value */
function rounded(value) {
  return Number(value.toPrecision(4));
}
