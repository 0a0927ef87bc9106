/** Which fold of a cross-validation is shown. */

import { get, isAbort } from "../../lib/api.js";
import { h } from "../../lib/dom.js";
import { toast } from "../../lib/notice.js";

/**
 * The choice; null where there is nothing to choose.
 *
 * @param {import("./live.js").LiveRun} run
 * @param {import("./state.js").State} state
 * @param {AbortSignal} signal
 * @returns {Promise<HTMLElement | null>}
 */
export async function foldChoice(run, state, signal) {
  try {
    const { folds } = await get(`/v1/jobs/${run.id}/folds`, { signal });
    if (folds === 0) return null;
    const all = [...Array.from({ length: folds }, (_, place) => place + 1), 0];
    const select = h("select", {
      value: String(run.fold),
      onchange: () => {
        state.keep("fold", select.value);
        run.choose(Number(select.value)).catch((error) => isAbort(error) || toast(String(error)));
      },
    }, all.map((fold) => h("option", { value: fold }, fold === 0 ? "all rows" : `${fold} of ${folds}`)));
    run.addEventListener("epochs", () => { select.value = String(run.fold); }, { signal });
    return h("label", { class: "field inline small run-choices" }, h("span", {}, "Fold"), select);
  } catch (error) {
    if (!isAbort(error)) toast(String(error));
    return null;
  }
}
