/** Questions to the service whose answers are shown, and which come faster than answers do. */

import { isAbort } from "../lib/api.js";
import { replace } from "../lib/dom.js";
import { problemNotice } from "../lib/notice.js";

/**
 * One question at a time; if it is asked again meanwhile, once more afterwards.
 *
 * @param {() => Promise<void>} answer asks, and shows what came of it
 * @param {{problem: HTMLElement, signal: AbortSignal}} how `problem`: where it says what went wrong
 * @returns {() => Promise<void>}
 */
export function oneByOne(answer, { problem, signal }) {
  let asking = false;
  let again = false;
  const ask = async () => {
    again = asking;
    if (asking) return;
    asking = true;
    try {
      await answer();
      replace(problem);
    } catch (error) {
      if (!isAbort(error)) replace(problem, problemNotice(error, () => void ask()));
    } finally {
      asking = false;
    }
    if (again && !signal.aborted) void ask();
  };
  return ask;
}
