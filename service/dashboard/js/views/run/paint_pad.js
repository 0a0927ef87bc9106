/** An image to paint, for data whose rows are images: pixel by pixel, with a soft brush. */

/** @import { DatasetColumn, Row } from "../../lib/types.js" */

import { h } from "../../lib/dom.js";
import { colour } from "../../lib/theme.js";

const SIZE = 240;
const STROKE = 0.6;

/**
 * @param {{width: number, height: number}} image
 * @param {DatasetColumn[]} columns pixel by pixel
 * @param {Row} row is painted into
 * @param {() => void} onPaint
 */
export function paintPad({ width, height }, columns, row, onPaint) {
  const canvas = h("canvas", {
    class: "run-pad", width: SIZE, height: (SIZE * height) / width, role: "img",
    "aria-label": `The row as an image of ${width} by ${height} pixels. Paint with the pointer; the columns below do the same.`,
  });
  const most = Math.max(...columns.map((column) => column.maximum ?? 1));
  const draw = () => {
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    const side = SIZE / width;
    context.fillStyle = colour("--raised");
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.fillStyle = colour("--ink");
    columns.forEach(({ name }, place) => {
      context.globalAlpha = Math.min(1, Math.max(0, Number(row[name] ?? 0) / most));
      context.fillRect((place % width) * side, Math.floor(place / width) * side, side, side);
    });
    context.globalAlpha = 1;
  };
  const paint = (/** @type {PointerEvent} */ event) => {
    const x = (event.offsetX / canvas.clientWidth) * width - 0.5;
    const y = (event.offsetY / canvas.clientHeight) * height - 0.5;
    columns.forEach(({ name, maximum }, place) => {
      const distance = Math.hypot((place % width) - x, Math.floor(place / width) - y);
      const part = Math.max(0, 1 - distance / 1.2) * STROKE;
      const top = maximum ?? most;
      row[name] = Math.min(top, Number(row[name] ?? 0) + part * most);
    });
    draw();
    onPaint();
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    paint(event);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (event.buttons > 0) paint(event);
  });
  const clear = h("button", {
    class: "button", type: "button",
    onclick: () => {
      for (const { name, minimum } of columns) row[name] = minimum ?? 0;
      draw();
      onPaint();
    },
  }, "Clear");
  draw();
  return h("div", { class: "run-pad-frame" }, canvas, clear);
}
