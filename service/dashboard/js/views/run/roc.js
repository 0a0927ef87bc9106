/** The ROC curve of a classifier, and the area under it, from its predicted probabilities. */

/**
 * The ROC curve: for every threshold, from the highest down, the false positive rate (x) and the true
 * positive rate (y). Equal scores make one step.
 *
 * @param {number[]} scores @param {boolean[]} truth
 * @returns {{x: number, y: number}[]} empty if one of the two classes is absent
 */
export function rocCurve(scores, truth) {
  const positives = truth.filter(Boolean).length;
  const negatives = truth.length - positives;
  if (positives === 0 || negatives === 0) return [];
  const order = scores
    .map((score, place) => ({ score, hit: truth[place] === true }))
    .sort((a, b) => b.score - a.score);
  const points = [{ x: 0, y: 0 }];
  let [truePositives, falsePositives] = [0, 0];
  order.forEach(({ score, hit }, rank) => {
    if (hit) truePositives += 1;
    else falsePositives += 1;
    if (order[rank + 1]?.score === score) return;
    points.push({ x: falsePositives / negatives, y: truePositives / positives });
  });
  return points;
}

/**
 * The area under a curve that begins at (0, 0), by trapezia.
 *
 * @param {{x: number, y: number}[]} points
 */
export function areaUnder(points) {
  let area = 0;
  let before = { x: 0, y: 0 };
  for (const point of points) {
    area += ((point.x - before.x) * (point.y + before.y)) / 2;
    before = point;
  }
  return area;
}
