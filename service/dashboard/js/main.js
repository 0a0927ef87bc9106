/**
 * The router: which view is shown follows from the address, whose hash reads
 * `#/runs/job_…?smooth=0.6`. A view is a module of `views/`, loaded when it is first asked for.
 */

import { h, replace } from "./lib/dom.js";
import { problemNotice } from "./lib/notice.js";
import { isAbort } from "./lib/api.js";
import { Route, parse } from "./lib/route.js";
import { applyStyles, loadStyles } from "./lib/styles.js";
import { themeButton } from "./lib/theme.js";

/**
 * @typedef {object} View
 * @property {string} title What the tab of the browser is called.
 * @property {string[]} [styles] Files of `css/` that apply while it is shown.
 * @property {(root: HTMLElement, route: Route, signal: AbortSignal) => Promise<void>} show
 *   Draws into `root`, which is empty. `signal` is aborted when the reader leaves.
 */

/** @type {Record<string, () => Promise<View>>} */
const VIEWS = {
  new: () => import("./views/new/view.js"),
  runs: () => import("./views/runs/view.js"),
  run: () => import("./views/run/view.js"),
  compare: () => import("./views/compare/view.js"),
  learn: () => import("./views/learn/view.js"),
};
const HOME = "runs";

const main = /** @type {HTMLElement} */ (document.querySelector("#main"));
let leaving = new AbortController();

/** @param {Route} route */
function viewOf(route) {
  const [first = HOME, second] = route.path;
  return first === "runs" && second !== undefined ? "run" : first;
}

/** @param {{focus: boolean}} options */
async function show({ focus }) {
  leaving.abort();
  leaving = new AbortController();
  const { signal } = leaving;
  const route = new Route(parse(location.hash));
  const name = viewOf(route);
  mark(name === "run" || name === "compare" ? "runs" : name);
  const load = VIEWS[name];
  if (load === undefined) {
    applyStyles([]);
    replace(main, h("div", { class: "empty" }, h("h2", {}, "There is no such page"), h("a", { href: `#/${HOME}` }, "Runs")));
    return;
  }
  try {
    const view = await load();
    await loadStyles(view.styles ?? []);
    if (signal.aborted) return;
    applyStyles(view.styles ?? []);
    document.title = `${view.title} · Trainyard`;
    // A root of its own: what a view that was left still draws is seen by nobody.
    const root = h("div", { class: `view ${name}` });
    replace(main, root);
    scrollTo(0, 0);
    if (focus) main.focus({ preventScroll: true });
    await view.show(root, route, signal);
  } catch (error) {
    if (signal.aborted || isAbort(error)) return;
    replace(main, problemNotice(error, () => show({ focus: false })));
    if (!(error instanceof Error && error.name === "Problem")) throw error;
  }
}

/** @param {string} current */
function mark(current) {
  for (const link of document.querySelectorAll(".menu a")) {
    if (link.getAttribute("href") === `#/${current}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

themeButton(/** @type {HTMLButtonElement} */ (document.querySelector("#theme")));
/** @type {HTMLAnchorElement} */ (document.querySelector(".skip")).addEventListener("click", (event) => {
  event.preventDefault(); // the hash is the address of a view
  main.focus();
});
addEventListener("hashchange", () => show({ focus: true }));
show({ focus: false });
