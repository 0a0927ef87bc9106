/** The directions in which rows of numbers vary most. */

const ROUNDS = 200;
const ENOUGH = 1e-10;

/**
 * The first principal components of rows, and the share of the variance that each one has.
 *
 * They are the eigenvectors of the covariance with the largest eigenvalues, found one after the other by the power
 * method, each at a right angle to those before. Their signs are such that the largest number is positive.
 *
 * Source: Hotelling, "Analysis of a complex of statistical variables into principal components", 1933.
 *
 * @param {number[][]} rows
 * @param {number} count
 * @returns {{components: number[][], shares: number[]}}
 */
export function principalComponents(rows, count) {
  const width = rows[0]?.length ?? 0;
  const covariance = covarianceOf(rows, width);
  const total = covariance.reduce((sum, row, j) => sum + (row[j] ?? 0), 0) || 1;
  /** @type {number[][]} */
  const components = [];
  const shares = [];
  for (let k = 0; k < Math.min(count, width); k += 1) {
    let vector = unit(Array.from({ length: width }, (_, j) => 1 + ((j * 7 + k * 3) % 11) / 11), components);
    for (let round = 0; round < ROUNDS; round += 1) {
      const next = unit(times(covariance, vector), components);
      const moved = Math.max(...next.map((value, j) => Math.abs(value - (vector[j] ?? 0))));
      vector = next;
      if (moved < ENOUGH) break;
    }
    shares.push(times(covariance, vector).reduce((sum, value, j) => sum + value * (vector[j] ?? 0), 0) / total);
    const largest = vector.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most), 0);
    components.push(largest < 0 ? vector.map((value) => -value) : vector);
  }
  return { components, shares };
}

/** @param {number[][]} rows @param {number} width */
function covarianceOf(rows, width) {
  const mean = Array.from({ length: width }, (_, j) => rows.reduce((sum, row) => sum + (row[j] ?? 0), 0) / (rows.length || 1));
  const covariance = Array.from({ length: width }, () => new Array(width).fill(0));
  for (const row of rows) {
    const centred = row.map((value, j) => value - (mean[j] ?? 0));
    for (const [i, line] of covariance.entries()) {
      for (let j = 0; j < width; j += 1) line[j] += ((centred[i] ?? 0) * (centred[j] ?? 0)) / rows.length;
    }
  }
  return covariance;
}

/** @param {number[][]} matrix @param {number[]} vector */
const times = (matrix, vector) => matrix.map((row) => row.reduce((sum, value, j) => sum + value * (vector[j] ?? 0), 0));

/** Of length 1 and at a right angle to others; where nothing is left, the first axis that has a part of its own. @param {number[]} vector @param {number[][]} others @returns {number[]} */
function unit(vector, others) {
  const candidates = [vector, ...vector.map((_, place) => vector.map((__, j) => Number(j === place)))];
  for (const candidate of candidates) {
    let rest = candidate;
    for (const other of others) {
      const part = rest.reduce((sum, value, j) => sum + value * (other[j] ?? 0), 0);
      rest = rest.map((value, j) => value - part * (other[j] ?? 0));
    }
    const length = Math.hypot(...rest);
    if (length > 1e-9) return rest.map((value) => value / length);
  }
  return vector;
}
