/** What stands where a model will be shown. */

import { h } from "../../lib/dom.js";
import { isLive } from "../../lib/jobs.js";

/** @param {import("./live.js").LiveRun} run */
export function waitingForModel(run) {
  const reason = isLive(run.job) || run.job.model_id !== null
    ? "There is no model yet: it comes with the first checkpoint."
    : "This run has made no model.";
  return h("p", { class: "card empty", role: "status" }, reason);
}
