/**
 * Deletion that can be undone: a run is hidden at once and deleted when the time for second thoughts
 * is over. Whoever closes the page before that keeps it: nothing is lost by accident.
 */

/** @import { Job } from "../../lib/types.js" */

import { Problem, del } from "../../lib/api.js";
import { plural } from "../../lib/format.js";
import { nameOf } from "../../lib/jobs.js";
import { toast } from "../../lib/notice.js";

const SECONDS_TO_UNDO = 6;

/** @type {Set<string>} */
const leaving = new Set();

/**
 * Whether a run is about to be deleted.
 * @param {string} id
 */
export const isLeaving = (id) => leaving.has(id);

/**
 * @param {Job[]} jobs
 * @param {object} listeners
 * @param {() => void} listeners.onChange Called when they are hidden, and when they are back.
 * @param {(id: string) => void} listeners.onDone Called for each that is deleted.
 */
export function remove(jobs, { onChange, onDone }) {
  const [first] = jobs;
  if (first === undefined) return;
  const back = () => {
    for (const job of jobs) leaving.delete(job.id);
    onChange();
  };
  for (const job of jobs) leaving.add(job.id);
  onChange();
  const timer = setTimeout(async () => {
    await Promise.all(jobs.map((job) => removeOne(job, onDone)));
    back();
  }, 1000 * SECONDS_TO_UNDO);
  const what = jobs.length === 1 ? `“${nameOf(first)}”` : plural(jobs.length, "run");
  toast(`Deleted ${what}`, {
    action: "Undo",
    seconds: SECONDS_TO_UNDO,
    onAction: () => { clearTimeout(timer); back(); },
  });
}

/**
 * @param {Job} job
 * @param {(id: string) => void} onDone
 */
async function removeOne(job, onDone) {
  try {
    await del(`/v1/jobs/${job.id}`);
    onDone(job.id);
  } catch (error) {
    if (error instanceof Problem && error.status === 404) onDone(job.id);
    else toast(`“${nameOf(job)}” could not be deleted: ${error instanceof Problem ? error.detail : error}`);
  }
}
