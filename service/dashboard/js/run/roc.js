/** How a classifier trades false alarms against misses, from its probabilities. */

/**
 * The ROC curve: for every threshold, from the highest down, which part of the others was taken for
 * the class (x) and which part of the class was found (y). Equal scores make one step.
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
  let [hits, alarms] = [0, 0];
  order.forEach(({ score, hit }, rank) => {
    if (hit) hits += 1;
    else alarms += 1;
    if (order[rank + 1]?.score === score) return;
    points.push({ x: alarms / negatives, y: hits / positives });
  });
  return points;
}

/**
 * The area below a curve that begins at (0, 0), by trapezia.
 *
 * @param {{x: number, y: number}[]} points
 */
export function areaBelow(points) {
  let area = 0;
  let before = { x: 0, y: 0 };
  for (const point of points) {
    area += ((point.x - before.x) * (point.y + before.y)) / 2;
    before = point;
  }
  return area;
}
