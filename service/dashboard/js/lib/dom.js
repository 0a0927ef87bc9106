/** Elements made in one expression. */

/** @typedef {Node | string | number | null | undefined | false | Child[]} Child */
/**
 * Attributes by name, but: `on…` are listeners; `style` and `dataset` are objects; `value`,
 * `checked` and `indeterminate` are properties; true is an attribute without a value; null,
 * undefined and false leave it out (but for `aria-…`, whose false is a value).
 * @typedef {Record<string, any>} Props
 */

const PROPERTIES = new Set(["value", "checked", "indeterminate", "selected", "disabled"]);
const SVG = "http://www.w3.org/2000/svg";

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Props} [props]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  element.append(...nodes(children));
  // After the children: a select's value is that of an option.
  set(element, props);
  return element;
}

/**
 * @template {keyof SVGElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Props} [props]
 * @param {...Child} children
 * @returns {SVGElementTagNameMap[Tag]}
 */
export function svg(tag, props = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  element.append(...nodes(children));
  set(element, props);
  return /** @type {any} */ (element);
}

/**
 * Puts children in the place of those that an element has.
 * @param {Element} root
 * @param {...Child} children
 */
export function replace(root, ...children) {
  root.replaceChildren(...nodes(children));
}

/**
 * @param {Child[]} children
 * @returns {(Node | string)[]}
 */
function nodes(children) {
  return children.flatMap((child) => {
    if (Array.isArray(child)) return nodes(child);
    if (child === null || child === undefined || child === false) return [];
    return [typeof child === "number" ? String(child) : child];
  });
}

/**
 * @param {HTMLElement | SVGElement} element
 * @param {Props} props
 */
export function set(element, props) {
  for (const [name, value] of Object.entries(props)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2).toLowerCase(), value);
    else if (name === "style") for (const [key, each] of Object.entries(value)) element.style.setProperty(key, String(each));
    else if (name === "dataset") Object.assign(element.dataset, value);
    else if (PROPERTIES.has(name) && name in element) /** @type {any} */ (element)[name] = value;
    else if (value === null || value === undefined || (value === false && !name.startsWith("aria-"))) element.removeAttribute(name);
    else element.setAttribute(name, value === true && !name.startsWith("aria-") ? "" : String(value));
  }
}
