/** The run that is being put together: the body of `POST /v1/jobs`, kept in the address. */

/** @import { JobCreate } from "../../lib/types.js" */

import { presetOf } from "./presets.js";

/** @typedef {import("../../lib/route.js").Route} Route */
/** @typedef {Record<string, any>} Body */

/** @type {JobCreate} */
const BEGINNING = {
  dataset: { kind: "two_moons" },
  network: { layers: [{ kind: "dense", units: 16, activation: "tanh" }] },
  optimizer: { kind: "adam", learning_rate: 0.01 },
  training: { epochs: 200 },
  checkpoints: { every: 10, keep: 20 },
};

export class Draft {
  /** @type {Set<() => void>} */
  #listeners = new Set();

  /** @param {Route} route */
  constructor(route) {
    this.route = route;
    this.preset = presetOf(route.query.get("preset"));
    /** @type {Body} */
    this.body = read(route.query.get("job")) ?? structuredClone(this.preset?.job ?? BEGINNING);
  }

  /** The body as it is sent: whether it is right, the service says. */
  get request() {
    return /** @type {JobCreate} */ (this.body);
  }

  /**
   * Changes members of the body; undefined takes one out, so that its default holds.
   * @param {Body} changes
   */
  change(changes) {
    for (const [name, value] of Object.entries(changes)) {
      if (value === undefined) delete this.body[name];
      else this.body[name] = value;
    }
    this.route.go({ job: JSON.stringify(this.body) }, { replace: true });
    for (const listener of this.#listeners) listener();
  }

  /** @param {() => void} listener */
  onChange(listener) {
    this.#listeners.add(listener);
  }
}

/**
 * @param {string | null} text
 * @returns {Body | null}
 */
function read(text) {
  if (text === null) return null;
  try {
    const body = JSON.parse(text);
    return body !== null && typeof body === "object" && !Array.isArray(body) ? body : null;
  } catch {
    return null; // an address that was cut off
  }
}
