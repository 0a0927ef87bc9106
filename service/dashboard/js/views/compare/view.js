/** Up to ten runs beside each other: their curves in one chart, and only what differs in a table. */

/** @import { Epoch, Job } from "../../lib/types.js" */

import { Problem, get } from "../../lib/api.js";
import { h, replace } from "../../lib/dom.js";
import { number } from "../../lib/format.js";
import { advance, curve, follow, isLive, nameOf } from "../../lib/jobs.js";
import { problemNotice } from "../../lib/notice.js";
import { href } from "../../lib/route.js";
import { chart } from "./chart.js";
import { choiceOf, controls } from "./controls.js";
import { differences } from "./differences.js";

/** @typedef {{job: Job, epochs: Epoch[], folds: number, colour: string, shown: boolean}} Compared */

export const title = "Compare";
export const styles = ["runs.css"];

const POINTS = 1500;

/**
 * @param {HTMLElement} root
 * @param {import("../../lib/route.js").Route} route
 * @param {AbortSignal} signal
 */
export async function show(root, route, signal) {
  const ids = (route.query.get("ids") ?? "").split(",").filter(Boolean);
  const compared = await load(ids, signal);
  if (compared.length === 0) {
    replace(root, h("div", { class: "card empty" }, h("h2", {}, "Nothing to compare"), h("p", {}, "Select runs in ", h("a", { href: "#/runs" }, "the table"), ".")));
    return;
  }
  const hidden = new Set((route.query.get("hide") ?? "").split(",").filter(Boolean));
  for (const each of compared) each.shown = !hidden.has(each.job.id);
  const frame = h("div", { class: "compare-chart" });
  const table = h("div", { class: "table-frame" });
  /** @type {Map<string, HTMLElement>} */
  const values = new Map(compared.map(({ job }) => [job.id, h("span", { class: "value" })]));
  const at = h("li", { class: "muted small", hidden: true });
  const drawing = chart(frame, {
    signal,
    onPoint: (epoch, found) => {
      at.hidden = epoch === null;
      at.textContent = `epoch ${epoch}`;
      for (const [id, element] of values) {
        element.textContent = readingText(found.get(id));
      }
    },
  });
  const draw = () => drawing.draw(compared, choiceOf(route));
  replace(
    root,
    h(
      "div",
      { class: "head" },
      h("div", {}, h("h1", {}, title), h("p", {}, "The same epochs, side by side; below, only the settings in which they differ.")),
      h("a", { class: "button", href: href(["runs"], { ids: ids.join(",") }) }, "All runs"),
    ),
    h(
      "div",
      { class: "stack" },
      h(
        "section",
        { class: "card stack", "aria-label": "Curves" },
        controls({ route, compared, onChange: draw }),
        frame,
        legend(compared, values, at, () => {
          route.go({ hide: compared.filter(({ shown }) => !shown).map(({ job }) => job.id).join(",") || null }, { replace: true });
          draw();
        }),
      ),
      h("section", { class: "card" }, h("h2", {}, "Differences"), table),
    ),
  );
  draw();
  replace(table, await differences(compared, signal));
  await stayLive(compared, signal, draw, async () => replace(table, await differences(compared, signal)));
}

/**
 * @param {string[]} ids
 * @param {AbortSignal} signal
 * @returns {Promise<Compared[]>}
 */
async function load(ids, signal) {
  const found = await Promise.all(ids.map(async (id, place) => {
    try {
      const job = await get(`/v1/jobs/${id}`, { signal });
      const [epochs, { folds }] = await Promise.all([curve(id, { points: POINTS, signal }), get(`/v1/jobs/${id}/folds`, { signal })]);
      return { job, epochs, folds, colour: `--c${place % 10}`, shown: true };
    } catch (error) {
      if (error instanceof Problem && error.status === 404) return null; // deleted meanwhile
      throw error;
    }
  }));
  return found.filter((each) => each !== null);
}

/** @param {import("./chart.js").Reading | undefined} reading */
function readingText(reading) {
  if (typeof reading?.value !== "number") return "";
  const { value, low, high } = reading;
  return low === null || high === null ? number(value) : `${number(value)} (${number(low)} to ${number(high)})`;
}

/**
 * @param {Compared[]} compared
 * @param {Map<string, HTMLElement>} values Where the values go that are pointed at.
 * @param {HTMLElement} at Where the epoch goes.
 * @param {() => void} onChange
 */
function legend(compared, values, at, onChange) {
  return h(
    "ul",
    { class: "legend", "aria-label": "Runs shown" },
    compared.map((each) =>
      h(
        "li",
        {},
        h(
          "button",
          {
            class: "chip",
            type: "button",
            "aria-pressed": each.shown,
            onclick: (/** @type {Event} */ event) => {
              each.shown = !each.shown;
              /** @type {Element} */ (event.currentTarget).setAttribute("aria-pressed", String(each.shown));
              onChange();
            },
          },
          h("span", { class: "swatch", style: { background: `var(${each.colour})` } }),
          nameOf(each.job),
          values.get(each.job.id),
        ),
      ),
    ),
    at,
  );
}

/**
 * @param {Compared[]} compared
 * @param {AbortSignal} signal
 * @param {() => void} draw
 * @param {() => Promise<void>} onEnd
 */
async function stayLive(compared, signal, draw, onEnd) {
  const live = compared.filter(({ job }) => isLive(job));
  let drawing = 0;
  try {
    await follow(live.map(({ job }) => job), {
      signal,
      onEvent: (id, event) => {
        const found = live.find(({ job }) => job.id === id);
        if (found === undefined) return;
        advance(found.job, event);
        if (event.type === "epoch" && event.seq > (found.epochs.at(-1)?.seq ?? 0)) found.epochs.push(event.epoch);
        if (event.type === "end") onEnd();
        drawing ||= requestAnimationFrame(() => {
          drawing = 0;
          if (!signal.aborted) draw();
        });
      },
    });
  } catch (error) {
    document.querySelector("#main")?.prepend(problemNotice(error));
  }
}
