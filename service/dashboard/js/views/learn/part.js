/**
 * A part of the view: one of the things to see about how a network learns.
 *
 * @typedef {object} Part
 * @property {HTMLElement} root Empty, to draw into.
 * @property {Route} route The route, in whose query the part stores its state.
 * @property {AbortSignal} signal Aborted when the part is left or drawn anew.
 * @property {() => void} again Draws the part anew, as the route says.
 */

/** @import { Route } from "../../lib/route.js" */

export {};
