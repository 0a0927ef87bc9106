/** Files that the browser saves. */

/**
 * @param {Blob} content @param {string} name
 */
export function save(content, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name.replaceAll(/[^\w.-]+/g, "-");
  link.click();
  // The browser has begun to read it only after this turn.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/**
 * Rows as a table of comma-separated values; what is unknown is left empty.
 *
 * @param {string[]} names @param {(string | number | null | undefined)[][]} rows
 */
export function csv(names, rows) {
  const cell = (/** @type {string | number | null | undefined} */ value) => {
    const text = value === null || value === undefined ? "" : String(value);
    return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return [names, ...rows].map((row) => row.map(cell).join(",")).join("\n") + "\n";
}
