/** The same run as a program: with curl, in Python, in JavaScript. */

import { address } from "../../lib/api.js";
import { h, replace } from "../../lib/dom.js";
import { toast } from "../../lib/notice.js";

/** @typedef {import("./draft.js").Draft} Draft */
/** @typedef {Record<string, unknown>} Body */

/** @type {Record<string, (body: Body) => string>} */
const LANGUAGES = {
  curl: (body) => `curl -s ${address("/v1/jobs")} \\
  -H 'Content-Type: application/json' \\
  -d '${JSON.stringify(body, null, 2).replaceAll("'", "'\\''")}'
`,
  Python: (body) => `from trainyard import Client

with Client("${base()}") as client:
    job = client.jobs.create(
${Object.entries(body).map(([name, value]) => `        ${name}=${python(value)},`).join("\n")}
    )
    for event in client.jobs.events(job):
        print(event)
`,
  JavaScript: (body) => `const answer = await fetch("${address("/v1/jobs")}", {
  method: "POST",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify(${JSON.stringify(body, null, 2)}),
});
const job = await answer.json();
`,
};

const base = () => address("/").replace(/\/$/, "");

/**
 * A value as a Python literal.
 * @param {unknown} value
 * @returns {string}
 */
function python(value) {
  if (value === null || value === undefined) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (Array.isArray(value)) return `[${value.map(python).join(", ")}]`;
  if (typeof value === "object") return `{${Object.entries(value).map(([key, each]) => `${JSON.stringify(key)}: ${python(each)}`).join(", ")}}`;
  return JSON.stringify(value);
}

/** @param {Draft} draft */
export function snippets(draft) {
  const code = h("pre", { class: "code", tabindex: 0, "aria-label": "Program" });
  let language = "curl";
  const text = () => LANGUAGES[language]?.(draft.body) ?? "";
  const tabs = h("div", { class: "tabs", role: "tablist", "aria-label": "Language" });
  const draw = () => {
    code.textContent = text();
    replace(tabs, Object.keys(LANGUAGES).map((name) =>
      h("button", { type: "button", role: "tab", "aria-selected": name === language, onclick: () => { language = name; draw(); /** @type {HTMLElement | null} */ (tabs.querySelector("[aria-selected=true]"))?.focus(); } }, name),
    ));
  };
  // Only where a page is of this machine or came over HTTPS do browsers give it the clipboard.
  const copy = async () => {
    await navigator.clipboard.writeText(text());
    toast("Copied");
  };
  draft.onChange(() => { code.textContent = text(); });
  draw();
  return h(
    "details",
    { class: "card program" },
    h("summary", {}, h("h2", {}, "As a program")),
    h("div", { class: "stack fold" }, tabs, code, isSecureContext ? h("div", {}, h("button", { class: "button", type: "button", onclick: copy }, "Copy")) : null),
  );
}
