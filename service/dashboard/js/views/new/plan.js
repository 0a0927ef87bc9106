/** What the run would be, worked out by the service while it is being put together. */

/** @import { Plan } from "../../lib/types.js" */

import { Problem, isAbort } from "../../lib/api.js";
import { h, replace } from "../../lib/dom.js";
import { bytes, count, plural, words } from "../../lib/format.js";
import { showErrors } from "../../lib/form.js";
import { createJob, planJob } from "../../lib/jobs.js";
import { toast } from "../../lib/notice.js";
import { href } from "../../lib/route.js";
import { snippets } from "./snippets.js";

/** @typedef {import("./draft.js").Draft} Draft */

const PAUSE = 250;

/**
 * @param {Draft} draft
 * @param {HTMLElement} form Where the fields are that errors are shown at.
 * @param {AbortSignal} signal
 */
export function planSection(draft, form, signal) {
  const content = h("div", { class: "stack", "aria-live": "polite" });
  const train = h("button", { class: "button primary large train", type: "button", disabled: true, onclick: () => start() }, "Train");
  const name = h("input", { id: "name", placeholder: "A name, if you like", value: draft.body.name ?? "", oninput: () => draft.change({ name: name.value.trim() || undefined }) });
  let asking = new AbortController();
  let waiting = 0;

  const ask = async () => {
    asking.abort();
    asking = new AbortController();
    const { signal: own } = asking;
    try {
      const plan = await planJob(draft.request, { signal: AbortSignal.any([signal, own]) });
      showErrors(form, []);
      replace(content, drawPlan(plan));
      train.disabled = false;
    } catch (error) {
      if (isAbort(error)) return;
      train.disabled = true;
      replace(content, drawProblem(form, error));
    }
  };

  const start = async () => {
    train.disabled = true;
    try {
      const job = await createJob(draft.request, { headers: { "Idempotency-Key": newKey() } });
      location.hash = href(["runs", job.id]);
    } catch (error) {
      train.disabled = false;
      toast(error instanceof Problem ? error.detail : String(error));
    }
  };

  draft.onChange(() => {
    if (name !== document.activeElement) name.value = draft.body.name ?? "";
    clearTimeout(waiting);
    waiting = setTimeout(ask, PAUSE);
  });
  signal.addEventListener("abort", () => clearTimeout(waiting));
  ask();
  return h(
    "aside",
    { class: "plan", "aria-label": "Plan" },
    h(
      "div",
      { class: "card stack" },
      h("div", { class: "field" }, h("label", { for: "name" }, "Name"), name),
      train,
      content,
    ),
    snippets(draft),
  );
}

/** @param {Plan} plan */
function drawPlan(plan) {
  const rows = `${count(plan.train_rows)} to train on, ${count(plan.validation_rows)} held out`;
  return [
    plan.warnings.map((warning) => h("p", { class: "notice warn small" }, warning)),
    h(
      "dl",
      { class: "figures" },
      figure("Parameters", count(plan.parameters)),
      figure("Memory", bytes(plan.memory_bytes)),
      figure("Steps per epoch", count(plan.steps_per_epoch)),
      plan.folds ? figure("Folds", count(plan.folds)) : null,
    ),
    h("p", { class: "muted small" }, `${words(plan.task)}, ${plural(plan.features.length, "feature")}; ${rows}.`),
    h(
      "table",
      { class: "table small plan-layers" },
      h("caption", { class: "unseen" }, "Layers with their outputs and parameters"),
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Layer"), h("th", { scope: "col", class: "number" }, "Outputs"), h("th", { scope: "col", class: "number" }, "Parameters"))),
      h("tbody", {}, plan.layers.map((layer) =>
        h("tr", {}, h("td", {}, layer.name === "output" ? "output" : words(layer.kind)), h("td", { class: "number" }, layer.output_shape.join(" × ")), h("td", { class: "number" }, count(layer.parameters))),
      )),
    ),
  ];
}

/**
 * @param {string} label
 * @param {string} value
 */
function figure(label, value) {
  return h("div", {}, h("dt", {}, label), h("dd", {}, value));
}

/**
 * @param {HTMLElement} form
 * @param {unknown} error
 */
function drawProblem(form, error) {
  if (!(error instanceof Problem)) return [h("p", { class: "notice bad" }, String(error))];
  const elsewhere = showErrors(form, error.errors);
  const told = elsewhere.length || error.errors.length === 0 ? (elsewhere.map(({ message }) => message).join(" ") || error.detail) : null;
  return [
    h("p", { class: "notice bad small" }, h("strong", {}, error.errors.length > 1 ? `${error.errors.length} things to change. ` : "Something to change. "), told ?? "It is marked in the form."),
  ];
}

/** So that a request that is sent twice trains once. */
const newKey = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
