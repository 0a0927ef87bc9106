/**
 * What a run is doing, and the buttons that steer it.
 *
 * @typedef {import("./live.js").LiveRun} LiveRun
 */

/** @import { Job, JobAction, JobAdvance, JobError } from "../../lib/types.js" */

import { isAbort } from "../../lib/api.js";
import { h, replace } from "../../lib/dom.js";
import { count, duration, number, percent, words } from "../../lib/format.js";
import { isLive, nameOf, networkOf } from "../../lib/jobs.js";
import { toast } from "../../lib/notice.js";
import { measureName } from "./measures.js";

const PENDING = { pause: "pausing …", cancel: "cancelling …" };

export class Header {
  /** @param {HTMLElement} root @param {LiveRun} run @param {AbortSignal} signal */
  constructor(root, run, signal) {
    this.run = run;
    this.title = h("h1", {});
    this.status = h("span", { class: "status" });
    this.announced = h("span", { class: "unseen", role: "status" });
    this.connection = h("span", { class: "chip run-lost", role: "status" });
    this.buttons = h("div", { class: "row run-buttons", role: "group", "aria-label": "Control the run" });
    this.figures = h("dl", { class: "run-figures" });
    /** What was pressed last, and what had the focus before the buttons had to wait. @type {string | null} */
    this.pressed = null;
    /** @type {string | null} */
    this.awaited = null;
    this.bar = h("span", {});
    this.progress = h("div", { class: "progress", role: "progressbar", "aria-label": "Progress", "aria-valuemin": 0, "aria-valuemax": 100 }, this.bar);
    this.failure = h("div", { class: "run-failure" });
    replace(root,
      h("div", { class: "run-head" },
        h("div", { class: "run-name" }, this.title,
          h("div", { class: "row" }, this.status, this.announced, this.connection, h("span", { class: "muted small" }, networkOf(run.job)), h("code", { class: "muted small" }, run.id))),
        this.buttons),
      this.failure, this.progress, this.figures);
    run.addEventListener("job", () => this.draw(), { signal });
    run.addEventListener("epochs", () => this.#drawFigures(), { signal });
    run.addEventListener("connection", () => this.#drawConnection(), { signal });
    this.draw();
    this.#drawConnection();
  }

  draw() {
    const { job } = this.run;
    replace(this.title, nameOf(job));
    this.status.dataset.status = job.status;
    const pending = job.pending_action === null ? "" : `, ${PENDING[job.pending_action]}`;
    replace(this.status, `${job.status}${pending}`);
    const told = `${job.status}${pending}`;
    if (this.announced.textContent !== told) this.announced.textContent = told;
    this.#drawButtons();
    this.#drawFigures();
    replace(this.failure, job.error === null ? null : failureNotice(job.error, job.model_id !== null));
  }

  #drawConnection() {
    const lost = this.run.connection === "lost";
    this.connection.hidden = !lost;
    replace(this.connection, lost ? "Connection lost, trying again …" : null);
  }

  #drawButtons() {
    const { job } = this.run;
    const focused = this.#focused();
    replace(this.buttons, actions(job).map(({ label, action, body, kind }) =>
      h("button", {
        class: `button ${kind}`, type: "button", disabled: job.pending_action !== null,
        onclick: () => {
          this.pressed = label;
          void this.#ask(action, body);
        },
      }, label)));
    this.awaited = job.pending_action === null ? null : focused;
    if (focused === null) return;
    const drawn = [...this.buttons.querySelectorAll("button")];
    const again = [focused, this.pressed].map((label) => drawn.find((button) => button.textContent === label));
    (again.find((button) => button !== undefined) ?? drawn[0])?.focus();
  }

  /**
   * The button that has the focus of a reader without a mouse, who keeps it when buttons are drawn anew;
   * it is lost while they wait for an answer, when nothing can be pressed.
   *
   * @returns {string | null}
   */
  #focused() {
    const { activeElement, body } = document;
    if (this.buttons.contains(activeElement)) return activeElement?.textContent ?? null;
    return activeElement === body ? this.awaited : null;
  }

  /** @param {JobAction} action @param {JobAdvance} [body] */
  async #ask(action, body) {
    try {
      await this.run.ask(action, body);
    } catch (error) {
      if (isAbort(error)) return;
      toast(error instanceof Error ? error.message : String(error));
      this.run.look(); // what it cannot do any more, it is done with;
    }
  }

  #drawFigures() {
    const { job } = this.run;
    const epoch = Math.max(job.progress.epoch, job.latest?.fold === this.run.fold ? this.run.epochs.rows.at(-1)?.epoch ?? 0 : 0);
    const { epochs, fraction, eta_seconds, samples_per_second } = job.progress;
    this.bar.style.transform = `scaleX(${fraction})`;
    this.progress.hidden = !isLive(job);
    this.progress.setAttribute("aria-valuenow", String(Math.round(100 * fraction)));
    const figures = /** @type {[string, string, string?][]} */ ([
      ["Epoch", `${count(epoch)} / ${count(epochs)}`, "epoch"],
      isLive(job)
        ? ["Left", job.status === "running" ? duration(eta_seconds) : "–"]
        : ["Ended", words(job.stop_reason ?? job.error?.type ?? job.status)],
      ["Samples per second", samples_per_second === null ? "–" : count(Math.round(samples_per_second))],
      ...bestFigures(job),
    ]);
    replace(this.figures, figures.map(([name, value, id]) =>
      h("div", {}, h("dt", {}, name), h("dd", id === undefined ? {} : { dataset: { figure: id } }, value))));
  }
}

/** @param {Job} job @returns {{label: string, action: JobAction, body?: JobAdvance, kind: string}[]} */
function actions(job) {
  if (!isLive(job)) return [];
  /** @type {{label: string, action: JobAction, kind: string}} */
  const cancel = { label: "Cancel", action: "cancel", kind: "danger" };
  if (job.status !== "paused") {
    return [{ label: "Pause", action: "pause", kind: "" }, cancel];
  }
  return [
    { label: "Resume", action: "resume", kind: "primary" },
    { label: "One epoch", action: "advance", body: { epochs: 1 }, kind: "" },
    cancel,
  ];
}

/** @param {Job} job @returns {[string, string][]} */
function bestFigures(job) {
  if (job.best === null) return [];
  const measured = job.best.validation ?? job.best.train;
  const part = job.best.validation === null ? "train" : "validation";
  return [
    ["Best epoch", count(job.best.epoch)],
    ...Object.entries(measured).map(([metric, value]) => /** @type {[string, string]} */ ([
      `Best ${part} ${measureName(metric)}`,
      metric === "accuracy" ? percent(value) : number(value),
    ])),
  ];
}

/** @param {JobError} error @param {boolean} hasModel */
function failureNotice(error, hasModel) {
  return h("div", { class: "notice bad", role: "alert" },
    h("strong", {}, `It failed: ${words(error.type)}`),
    h("p", {}, `${error.detail.charAt(0).toUpperCase()}${error.detail.slice(1)}`),
    hasModel ? h("p", {}, "The best model until then is still available.") : null);
}
