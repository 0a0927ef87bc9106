/**
 * Activations with their numbers put in.
 *
 * What phi is, the catalogue says, and any equation in z can be filled in. Its derivative the
 * catalogue does not say: of the activations that are taught it stands here, in z and h.
 */

import { latexFactor, latexSetting } from "./figures.js";

const raw = String.raw;

/**
 * @typedef {{ general: string, value: (z: number, h: number, alpha: number) => number,
 *   filled: (z: string, h: string, alpha: string) => string }} Derivative
 * @type {Record<string, Derivative>}
 */
const DERIVATIVES = {
  linear: { general: "1", value: () => 1, filled: () => "1" },
  sigmoid: {
    general: "h (1 - h)",
    value: (_, h) => h * (1 - h),
    filled: (_, h) => raw`${h} \, (1 - ${h})`,
  },
  tanh: { general: "1 - h^2", value: (_, h) => 1 - h * h, filled: (_, h) => `1 - ${h}^2` },
  relu: {
    general: raw`1 \text{ if } z > 0 \text{ else } 0`,
    value: (z) => (z > 0 ? 1 : 0),
    filled: (z) => raw`1 \text{ if } ${z} > 0 \text{ else } 0`,
  },
  leaky_relu: {
    general: raw`1 \text{ if } z > 0 \text{ else } \alpha`,
    value: (z, _, alpha) => (z > 0 ? 1 : alpha),
    filled: (z, _, alpha) => raw`1 \text{ if } ${z} > 0 \text{ else } ${alpha}`,
  },
  elu: {
    general: raw`1 \text{ if } z > 0 \text{ else } h + \alpha`,
    value: (z, h, alpha) => (z > 0 ? 1 : h + alpha),
    filled: (z, h, alpha) => raw`1 \text{ if } ${z} > 0 \text{ else } ${h} + ${alpha}`,
  },
  softplus: {
    general: "1 - e^{-h}",
    value: (_, h) => 1 - Math.exp(-h),
    filled: (_, h) => `1 - e^{-${h}}`,
  },
};

/**
 * The derivative of an activation, or null where this page does not know it.
 *
 * @param {string | null} kind
 * @returns {Derivative | null}
 */
export function derivativeOf(kind) {
  return DERIVATIVES[kind ?? "linear"] ?? null;
}

/**
 * An equation such as `\varphi(z) = \max(0, z)` with numbers instead of z and alpha.
 *
 * @param {string} equation
 * @param {{ z: number | null, alpha: number | undefined, digits: number }} numbers
 */
export function filledIn(equation, { z, alpha, digits }) {
  const [, ...right] = equation.split("=");
  const filled = right.join("=").replace(/(?<![\\a-zA-Z])z(?![a-zA-Z])/g, `{${latexFactor(z, digits)}}`);
  if (alpha === undefined) return filled;
  return filled.replaceAll(raw`\alpha`, raw`${latexSetting(alpha)} \cdot `);
}
