/** The learning-rate range test: the loss against the rate, and which rate that suggests. */

/** @import { Job, JobCreate, RangeTest } from "../../lib/types.js" */
/** @import { Part } from "./part.js" */

import { get } from "../../lib/api.js";
import { catalog } from "../../lib/catalog.js";
import { h, replace } from "../../lib/dom.js";
import { ago, number } from "../../lib/format.js";
import { createJob, nameOf } from "../../lib/jobs.js";
import { problemNotice } from "../../lib/notice.js";
import { recipeOf } from "../../lib/recipe.js";
import { href } from "../../lib/route.js";
import { lineChart } from "./line_chart.js";
import { rangeForm } from "./range_form.js";

/** How long until the next look at a test that still runs. */
const PAUSE_MILLISECONDS = 400;
/** The share of a test in which its smoothed loss is the mean of too few to be trusted. */
const UNSETTLED = 0.1;

/** @param {Part} part */
export async function showRange(part) {
  const { root, route, signal } = part;
  const [families, datasets, jobs] = await Promise.all([
    catalog(),
    get("/v1/datasets", { signal, query: { limit: 100 } }),
    get("/v1/jobs", { signal, query: { limit: 100 } }),
  ]);
  const all = jobs.data;
  const tests = all.filter(({ spec }) => spec.range_test);
  const result = h("section", { class: "card stack", "aria-label": "What the test found", "aria-live": "polite" });
  const start = async (/** @type {JobCreate} */ body) => {
    const job = await createJob(body, { signal });
    route.go({ job: job.id });
    part.again();
  };
  root.append(
    h("div", { class: "race" },
      result,
      h("section", { class: "card stack", "aria-label": "The test" },
        rangeForm(part, { catalog: families, datasets: datasets.data, jobs: all.filter(({ spec, dataset }) => !spec.range_test && dataset.id !== null), start }),
        earlier(part, tests),
      ),
    ),
  );
  const id = route.query.get("job") ?? tests[0]?.id;
  if (id === undefined) replace(result, explanation());
  else follow(part, id, result);
}

function explanation() {
  return [
    h("h2", {}, "Which learning rate?"),
    h("p", {}, "The test tries one mini-batch after another, each at a rate a little higher than the last. Too low, and the loss hardly moves; then it falls; then the steps overshoot and it shoots up. A good rate to train with is where it falls fastest."),
    h("p", { class: "muted" }, "Choose what to train, and run the test. It takes about as long as an epoch."),
  ];
}

/** @param {Part} part @param {Job[]} tests */
function earlier({ route, again }, tests) {
  if (tests.length === 0) return null;
  const chosen = route.query.get("job") ?? tests[0]?.id;
  return h(
    "div",
    { class: "stack" },
    h("h3", {}, "Tests so far"),
    h("div", { class: "row" }, tests.slice(0, 8).map((test) =>
      h("button", {
        class: "chip", type: "button", id: `test-${test.id}`, "aria-pressed": test.id === chosen,
        onclick: () => { route.go({ job: test.id }); again(); },
      }, `${nameOf(test)} · ${ago(test.created_at)}`),
    )),
  );
}

/**
 * Draws a test, and again until it has ended.
 *
 * @param {Part} part
 * @param {string} id
 * @param {HTMLElement} result
 */
async function follow({ signal }, id, result) {
  try {
    while (!signal.aborted) {
      const job = await get(`/v1/jobs/${id}`, { signal });
      const test = await get(`/v1/jobs/${id}/range_test`, { signal });
      if (signal.aborted) return;
      replace(result, found(job, test));
      if (job.finished_at !== null) return;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MILLISECONDS));
    }
  } catch (error) {
    if (!signal.aborted) replace(result, problemNotice(error));
  }
}

/** @param {Job} job @param {RangeTest} test */
function found(job, test) {
  const { points, suggestion } = test;
  const title = h("h2", {}, nameOf(job));
  if (points.length < 2) return [title, h("p", { class: "muted" }, job.error?.detail ?? "It is about to begin …")];
  const { steepest, lowest_loss, tenth_of_lowest } = suggestion;
  const marks = [
    ...(tenth_of_lowest === null ? [] : [{ x: tenth_of_lowest, name: "a tenth of that" }]),
    ...(steepest === null ? [] : [{ x: steepest, name: "steepest", look: "good" }]),
    ...(lowest_loss === null ? [] : [{ x: lowest_loss, name: "lowest loss" }]),
  ];
  const visible = withinReach(points);
  const chart = lineChart({
    label: `Loss over learning rate. ${steepest === null ? "The loss never falls." : `It falls fastest at ${number(steepest, 3)}.`}`,
    lines: [
      { name: "each mini-batch", points: visible.map((each) => [each.learning_rate, each.loss]), look: "quiet", dots: true },
      { name: "smoothed", points: visible.map((each) => [each.learning_rate, each.smoothed]), look: "" },
    ],
    x: { name: "learning rate", log: true },
    y: { name: "loss" },
    marks,
  });
  return [title, chart.element, verdict(job, test)];
}

/**
 * The losses at the end of a test dwarf what there is to see: those far above the first are left
 * out.
 *
 * @param {RangeTest["points"]} points
 */
function withinReach(points) {
  const smoothed = points.map((each) => each.smoothed);
  const [first = 1, lowest] = [smoothed[0], Math.min(...smoothed)];
  const most = first + 1.5 * Math.max(first - lowest, 0.2 * Math.abs(first));
  return points.filter((each) => each.smoothed <= most).map((each) => ({ ...each, loss: Math.min(each.loss, most) }));
}

/** @param {Job} job @param {RangeTest} test */
function verdict(job, { points, suggestion, stop_reason: reason }) {
  const { steepest, lowest_loss, tenth_of_lowest } = suggestion;
  if (job.finished_at === null) return h("p", { class: "muted" }, "It goes on …");
  if (steepest === null) return h("p", {}, "The loss never fell: try lower rates, or another network.");
  const settled = points.findIndex((each) => each.learning_rate >= steepest) >= UNSETTLED * points.length;
  const rates = /** @type {[string, number | null, string][]} */ ([
    ["Steepest", steepest, settled ? "where the smoothed loss falls fastest: a good rate to train with" : "among the very first mini-batches, where the mean still wavers: better trust your eyes, or test again with larger mini-batches"],
    ["A tenth of the lowest's", tenth_of_lowest, "another rule of thumb"],
    ["Lowest loss", lowest_loss, "too high to begin with: the descent is about to break"],
  ]);
  return h(
    "div",
    { class: "stack" },
    h("ul", { class: "suggestions" }, rates.map(([name, rate, about], i) =>
      rate === null ? null : h("li", {},
        h("div", {}, h("strong", {}, `${name}: ${number(rate, 3)}`), h("p", { class: "small muted" }, about)),
        h("a", { class: i === (settled ? 0 : 1) ? "button primary" : "button", href: newRun(job, rate) }, "Use this rate"),
      ),
    )),
    h("p", { class: "small muted" }, reason === "diverged" ? "The test ended when the loss went up far enough." : "The test ended with its highest rate, without going up far."),
  );
}

/** The form for a run like the tested one, at a rate. @param {Job} job @param {number} rate */
function newRun(job, rate) {
  const { range_test: _, ...spec } = recipeOf(job);
  const body = {
    ...spec,
    dataset: job.dataset.id,
    optimizer: { ...spec.optimizer, learning_rate: Number(rate.toPrecision(3)) },
  };
  return href(["new"], { job: JSON.stringify(body) });
}
