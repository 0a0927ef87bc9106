/** Numbers as they are read in drawings and equations. */

/**
 * A number to so many significant digits, with a real minus sign; very large and small ones in
 * powers of ten.
 *
 * @param {number | null | undefined} value
 * @param {number} [digits]
 */
export function figure(value, digits = 3) {
  if (value === null || value === undefined) return "not finite";
  const { mantissa, exponent } = parts(value, digits);
  return (exponent ? `${mantissa}e${exponent}` : mantissa).replaceAll("-", "−");
}

/**
 * The same in LaTeX.
 *
 * @param {number | null | undefined} value
 * @param {number} digits
 */
export function latexFigure(value, digits) {
  if (value === null || value === undefined) return String.raw`\text{not finite}`;
  const { mantissa, exponent } = parts(value, digits);
  return exponent ? String.raw`${mantissa} \cdot 10^{${exponent}}` : mantissa;
}

/**
 * Digits raised, as exponents and the numbers of layers are.
 *
 * @param {number} value
 */
export function raised(value) {
  return [...String(value)].map((digit) => (digit === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(digit)])).join("");
}

/**
 * A setting, such as a learning rate, as it was given: without zeros at its end.
 *
 * @param {number} value
 */
export function latexSetting(value) {
  return latexFigure(value, 6).replace(/(\.\d*?)0+(?=$| )/, "$1").replace(/\.(?=$| )/, "");
}

/**
 * As a factor or an exponent: in brackets where it is negative or has a power of ten.
 *
 * @param {number | null | undefined} value
 * @param {number} digits
 */
export function latexFactor(value, digits) {
  const shown = latexFigure(value, digits);
  return /^-|cdot|text/.test(shown) ? `(${shown})` : shown;
}

/**
 * Exponents are left out where the plain number is as readable.
 *
 * @param {number} value
 * @param {number} digits
 */
function parts(value, digits) {
  const size = Math.abs(value);
  if (value === 0 || (size >= 0.001 && size < 10 ** Math.max(digits, 5))) {
    return { mantissa: plain(value, digits), exponent: 0 };
  }
  const [mantissa = "", exponent] = value.toExponential(digits - 1).split("e");
  return { mantissa, exponent: Number(exponent) };
}

/** @param {number} value @param {number} digits */
function plain(value, digits) {
  if (Number.isInteger(value)) return String(value);
  const exponent = Math.floor(Math.log10(Math.abs(value)));
  return value.toFixed(Math.max(0, digits - 1 - exponent));
}
