/** The service's API: JSON there and back, errors as problems, events as they happen. */

import { askForKey, currentKey } from "./key.js";

/** @import { BodyOf, PathOf, ProblemDetails, QueryOf, ResponseOf } from "./types.js" */
/** @typedef {Record<string, string | number | boolean | null | undefined | (string | number)[]>} Query */
/** @typedef {"live" | "lost" | "ended"} StreamState */
/** @typedef {{event: string, id: string, data: any}} StreamEvent */

/** A problem details object that the service returned (RFC 9457). */
export class Problem extends Error {
  /** @param {Pick<ProblemDetails, "status" | "title" | "detail"> & Partial<ProblemDetails>} told */
  constructor(told) {
    super(told.detail || told.title);
    this.name = "Problem";
    this.status = told.status;
    this.title = told.title;
    this.detail = told.detail;
    this.errors = told.errors ?? [];
    this.request_id = told.request_id ?? "";
  }
}

/**
 * Whether somebody left, rather than that something went wrong.
 * @param {unknown} error
 */
export function isAbort(error) {
  return error instanceof DOMException && error.name === "AbortError";
}

/**
 * @template {string} Path
 * @param {PathOf<Path, "get">} path Such as `/v1/jobs`.
 * @param {{signal?: AbortSignal, query?: QueryOf<Path, "get">}} [options]
 * @returns {Promise<ResponseOf<Path, "get">>}
 */
export const get = (path, options) => call("GET", path, undefined, options);

/**
 * @template {string} Path
 * @param {PathOf<Path, "post">} path
 * @param {BodyOf<Path, "post">} [body]
 * @param {{signal?: AbortSignal, query?: QueryOf<Path, "post">, headers?: Record<string, string>}} [options]
 * @returns {Promise<ResponseOf<Path, "post">>}
 */
export const post = (path, body, options) => call("POST", path, body, options);

/**
 * @template {string} Path
 * @param {PathOf<Path, "delete">} path
 * @param {{signal?: AbortSignal}} [options]
 * @returns {Promise<void>}
 */
export const del = (path, options) => call("DELETE", path, undefined, options);

/**
 * A file of the service, such as weights.
 * @template {string} Path
 * @param {PathOf<Path, "get">} path
 * @param {{signal?: AbortSignal, query?: QueryOf<Path, "get">}} [options]
 */
export async function download(path, options = {}) {
  return (await send(address(path, options.query), { signal: options.signal })).blob();
}

/**
 * Where a path of the API is, wherever the service is mounted.
 * @param {string} path
 * @param {Query} [query]
 */
export function address(path, query = {}) {
  const url = new URL(path.replace(/^\//, ""), new URL(".", document.baseURI));
  for (const [name, value] of Object.entries(query)) {
    for (const each of Array.isArray(value) ? value : [value]) {
      if (each !== null && each !== undefined) url.searchParams.append(name, String(each));
    }
  }
  return url.href;
}

/**
 * @param {string} method
 * @param {string} path
 * @param {unknown} body
 * @param {{signal?: AbortSignal, query?: Query, headers?: Record<string, string>}} [options]
 */
async function call(method, path, body, { signal, query, headers = {} } = {}) {
  const isForm = body instanceof FormData;
  const answer = await send(address(path, query), {
    method,
    signal,
    headers: body === undefined || isForm ? headers : { ...headers, "Content-Type": "application/json" },
    body: body === undefined ? undefined : isForm ? body : JSON.stringify(body),
  });
  return answer.status === 204 ? null : answer.json();
}

/**
 * @param {string} url
 * @param {RequestInit} request
 * @returns {Promise<Response>}
 */
async function send(url, request) {
  const key = currentKey();
  const headers = new Headers(request.headers);
  if (key) headers.set("Authorization", `Bearer ${key}`);
  let answer;
  try {
    answer = await fetch(url, { ...request, headers });
  } catch (error) {
    if (isAbort(error)) throw error;
    throw new Problem({ status: 0, title: "No response", detail: "The service does not respond. Is it running?" });
  }
  if (answer.status === 401) {
    await askForKey(key);
    return send(url, request);
  }
  if (!answer.ok) throw new Problem(await told(answer));
  return answer;
}

/** @param {Response} answer */
async function told(answer) {
  const isProblem = answer.headers.get("content-type")?.startsWith("application/problem+json");
  if (isProblem) return answer.json();
  return { status: answer.status, title: answer.statusText, detail: `The service responded with status ${answer.status}.` };
}

const FIRST_PAUSE = 500;
const MAX_PAUSE = 8000;

/**
 * Follows a stream of Server-Sent Events, by fetch, because EventSource sends no keys. A stream that
 * breaks is taken up again after the last event that came; one that ends with `end` is over. (On a
 * stream of several jobs each has an `end` of its own, with a `job_id`.)
 * Resolves when it is, or when `signal` is aborted; rejects with the Problem when it is refused.
 * @template {string} Path
 * @param {PathOf<Path, "get">} path
 * @param {object} options
 * @param {AbortSignal} options.signal
 * @param {(event: StreamEvent) => void} options.onEvent
 * @param {string | number} [options.after] The id of the last event that is known already.
 * @param {QueryOf<Path, "get">} [options.query]
 * @param {(state: StreamState) => void} [options.onState]
 */
export async function events(path, { after, signal, query, onEvent, onState = () => {} }) {
  let last = after === undefined ? "" : String(after);
  let pause = FIRST_PAUSE;
  while (!signal.aborted) {
    try {
      /** @type {Record<string, string>} */
      const headers = { Accept: "text/event-stream" };
      if (last !== "") headers["Last-Event-ID"] = last;
      const answer = await send(address(path, query), { signal, headers, cache: "no-store" });
      onState("live");
      for await (const event of parsed(answer)) {
        pause = FIRST_PAUSE;
        if (event.id !== "") last = event.id;
        onEvent(event);
        if (event.event === "end" && event.data.job_id === undefined) {
          onState("ended");
          return;
        }
      }
    } catch (error) {
      if (signal.aborted) return;
      const isRefusal = error instanceof Problem && error.status >= 400 && error.status < 500;
      if (isRefusal || !isBreak(error)) throw error;
    }
    if (signal.aborted) return;
    onState("lost");
    await sleep(pause, signal);
    pause = Math.min(2 * pause, MAX_PAUSE);
  }
}

/**
 * A connection that broke, as opposed to a listener that threw.
 * @param {unknown} error
 */
function isBreak(error) {
  return error instanceof Problem || error instanceof BrokenStream;
}

class BrokenStream extends Error {}

/**
 * @param {Response} answer
 * @returns {AsyncGenerator<StreamEvent>}
 */
async function* parsed(answer) {
  const reader = /** @type {ReadableStream<Uint8Array>} */ (answer.body).getReader();
  const decoder = new TextDecoder();
  let waiting = "";
  while (true) {
    const { done, value } = await reader.read().catch((error) => {
      throw new BrokenStream(String(error));
    });
    if (done) return;
    waiting += decoder.decode(value, { stream: true });
    const blocks = waiting.split("\n\n");
    waiting = blocks.pop() ?? "";
    for (const block of blocks) {
      const event = parseEvent(block);
      if (event) yield event;
    }
  }
}

/**
 * @param {string} block The lines of one event.
 * @returns {StreamEvent | null} null for a comment.
 */
function parseEvent(block) {
  const fields = { event: "message", id: "", data: "" };
  for (const line of block.split("\n")) {
    const [, name, value = ""] = /^([^:]*): ?(.*)$/.exec(line) ?? [];
    if (name === "event" || name === "id") fields[name] = value;
    else if (name === "data") fields.data += value;
  }
  return fields.data === "" ? null : { ...fields, data: JSON.parse(fields.data) };
}

/**
 * @param {number} milliseconds
 * @param {AbortSignal} signal
 * @returns {Promise<void>}
 */
function sleep(milliseconds, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => { clearTimeout(timer); resolve(); }, { once: true });
  });
}
