/** Round numbers along an axis. */

/**
 * Multiples of 1, 2 or 5 times a power of ten, about as many as wanted.
 *
 * @param {number} low @param {number} high @param {number} wanted
 * @returns {number[]}
 */
export function ticks(low, high, wanted) {
  const rough = (high - low) / wanted;
  if (!(rough > 0) || !Number.isFinite(rough)) return [];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10);
  const first = Math.ceil(low / step);
  const last = Math.floor(high / step);
  return Array.from({ length: last - first + 1 }, (_, place) => (first + place) * step);
}
