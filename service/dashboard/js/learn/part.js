/**
 * A part of the view: one of the things to see about how a network learns.
 *
 * @typedef {object} Part
 * @property {HTMLElement} root Empty, to draw into.
 * @property {Place} place Where the part keeps its state.
 * @property {AbortSignal} signal Aborted when the part is left or drawn anew.
 * @property {() => void} again Draws the part anew, as the place says.
 */

/** @import { Place } from "../lib/place.js" */

export {};
