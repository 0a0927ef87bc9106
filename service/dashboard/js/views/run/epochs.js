/** The epochs of a run, merged from pages and events, and thinned out as they grow. */

/** @import { Epoch } from "../../lib/types.js" */

/** The number by which an epoch counts as a low or a high one, as the service chooses it. */
const height = (/** @type {Epoch} */ row) => row.validation?.loss ?? row.train.loss ?? null;

/**
 * The rows that keep the shape of the curve: of each bucket of `size` epochs the lowest, the highest,
 * the last and the first that is not finite, and the first row of all.
 *
 * Borders stand at multiples of `size`, so thinning again by twice the size gives what thinning at
 * once would have given: a curve that grows does not jump.
 *
 * @param {Epoch[]} rows in order
 * @param {number} size a power of two
 * @returns {Epoch[]}
 */
export function thin(rows, size) {
  const kept = buckets(rows, size).flatMap(outline);
  const [first] = rows;
  return first === undefined || kept[0] === first ? kept : [first, ...kept];
}

/** @param {Epoch[]} rows @param {number} size @returns {Epoch[][]} */
function buckets(rows, size) {
  /** @type {Epoch[][]} */
  const found = [];
  /** @type {Epoch[]} */
  let current = [];
  let border = 0;
  for (const row of rows) {
    if (row.epoch > border || current.length === 0) {
      current = [];
      found.push(current);
      border = Math.ceil(row.epoch / size) * size;
    }
    current.push(row);
  }
  return found;
}

/** The few rows of a bucket that tell its shape, in order. @param {Epoch[]} bucket */
function outline(bucket) {
  /** @type {Epoch | undefined} */
  let low;
  /** @type {Epoch | undefined} */
  let high;
  let [lowest, highest] = [Infinity, -Infinity];
  for (const row of bucket) {
    const value = height(row);
    if (value === null) continue;
    if (value < lowest) [low, lowest] = [row, value];
    if (value > highest) [high, highest] = [row, value];
  }
  const odd = bucket.find((row) => row.non_finite !== null);
  const kept = new Set([low, high, odd, bucket.at(-1)]);
  return bucket.filter((row) => kept.has(row));
}

/**
 * Two lists of rows as one, in order and each row once.
 *
 * @param {Epoch[]} known @param {Epoch[]} more
 * @returns {Epoch[]}
 */
export function merge(known, more) {
  const last = known.at(-1)?.seq ?? 0;
  const [first] = more;
  if (first !== undefined && first.seq > last && isOrdered(more)) return known.concat(more);
  const bySeq = new Map([...known, ...more].map((row) => [row.seq, row]));
  return [...bySeq.values()].sort((a, b) => a.seq - b.seq);
}

/** @param {Epoch[]} rows */
function isOrdered(rows) {
  let last = 0;
  return rows.every(({ seq }) => {
    const follows = seq > last;
    last = seq;
    return follows;
  });
}

/** Rows of one fold, never more than about `most` of them. */
export class Epochs {
  /** @param {number} most */
  constructor(most) {
    this.most = most;
    /** @type {Epoch[]} */
    this.rows = [];
    /** The epochs that share a bucket; 1 where none was left out. */
    this.size = 1;
  }

  /** @param {Epoch[]} more */
  add(more) {
    this.rows = merge(this.rows, more);
    while (this.rows.length > this.most) {
      this.size *= 2;
      this.rows = thin(this.rows, this.size);
    }
  }
}

/**
 * Coarse rows of all epochs, with finer ones where somebody looks closer.
 *
 * @param {Epoch[]} coarse
 * @param {{from: number, to: number, rows: Epoch[]} | null} detail
 * @returns {Epoch[]}
 */
export function refined(coarse, detail) {
  if (detail === null || detail.rows.length === 0) return coarse;
  const { from, to, rows } = detail;
  const before = coarse.filter((row) => row.epoch < from);
  const after = coarse.filter((row) => row.epoch > to);
  return [...before, ...rows.filter((row) => row.epoch >= from && row.epoch <= to), ...after];
}
