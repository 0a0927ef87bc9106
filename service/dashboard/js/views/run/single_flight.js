/** Requests that are wanted more often than the service responds: at most one is in flight. */

import { isAbort } from "../../lib/api.js";
import { replace } from "../../lib/dom.js";
import { problemNotice } from "../../lib/notice.js";

/**
 * Runs one request at a time; calls during a request run it once more afterwards.
 *
 * @param {() => Promise<void>} request sends the request, and shows the response
 * @param {{problem: HTMLElement, signal: AbortSignal}} how `problem`: the element that shows the error of a failed request
 * @returns {() => Promise<void>}
 */
export function singleFlight(request, { problem, signal }) {
  let isInFlight = false;
  let again = false;
  const ask = async () => {
    again = isInFlight;
    if (isInFlight) return;
    isInFlight = true;
    try {
      await request();
      replace(problem);
    } catch (error) {
      if (!isAbort(error)) replace(problem, problemNotice(error, () => void ask()));
    } finally {
      isInFlight = false;
    }
    if (again && !signal.aborted) void ask();
  };
  return ask;
}
