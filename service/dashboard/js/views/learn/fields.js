/** Labelled fields of forms. */

import { h } from "../../lib/dom.js";

/**
 * The control's id follows from the label where it has none, so that a part that is drawn anew
 * finds the field again that had the focus.
 *
 * @param {string} label
 * @param {HTMLInputElement | HTMLSelectElement} control
 * @param {string} [hint]
 */
export function field(label, control, hint) {
  control.id ||= `learn-${label.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-")}`;
  const said = hint ? h("span", { class: "hint", id: `${control.id}-hint` }, hint) : null;
  if (said) control.setAttribute("aria-describedby", said.id);
  return h("div", { class: "field" }, h("label", { for: control.id }, label), control, said);
}

/**
 * @param {[string, string][]} options Values with what they are called.
 * @param {string} value
 * @param {(value: string) => void} onChange
 * @param {Record<string, any>} [props]
 */
export function select(options, value, onChange, props = {}) {
  const control = h(
    "select",
    { value, ...props, onchange: () => onChange(control.value) },
    options.map(([each, name]) => h("option", { value: each }, name)),
  );
  return control;
}

/**
 * A number; what is none is not passed on, and marked as invalid.
 *
 * @param {number | string} value
 * @param {(value: number) => void} onChange
 * @param {Record<string, any>} [props]
 */
export function numberInput(value, onChange, props = {}) {
  const control = h("input", {
    type: "number", step: "any", inputmode: "decimal", value: String(value), ...props,
    onchange: () => {
      const isNumber = control.value !== "" && control.checkValidity();
      control.setAttribute("aria-invalid", String(!isNumber));
      if (isNumber) onChange(Number(control.value));
    },
  });
  return control;
}
