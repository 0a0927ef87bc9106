/** Names of numbers that are not numbers. */

const NAMES = /** @type {Record<string, string>} */ ({ nan: "NaN", inf: "∞", "-inf": "−∞" });

/**
 * What is not finite, as people write it.
 *
 * @param {string} value `nan`, `inf` or `-inf`
 */
export const notFiniteName = (value) => NAMES[value] ?? value;
