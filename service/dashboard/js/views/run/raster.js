/**
 * A square grid as a picture with a pixel for every place, which browsers enlarge smoothly.
 *
 * @typedef {import("./colours.js").Rgb} Rgb
 */

/**
 * @param {number} side places along an edge
 * @param {(place: number) => Rgb} colourOf row by row, from the upper left
 * @returns {HTMLCanvasElement}
 */
export function raster(side, colourOf) {
  const canvas = document.createElement("canvas");
  canvas.width = side;
  canvas.height = side;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const image = context.createImageData(side, side);
  for (let place = 0; place < side * side; place += 1) {
    image.data.set([...colourOf(place), 255], 4 * place);
  }
  context.putImageData(image, 0, 0);
  return canvas;
}
