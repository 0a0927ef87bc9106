/** Lines of equal height on a grid, by marching squares. */

/**
 * The pieces of the line along which `field` is 0. Coordinates count cells: (0, 0) is the first value,
 * (columns - 1, rows - 1) the last.
 *
 * @param {ArrayLike<number>} field row by row @param {number} columns @param {number} rows
 * @returns {[number, number, number, number][]} x1, y1, x2, y2
 */
export function zeroLines(field, columns, rows) {
  /** @type {[number, number, number, number][]} */
  const pieces = [];
  for (let y = 0; y + 1 < rows; y += 1) {
    for (let x = 0; x + 1 < columns; x += 1) {
      const [a, b, c, d] = cellCrossings(field, columns, x, y);
      if (a !== undefined && b !== undefined) pieces.push([...a, ...b]);
      if (c !== undefined && d !== undefined) pieces.push([...c, ...d]);
    }
  }
  return pieces;
}

/**
 * Where the line crosses the borders of a cell, clockwise from the top: none, two or four places.
 *
 * @param {ArrayLike<number>} field @param {number} columns @param {number} x @param {number} y
 * @returns {[number, number][]}
 */
function cellCrossings(field, columns, x, y) {
  const start = y * columns + x;
  const [nw, ne] = [field[start] ?? 0, field[start + 1] ?? 0];
  const [sw, se] = [field[start + columns] ?? 0, field[start + columns + 1] ?? 0];
  /** @type {[number, number, (part: number) => [number, number]][]} */
  const borders = [
    [nw, ne, (part) => [x + part, y]],
    [ne, se, (part) => [x + 1, y + part]],
    [se, sw, (part) => [x + 1 - part, y + 1]],
    [sw, nw, (part) => [x, y + 1 - part]],
  ];
  return borders
    .filter(([from, to]) => from > 0 !== to > 0)
    .map(([from, to, place]) => place(from / (from - to)));
}
