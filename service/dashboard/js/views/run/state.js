/**
 * How a run is looked at: kept in the address, so that the address shows the same again.
 *
 * @typedef {import("../../lib/route.js").Route} Route
 */

const MAX_SMOOTHING = 0.99;
/** Browsers refuse an address that changes with every frame. */
const WRITE_MS = 200;

/** Tells of a new checkpoint to look at by an event `epoch`. */
export class State extends EventTarget {
  /** @param {Route} route */
  constructor(route) {
    super();
    this.route = route;
    this.timer = 0;
  }

  get tab() {
    return this.route.query.get("tab") ?? "curves";
  }

  set tab(name) {
    clearTimeout(this.timer);
    this.route.go({ tab: name === "curves" ? null : name });
  }

  /** The weight of the past in smoothed curves. */
  get smoothing() {
    const given = Number(this.route.query.get("smoothing"));
    return Number.isFinite(given) ? Math.min(MAX_SMOOTHING, Math.max(0, given)) : 0;
  }

  set smoothing(weight) {
    this.#write({ smoothing: weight === 0 ? null : weight });
  }

  get log() {
    return this.route.query.has("log");
  }

  set log(on) {
    this.#write({ log: on ? 1 : null });
  }

  /** Whether the learning rate is drawn too. */
  get rate() {
    return this.route.query.has("rate");
  }

  set rate(on) {
    this.#write({ rate: on ? 1 : null });
  }

  /** The epochs that curves show; null for all. @returns {[number, number] | null} */
  get range() {
    const given = (this.route.query.get("epochs") ?? "").split("-").map(Number);
    const [from, to] = given;
    const fits = given.length === 2 && from !== undefined && to !== undefined && from < to;
    return fits ? [from, to] : null;
  }

  set range(range) {
    this.#write({ epochs: range === null ? null : range.map((end) => Math.round(end * 10) / 10).join("-") });
  }

  /** The checkpoint that is looked at; null for the newest, or of an ended run for the best. */
  get epoch() {
    return this.number("epoch");
  }

  set epoch(epoch) {
    if (epoch === this.epoch) return;
    this.#write({ epoch });
    this.dispatchEvent(new Event("epoch"));
  }

  /** @param {string} name @returns {number | null} */
  number(name) {
    const given = this.route.query.get(name);
    return given === null || given === "" || !Number.isFinite(Number(given)) ? null : Number(given);
  }

  /** @param {string} name */
  text(name) {
    return this.route.query.get(name);
  }

  /** @param {string} name @param {string | number | null} value */
  keep(name, value) {
    this.#write({ [name]: value });
  }

  /** @param {Record<string, string | number | null>} changes */
  #write(changes) {
    for (const [name, value] of Object.entries(changes)) {
      if (value === null) this.route.query.delete(name);
      else this.route.query.set(name, String(value));
    }
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.route.go({}, { replace: true }), WRITE_MS);
  }

  /** The reader leaves: the address is somebody else's. */
  leave() {
    clearTimeout(this.timer);
  }
}
