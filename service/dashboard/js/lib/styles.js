/** Style sheets of single pages: each is loaded once, and applies only while its page is shown. */

/** What an element has in `media` to apply nowhere. */
const OFF = "not all";

/** @type {Map<string, {link: HTMLLinkElement, ready: Promise<void>}>} */
const sheets = new Map();

/**
 * Loads style sheets without applying them yet.
 *
 * @param {string[]} names Files of `css/`.
 */
export async function loadStyles(names) {
  await Promise.all(names.map((name) => {
    const sheet = sheets.get(name) ?? load(name);
    sheets.set(name, sheet);
    return sheet.ready;
  }));
}

/**
 * Applies these style sheets, which must be loaded, and no others of single pages.
 *
 * @param {string[]} names Files of `css/`.
 */
export function applyStyles(names) {
  for (const [name, { link }] of sheets) link.media = names.includes(name) ? "all" : OFF;
}

/**
 * @param {string} name
 * @returns {{link: HTMLLinkElement, ready: Promise<void>}}
 */
function load(name) {
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.media = OFF;
  link.href = new URL(`../../css/${name}`, import.meta.url).href;
  const ready = new Promise((/** @type {(value: void) => void} */ resolve, reject) => {
    link.onload = () => resolve();
    link.onerror = () => {
      link.remove();
      sheets.delete(name); // the next attempt loads it again
      reject(new Error(`The style sheet ${name} cannot be loaded.`));
    };
  });
  document.head.append(link);
  return { link, ready };
}
