/** The table of all runs: sorted, filtered, live; compared and deleted from here. */

import { get, isAbort } from "../lib/api.js";
import { h, replace, svg } from "../lib/dom.js";
import { ago, moment, number, percent, plural, words } from "../lib/format.js";
import { MOST_FOLLOWED, STATUSES, advance, curve, follow, isLive, judged, nameOf, networkOf } from "../lib/jobs.js";
import { problemNotice } from "../lib/notice.js";
import { href } from "../lib/place.js";
import { sparkline } from "../lib/sparkline.js";
import { isLeaving, remove } from "./runs/removal.js";
import { welcome } from "./runs/welcome.js";

/** @typedef {import("../lib/jobs.js").Job} Job */
/** @typedef {import("../lib/jobs.js").Epoch} Epoch */

export const title = "Runs";
export const styles = ["runs.css"];

const PAGE = 100;
const MOST_COMPARED = 10;
const SPARK_POINTS = 60;
const LOOK_SECONDS = 5;
const NEWEST = 20;

/**
 * @typedef {object} Column
 * @property {string} name
 * @property {string} label
 * @property {string} [className]
 * @property {(job: Job) => string | number | null} value What it sorts by.
 * @property {(job: Job) => import("../lib/dom.js").Child} cell
 */

/** @param {Epoch | null} epoch */
const lossOf = (epoch) => (epoch ? (judged(epoch).loss ?? null) : null);
/** @param {Job} job */
const scoreOf = (job) => (job.best ? (judged(job.best).accuracy ?? judged(job.best).r2 ?? null) : null);

/** @param {Job} job */
function scoreText(job) {
  if (!job.best) return "–";
  const { accuracy, r2 } = judged(job.best);
  if (accuracy !== undefined) return percent(accuracy);
  return r2 === undefined ? "–" : h("span", {}, h("span", { class: "muted small" }, "R² "), number(r2, 3));
}

/** @type {Column[]} */
const COLUMNS = [
  {
    name: "name",
    label: "Run",
    value: (job) => nameOf(job).toLowerCase(),
    cell: (job) => [
      h("a", { class: "run-name", href: href(["runs", job.id]) }, nameOf(job)),
      h("div", { class: "muted small run-about" }, `${networkOf(job)} · ${words(job.spec.optimizer?.kind ?? "")}`),
      job.tags.length ? h("div", { class: "row tags" }, job.tags.map((tag) => h("span", { class: "chip" }, tag))) : null,
    ],
  },
  { name: "status", label: "Status", value: (job) => STATUSES.indexOf(job.status), cell: statusCell },
  { name: "curve", label: "Loss curve", className: "wide", value: () => null, cell: () => null },
  { name: "epoch", label: "Epoch", className: "number medium", value: (job) => job.progress.epoch, cell: (job) => number(job.progress.epoch) },
  { name: "loss", label: "Last loss", className: "number medium", value: (job) => lossOf(job.latest), cell: (job) => (job.latest ? number(lossOf(job.latest)) : "–") },
  { name: "best", label: "Best loss", className: "number", value: (job) => lossOf(job.best), cell: (job) => (job.best ? number(lossOf(job.best)) : "–") },
  { name: "score", label: "Score", className: "number medium", value: scoreOf, cell: scoreText },
  { name: "created", label: "Made", className: "wide", value: (job) => job.id, cell: (job) => h("time", { datetime: job.created_at, title: moment(job.created_at) }, ago(job.created_at)) },
];
const UNSORTED = new Set(["curve"]);

/** @param {Job} job */
function statusCell(job) {
  const { fraction, epochs } = job.progress;
  return [
    h("span", { class: "status", dataset: { status: job.status } }, job.pending_action ? `${job.status}, to ${job.pending_action}` : job.status),
    isLive(job)
      ? h(
          "div",
          { class: "progress", role: "progressbar", "aria-label": `Progress of ${nameOf(job)}`, "aria-valuenow": Math.round(100 * fraction), "aria-valuemin": 0, "aria-valuemax": 100, title: `of ${plural(epochs, "epoch")}` },
          h("span", { style: { transform: `scaleX(${fraction})` } }),
        )
      : job.stop_reason && job.stop_reason !== "completed"
        ? h("div", { class: "muted small" }, words(job.stop_reason))
        : null,
  ];
}

const bin = () =>
  svg(
    "svg",
    { viewBox: "0 0 24 24", fill: "none", stroke: "currentColor", "stroke-width": 1.6, "stroke-linecap": "round", "stroke-linejoin": "round", "aria-hidden": "true" },
    svg("path", { d: "M5 7h14M10 7V4.5h4V7M7 7l.8 12.5h8.4L17 7M10.2 10.5v6M13.8 10.5v6" }),
  );

/**
 * @param {HTMLElement} root
 * @param {import("../lib/place.js").Place} place
 * @param {AbortSignal} signal
 */
export async function show(root, place, signal) {
  const table = new RunTable(place, signal);
  await table.load();
  replace(root, table.element);
}

class RunTable {
  /** @type {Map<string, Job>} */
  #jobs = new Map();
  /** @type {Map<string, Epoch[]>} */
  #curves = new Map();
  /** @type {Map<string, HTMLTableRowElement>} */
  #rows = new Map();
  /** @type {string | null} */
  #next = null;
  #following = new AbortController();
  /** The ids that the stream tells of. */
  #followed = "";
  /** What changed since it was drawn. */
  #changed = new Set();
  #drawing = 0;

  /**
   * @param {import("../lib/place.js").Place} place
   * @param {AbortSignal} signal
   */
  constructor(place, signal) {
    this.place = place;
    this.signal = signal;
    this.selected = new Set((place.query.get("ids") ?? "").split(",").filter(Boolean));
    this.body = h("tbody");
    this.headings = h("tr");
    this.selection = h("div", { class: "row selection", role: "group", "aria-label": "Selected runs" });
    this.connection = h("span", { class: "connection small", role: "status", hidden: true });
    this.more = h("button", { class: "button", type: "button", hidden: true, onclick: () => this.#loadMore() }, "Show older runs");
    this.content = h("div", { class: "stack" });
    this.element = h(
      "div",
      {},
      h(
        "div",
        { class: "head" },
        h("div", {}, h("h1", {}, title), h("p", {}, "Every training of this service, newest first. Select some to compare them.")),
        h("div", { class: "row" }, this.connection, h("a", { class: "button primary", href: "#/new" }, "New run")),
      ),
      this.content,
    );
    this.filters = this.#filters();
    signal.addEventListener("abort", () => this.#following.abort());
    this.#lookRegularly();
  }

  get sort() {
    return this.place.query.get("sort") ?? "created";
  }

  get descending() {
    return (this.place.query.get("order") ?? "down") === "down";
  }

  async load() {
    const page = await this.#ask(null);
    this.#jobs = new Map(page.data.map((/** @type {Job} */ job) => [job.id, job]));
    this.#next = page.next_cursor;
    this.#rows.clear();
    const unfiltered = !["status", "tag"].some((name) => this.place.query.has(name));
    if (this.#jobs.size === 0 && unfiltered) {
      replace(this.content, welcome());
      return;
    }
    replace(
      this.content,
      this.filters,
      this.selection,
      h(
        "div",
        { class: "card flush" },
        h("div", { class: "table-frame" }, h("table", { class: "table runs-table" }, h("caption", { class: "unseen" }, "All runs"), h("thead", {}, this.headings), this.body)),
      ),
      h("div", {}, this.more),
    );
    this.#drawHeadings();
    this.draw();
    this.#follow();
    this.#loadCurves();
  }

  async #loadMore() {
    const page = await this.#ask(this.#next);
    for (const job of page.data) this.#jobs.set(job.id, job);
    this.#next = page.next_cursor;
    this.draw();
    this.#follow();
    this.#loadCurves();
  }

  /**
   * @param {string | null} cursor
   * @param {number} [limit]
   */
  #ask(cursor, limit = PAGE) {
    const { query } = this.place;
    return get("/v1/jobs", { signal: this.signal, query: { limit, cursor, status: query.get("status"), tag: query.get("tag") } });
  }

  /** What others did meanwhile: the stream tells of known jobs only. */
  async #lookRegularly() {
    while (!this.signal.aborted) {
      await new Promise((resolve) => { setTimeout(resolve, 1000 * LOOK_SECONDS); });
      if (this.signal.aborted || document.hidden) continue;
      try {
        const page = await this.#ask(null, NEWEST);
        if (this.#jobs.size === 0 && page.data.length > 0) await this.load();
        for (const job of /** @type {Job[]} */ (page.data)) {
          const known = this.#jobs.get(job.id);
          if (known && (known.seq > job.seq || JSON.stringify(known) === JSON.stringify(job))) continue;
          this.#jobs.set(job.id, job);
          this.#changed.add(job.id);
        }
        this.draw();
        this.#follow();
        this.#loadCurves();
      } catch (error) {
        if (isAbort(error)) return;
        this.#tell("lost");
      }
    }
  }

  /** What is listed, in the order that was chosen. */
  #shown() {
    const text = (this.place.query.get("q") ?? "").trim().toLowerCase();
    const { value } = COLUMNS.find(({ name }) => name === this.sort) ?? /** @type {Column} */ (COLUMNS.at(-1));
    const direction = this.descending ? -1 : 1;
    return [...this.#jobs.values()]
      .filter((job) => !isLeaving(job.id))
      .filter((job) => !text || [nameOf(job), job.id, networkOf(job), job.spec.optimizer?.kind, ...job.tags].join(" ").toLowerCase().includes(text))
      .sort((a, b) => {
        const [x, y] = [value(a), value(b)];
        // What has no value comes last, whichever way round.
        if (x === null || y === null) return Number(x === null) - Number(y === null);
        return x < y ? -direction : x > y ? direction : 0;
      });
  }

  draw() {
    const shown = this.#shown();
    const rows = shown.map((job) => {
      let row = this.#rows.get(job.id);
      if (row === undefined) {
        row = this.#row(job);
        this.#rows.set(job.id, row);
      } else if (this.#changed.has(job.id)) this.#fill(row, job);
      return row;
    });
    this.#changed.clear();
    if (rows.length === 0) rows.push(h("tr", {}, h("td", { colspan: COLUMNS.length + 2, class: "empty" }, "No run is like that.")));
    // Only where something moved, or the focus would be lost.
    if (rows.length !== this.body.rows.length || rows.some((row, place) => this.body.rows[place] !== row)) replace(this.body, rows);
    this.more.hidden = this.#next === null;
    this.#drawSelection();
  }

  #drawSoon() {
    this.#drawing ||= requestAnimationFrame(() => {
      this.#drawing = 0;
      if (!this.signal.aborted) this.draw();
    });
  }

  #drawHeadings() {
    replace(
      this.headings,
      h("th", {}, h("span", { class: "unseen" }, "Select")),
      COLUMNS.map(({ name, label, className }) => {
        const isSorted = name === this.sort;
        return h(
          "th",
          { scope: "col", class: className, "aria-sort": isSorted ? (this.descending ? "descending" : "ascending") : null },
          UNSORTED.has(name)
            ? label
            : h("button", { type: "button", dataset: { sort: name }, onclick: () => this.#sortBy(name) }, label, h("span", { "aria-hidden": "true" }, isSorted ? (this.descending ? "↓" : "↑") : "")),
        );
      }),
      h("th", {}, h("span", { class: "unseen" }, "Delete")),
    );
  }

  /** @param {string} name */
  #sortBy(name) {
    this.place.go({ sort: name, order: this.sort === name && this.descending ? "up" : "down" }, { replace: true });
    this.#drawHeadings();
    /** @type {HTMLElement} */ (this.headings.querySelector(`[data-sort="${name}"]`)).focus();
    this.draw();
  }

  /** @param {Job} job */
  #row(job) {
    const row = h("tr", { dataset: { job: job.id } });
    this.#fill(row, job);
    return row;
  }

  /**
   * @param {HTMLTableRowElement} row
   * @param {Job} job
   */
  #fill(row, job) {
    const focused = /** @type {HTMLElement | null} */ (row.contains(document.activeElement) ? document.activeElement : null)?.dataset.part;
    const name = nameOf(job);
    const isRunning = job.status === "running";
    replace(
      row,
      h("td", { class: "select" }, h("input", { type: "checkbox", "aria-label": `Select ${name}`, dataset: { part: "select" }, checked: this.selected.has(job.id), onchange: () => this.#select(job.id) })),
      COLUMNS.map((column) => h("td", { class: column.className, dataset: column.className === "number" ? { label: column.label } : {} }, column.name === "curve" ? sparkline(this.#curves.get(job.id) ?? []) : column.cell(job))),
      h(
        "td",
        { class: "number" },
        h("button", { class: "button quiet icon", type: "button", dataset: { part: "delete" }, disabled: isRunning, title: isRunning ? "Cancel it first." : "Delete", "aria-label": `Delete ${name}`, onclick: () => this.#remove([job]) }, bin()),
      ),
    );
    if (focused) /** @type {HTMLElement | null} */ (row.querySelector(`[data-part="${focused}"]`))?.focus();
    else if (row.matches(":focus-within")) row.querySelector("a")?.focus();
  }

  /** @param {string} id */
  #select(id) {
    if (!this.selected.delete(id)) this.selected.add(id);
    this.place.go({ ids: [...this.selected].join(",") || null }, { replace: true });
    this.#drawSelection();
  }

  #drawSelection() {
    const chosen = [...this.selected].flatMap((id) => this.#jobs.get(id) ?? []).filter((job) => !isLeaving(job.id));
    this.selection.hidden = chosen.length === 0;
    const isFew = chosen.length < 2;
    const isMany = chosen.length > MOST_COMPARED;
    replace(
      this.selection,
      h("strong", {}, `${plural(chosen.length, "run")} selected`),
      isFew || isMany
        ? h("span", { class: "muted" }, isFew ? "Select another one to compare." : `Up to ${MOST_COMPARED} can be compared.`)
        : h("a", { class: "button primary", href: href(["compare"], { ids: chosen.map((job) => job.id).join(",") }) }, "Compare"),
      h("button", { class: "button", type: "button", disabled: chosen.some((job) => job.status === "running"), onclick: () => this.#remove(chosen) }, "Delete"),
      h("button", { class: "button quiet", type: "button", onclick: () => this.#unselect() }, "Clear"),
    );
  }

  #unselect() {
    for (const id of this.selected) this.#changed.add(id);
    this.selected.clear();
    this.place.go({ ids: null }, { replace: true });
    this.draw();
  }

  /** @param {Job[]} jobs */
  #remove(jobs) {
    remove(jobs, {
      onChange: () => {
        if (!this.signal.aborted) this.draw();
      },
      onDone: (id) => {
        this.#jobs.delete(id);
        this.#rows.delete(id);
        this.selected.delete(id);
        if (!this.signal.aborted) this.place.go({ ids: [...this.selected].join(",") || null }, { replace: true });
      },
    });
  }

  /** One stream for all that are live, taken up anew when others are. */
  #follow() {
    const live = [...this.#jobs.values()].filter(isLive).slice(0, MOST_FOLLOWED);
    const ids = live.map((job) => job.id).sort().join();
    if (ids === this.#followed) return;
    this.#followed = ids;
    this.#following.abort();
    this.#following = new AbortController();
    const { signal } = this.#following;
    if (live.length === 0) this.#tell("ended");
    follow(live, {
      signal,
      onState: (state) => this.#tell(state),
      onEvent: (id, event) => this.#happened(id, event),
    }).catch((error) => {
      // Such as that one was deleted: the next look at the list finds out.
      this.#followed = "";
      if (!isAbort(error)) this.#tell("lost");
    });
  }

  /**
   * @param {string} id
   * @param {import("../lib/jobs.js").JobEvent} event
   */
  #happened(id, event) {
    const job = this.#jobs.get(id);
    if (job === undefined || event.seq < job.seq) return;
    advance(job, event);
    if (event.type === "epoch") this.#extend(id, event.epoch);
    if (event.type === "end") this.#lookAt(id);
    this.#changed.add(id);
    this.#drawSoon();
  }

  /** @param {string} id */
  async #lookAt(id) {
    try {
      const job = await get(`/v1/jobs/${id}`, { signal: this.signal });
      this.#jobs.set(id, job);
      this.#changed.add(id);
      this.#drawSoon();
    } catch {
      // The next look at the list tells.
    }
  }

  /**
   * @param {string} id
   * @param {Epoch} epoch
   */
  #extend(id, epoch) {
    const known = this.#curves.get(id) ?? [];
    known.push(epoch);
    // Every other point goes when there are twice as many as a sparkline shows.
    this.#curves.set(id, known.length > 4 * SPARK_POINTS ? known.filter((_, place) => place % 2 === 1) : known);
  }

  /** Curves of all that have none yet, one after the other: the table is there before. */
  async #loadCurves() {
    for (const job of this.#shown()) {
      if (this.signal.aborted) return;
      if (this.#curves.has(job.id) || job.latest === null) continue;
      this.#curves.set(job.id, []);
      try {
        const earlier = await curve(job.id, { points: SPARK_POINTS, signal: this.signal });
        const last = earlier.at(-1)?.seq ?? 0;
        const later = (this.#curves.get(job.id) ?? []).filter((epoch) => epoch.seq > last);
        this.#curves.set(job.id, [...earlier, ...later]);
        this.#changed.add(job.id);
        this.#drawSoon();
      } catch (error) {
        if (isAbort(error)) return;
        this.#curves.delete(job.id);
      }
    }
  }

  /** @param {import("../lib/api.js").StreamState} state */
  #tell(state) {
    if (this.connection.dataset.state === state) return;
    this.connection.dataset.state = state;
    this.connection.hidden = state === "ended";
    this.connection.textContent = state === "live" ? "Live" : state === "lost" ? "Connection lost, trying again" : "";
  }

  #filters() {
    const { query } = this.place;
    const reload = async () => {
      try {
        await this.load();
      } catch (error) {
        if (!isAbort(error)) replace(this.content, this.filters, problemNotice(error, reload));
      }
    };
    const search = h("input", {
      type: "search",
      id: "search",
      placeholder: "Name, layer, optimizer …",
      value: query.get("q") ?? "",
      oninput: (/** @type {Event} */ event) => {
        this.place.go({ q: /** @type {HTMLInputElement} */ (event.target).value || null }, { replace: true });
        this.draw();
      },
    });
    const status = h(
      "select",
      {
        id: "status",
        value: query.get("status") ?? "",
        onchange: () => {
          this.place.go({ status: status.value || null }, { replace: true });
          reload();
        },
      },
      h("option", { value: "" }, "Any status"),
      STATUSES.map((each) => h("option", { value: each }, each)),
    );
    const tag = h("input", {
      id: "tag",
      placeholder: "Any tag",
      value: query.get("tag") ?? "",
      onchange: () => {
        this.place.go({ tag: tag.value.trim() || null }, { replace: true });
        reload();
      },
    });
    return h(
      "div",
      { class: "row filters" },
      h("div", { class: "field search" }, h("label", { class: "unseen", for: "search" }, "Search"), search),
      h("div", { class: "field" }, h("label", { class: "unseen", for: "status" }, "Status"), status),
      h("div", { class: "field" }, h("label", { class: "unseen", for: "tag" }, "Tag"), tag),
    );
  }
}
