/** The choice of data: built in, uploaded before, or dropped here. */

/** @import { Catalog, Dataset, Row } from "../../lib/types.js" */

import { Problem, get, post } from "../../lib/api.js";
import { h, replace } from "../../lib/dom.js";
import { count, number, plural, words } from "../../lib/format.js";
import { fieldForm, long } from "../../lib/form.js";
import { sample } from "./samples.js";
import { thumbnail } from "./thumbnail.js";

/** @typedef {import("../../lib/form.js").Spec} Spec */
/** @typedef {import("./draft.js").Draft} Draft */

const THUMBNAIL = { width: 88, height: 66 };
const PICTURE = { width: 264, height: 198 };
const UPLOADED = 12;
const PREVIEW_ROWS = 6;

/**
 * @param {Draft} draft
 * @param {Catalog} catalog
 * @param {AbortSignal} signal
 */
export const dataSection = (draft, catalog, signal) => new DataSection(draft, catalog, signal).element;

class DataSection {
  #draft;
  #catalog;
  #signal;
  #choices = h("div", { class: "data-choices", role: "radiogroup", "aria-label": "Built-in data" });
  #uploaded = h("div", { class: "data-choices", role: "radiogroup", "aria-label": "Uploaded data", hidden: true });
  #detail = h("div", { class: "data-detail" });
  #message = h("div", { role: "status" });

  /**
   * @param {Draft} draft
   * @param {Catalog} catalog
   * @param {AbortSignal} signal
   */
  constructor(draft, catalog, signal) {
    this.#draft = draft;
    this.#catalog = catalog;
    this.#signal = signal;
    this.element = h(
      "section",
      { class: "card stack", "aria-labelledby": "data-title" },
      h("h2", { id: "data-title" }, "Data"),
      this.#choices,
      this.#uploaded,
      dropZone((file) => this.#upload(file)),
      this.#message,
      this.#detail,
    );
    this.#drawBuiltIn();
    this.#mark();
    this.#drawDetail();
    this.#drawUploaded().catch(() => {}); // without the list there are still the built-in data
  }

  get #chosen() {
    const { dataset } = this.#draft.body;
    return typeof dataset === "string" ? dataset : long(dataset).kind;
  }

  /** @param {Record<string, unknown>} changes */
  #choose(changes) {
    // A target, and how a target is read, belong to the data.
    this.#draft.change({ target: undefined, targets: undefined, task: undefined, ...changes });
    this.#mark();
    this.#drawDetail();
  }

  #mark() {
    for (const input of /** @type {NodeListOf<HTMLInputElement>} */ (this.element.querySelectorAll("input[name=dataset]"))) {
      input.checked = input.value === this.#chosen;
    }
  }

  #drawBuiltIn() {
    const signal = this.#signal;
    replace(this.#choices, (this.#catalog.families.dataset ?? []).map(({ kind, summary }) =>
      card({ value: kind, name: words(kind), title: summary, picture: thumbnail(sample({ kind }), { ...THUMBNAIL, signal }), onChoose: () => this.#choose({ dataset: { kind } }) }),
    ));
  }

  async #drawUploaded() {
    const { data } = await get("/v1/datasets", { signal: this.#signal, query: { limit: 100 } });
    const own = data.filter(({ source }) => source.kind === "upload" || source.kind === "rows").slice(0, UPLOADED);
    replace(this.#uploaded, own.map((dataset) =>
      card({ value: dataset.id, name: dataset.name, title: `${count(dataset.rows)} rows`, note: `${count(dataset.rows)} rows`, onChoose: () => this.#choose(use(dataset)) }),
    ));
    this.#uploaded.hidden = own.length === 0;
    this.#mark();
  }

  async #drawDetail() {
    const [draft, signal, wanted] = [this.#draft, this.#signal, this.#chosen];
    const drawn = typeof draft.body.dataset === "string" ? await uploadedDetail(draft, signal) : builtInDetail(draft, this.#catalog, signal);
    if (!signal.aborted && wanted === this.#chosen) replace(this.#detail, drawn);
  }

  /** @param {File} file */
  async #upload(file) {
    const form = new FormData();
    form.append("file", file);
    replace(this.#message, h("p", { class: "muted" }, `Reading ${file.name} …`));
    try {
      const dataset = await post("/v1/datasets", form, { signal: this.#signal });
      replace(this.#message, dataset.warnings.map((warning) => h("p", { class: "notice warn small" }, warning)));
      this.#choose(use(dataset));
      await this.#drawUploaded();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      replace(this.#message, h("p", { class: "notice bad", role: "alert" }, error.detail));
    }
  }
}

/**
 * What a dataset of an upload means for the run: its own target, or its last column.
 * @param {Dataset} dataset
 */
function use(dataset) {
  return { dataset: dataset.id, target: dataset.task ? undefined : dataset.columns.at(-1)?.name };
}

/**
 * @param {object} options
 * @param {string} options.value
 * @param {string} options.name
 * @param {string} options.title
 * @param {string} [options.note]
 * @param {Node} [options.picture]
 * @param {() => void} options.onChoose
 */
function card({ value, name, title, note, picture, onChoose }) {
  return h(
    "label",
    { class: "data-card", title },
    h("input", { type: "radio", name: "dataset", value, onchange: onChoose }),
    picture,
    h("span", { class: "data-name" }, name),
    note ? h("span", { class: "muted small" }, note) : null,
  );
}

/** @param {(file: File) => void} onFile */
function dropZone(onFile) {
  const input = h("input", { class: "unseen", type: "file", id: "file", onchange: () => { if (input.files?.[0]) onFile(input.files[0]); input.value = ""; } });
  const zone = h(
    "label",
    { class: "drop-zone", for: "file" },
    input,
    h("strong", {}, "Drop a file here, or choose one"),
    h("span", { class: "muted small" }, "CSV, TSV, JSON Lines, Parquet, Arrow or NPZ; the first line of a CSV names its columns"),
  );
  zone.addEventListener("dragover", (event) => { event.preventDefault(); zone.dataset.over = ""; });
  zone.addEventListener("dragleave", () => { delete zone.dataset.over; });
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    delete zone.dataset.over;
    const file = event.dataTransfer?.files[0];
    if (file) onFile(file);
  });
  return zone;
}

/**
 * @param {Draft} draft
 * @param {Catalog} catalog
 * @param {AbortSignal} signal
 * @returns {HTMLElement[]}
 */
function builtInDetail(draft, catalog, signal) {
  const spec = long(draft.body.dataset);
  const entry = catalog.families.dataset?.find(({ kind }) => kind === spec.kind);
  if (entry === undefined) return [];
  const picture = h("div", { class: "data-picture" });
  const about = h("p", { class: "muted small" }, entry.summary);
  const draw = async () => {
    const wanted = /** @type {Spec} */ (draft.body.dataset);
    replace(picture, thumbnail(sample(wanted), { ...PICTURE, signal }));
    const { rows, columns, task } = await sample(wanted);
    // The summaries of data that have a fixed size tell it.
    const size = entry.fields.length ? `, ${plural(rows, "row")}` : "";
    const inputs = plural(columns.length - (task?.targets.length ?? 0), "input");
    replace(about, `${entry.summary} ${inputs}${size}.`);
  };
  let waiting = 0;
  const drawSoon = () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => draw().catch(() => {}), 200); // errors are at the fields
  };
  draw().catch(() => {});
  return [
    picture,
    h(
      "div",
      { class: "stack" },
      about,
      h(
        "div",
        { class: "spec-fields" },
        entry.fields.map((field) =>
          fieldForm({
            catalog,
            field,
            value: spec[field.name],
            pointer: `/dataset/${field.name}`,
            onChange: (value) => {
              const { [field.name]: _, ...others } = long(draft.body.dataset);
              draft.change({ dataset: value === undefined ? others : { ...others, [field.name]: value } });
              drawSoon();
            },
          }),
        ),
      ),
    ),
  ];
}

/**
 * @param {Draft} draft
 * @param {AbortSignal} signal
 * @returns {Promise<HTMLElement[]>}
 */
async function uploadedDetail(draft, signal) {
  const id = draft.body.dataset;
  try {
    const [dataset, page] = await Promise.all([
      get(`/v1/datasets/${id}`, { signal }),
      get(`/v1/datasets/${id}/rows`, { signal, query: { limit: PREVIEW_ROWS } }),
    ]);
    return [table(dataset, page.data, draft)];
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return [h("p", { class: "notice bad" }, error.detail)];
  }
}

/**
 * @param {Dataset} dataset
 * @param {Row[]} rows
 * @param {Draft} draft
 */
function table(dataset, rows, draft) {
  const target = draft.body.target ?? dataset.task?.target ?? "";
  const select = h(
    "select",
    { id: "target", value: target, onchange: () => draft.change({ target: select.value, task: undefined }) },
    dataset.columns.map(({ name }) => h("option", { value: name }, name)),
  );
  return h(
    "div",
    { class: "stack data-table" },
    h(
      "div",
      { class: "row" },
      h("div", { class: "field", dataset: { pointer: "/target" } }, h("label", { for: "target" }, "Column to predict"), select, h("span", { class: "error", hidden: true })),
      h("p", { class: "muted small" }, `${dataset.name}: ${plural(dataset.rows, "row")}, ${plural(dataset.columns.length, "column")}`),
    ),
    h(
      "div",
      { class: "table-frame", tabindex: 0, role: "region", "aria-label": "First rows" },
      h(
        "table",
        { class: "table small" },
        h("thead", {}, h("tr", {}, dataset.columns.map(({ name, kind }) => h("th", { scope: "col" }, name, h("div", { class: "muted column-kind" }, kind))))),
        h("tbody", {}, rows.map((row) => h("tr", {}, dataset.columns.map(({ name }) => h("td", {}, cell(row[name])))))),
      ),
    ),
  );
}

/** @param {unknown} value */
function cell(value) {
  if (value === null || value === undefined) return h("span", { class: "muted" }, "missing");
  return typeof value === "number" ? number(value) : String(value);
}
