/** Moving along the epochs that a chart shows. */

/**
 * Shift and drag moves along the epochs; so does a wheel that turns sideways.
 *
 * @param {HTMLElement} root @param {import("./chart.js").Chart} chart
 * @param {() => [number, number]} shown @param {(range: [number, number]) => void} onRange
 */
export function dragToPan(root, chart, shown, onRange) {
  const by = (/** @type {number} */ pixels) => {
    const [from, to] = shown();
    const width = chart.plot === null ? 1 : chart.plot.bbox.width / devicePixelRatio;
    const distance = (pixels / width) * (to - from);
    onRange([from - distance, to - distance]);
  };
  root.addEventListener("pointerdown", (down) => {
    if (!down.shiftKey) return;
    down.preventDefault();
    down.stopPropagation();
    let x = down.clientX;
    const stop = new AbortController();
    addEventListener("pointermove", (move) => {
      by(move.clientX - x);
      x = move.clientX;
    }, { signal: stop.signal });
    addEventListener("pointerup", () => stop.abort(), { signal: stop.signal });
  }, { capture: true });
  root.addEventListener("mousedown", (down) => {
    if (down.shiftKey) down.stopPropagation();
  }, { capture: true });
  root.addEventListener("wheel", (event) => {
    if (Math.abs(event.deltaX) <= Math.abs(event.deltaY)) return;
    event.preventDefault();
    by(-event.deltaX);
  }, { passive: false });
}
