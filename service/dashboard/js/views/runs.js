/** The table of all runs. */

import { get } from "../lib/api.js";
import { h, replace } from "../lib/dom.js";

export const title = "Runs";

/**
 * @param {HTMLElement} root
 * @param {import("../lib/place.js").Place} place
 * @param {AbortSignal} signal
 */
export async function show(root, place, signal) {
  const { data } = await get("/v1/jobs", { signal });
  replace(root, h("h1", {}, title), data.map((/** @type {any} */ job) => h("p", {}, h("a", { href: `#/runs/${job.id}` }, job.name ?? job.id))));
}
