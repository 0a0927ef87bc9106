/** Style sheets of single views, loaded once each. */

/** @type {Map<string, Promise<void>>} */
const loaded = new Map();

/** @param {string[]} names Files of `css/`. */
export async function loadStyles(names) {
  await Promise.all(names.map((name) => {
    const known = loaded.get(name) ?? load(name);
    loaded.set(name, known);
    return known;
  }));
}

/**
 * @param {string} name
 * @returns {Promise<void>}
 */
function load(name) {
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = new URL(`../../css/${name}`, import.meta.url).href;
  return new Promise((resolve, reject) => {
    link.onload = () => resolve();
    link.onerror = () => reject(new Error(`The style sheet ${name} cannot be loaded.`));
    document.head.append(link);
  });
}
