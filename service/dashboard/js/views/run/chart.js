/**
 * One metric over the epochs: train and validation, raw and smoothed, with the marks that matter.
 *
 * @typedef {object} Line
 * @property {string} label
 * @property {string} token the colour, by its name in the theme
 * @property {(number | null)[]} values
 * @property {boolean} [faint] the raw values behind a smoothed line
 * @property {boolean} [rate] the learning rate, which has an axis of its own
 *
 * @typedef {object} Mark
 * @property {number} epoch
 * @property {string} label
 * @property {string} token
 *
 * @typedef {object} Picture
 * @property {number[]} epochs
 * @property {Line[]} lines
 * @property {Mark[]} marks vertical lines
 * @property {Mark[]} losses where a value was not finite
 * @property {boolean} log
 * @property {[number, number]} range the epochs that are shown
 *
 * @typedef {(range: [number, number]) => void} OnRange
 */

import uPlot from "../../../vendor/uplot/uPlot.esm.js";
import { number } from "../../lib/format.js";
import { colour, font, pixels } from "../../lib/theme.js";

/** Above a chart that is saved, in pixels of the page: the height of its title, and what is left beside it. */
const HEAD = 36;
const MARGIN = 16;

export class Chart {
  /**
   * @param {HTMLElement} root Its size is that of the chart.
   * @param {{sync: string, onZoom: OnRange, onPoint: (place: number | null) => void}} how
   */
  constructor(root, how) {
    this.root = root;
    this.how = how;
    /** @type {Picture | null} */
    this.picture = null;
    /** @type {uPlot | null} */
    this.plot = null;
    this.shape = "";
    /** What tokens mean in the theme that it was built in. @type {Map<string, string>} */
    this.colours = new Map();
    this.resize = new ResizeObserver(() => this.#fit());
    this.resize.observe(root);
  }

  /** @param {Picture} picture */
  draw(picture) {
    this.picture = picture;
    const lines = picture.lines.map((line) => [line.label, line.token, line.faint, line.rate]);
    const shape = JSON.stringify([picture.log, lines]);
    if (shape !== this.shape || this.plot === null) {
      this.shape = shape;
      this.#build(picture);
      return;
    }
    const { plot } = this;
    plot.batch(() => {
      plot.setData(columns(picture), false);
      plot.setScale("x", { min: picture.range[0], max: picture.range[1] });
    });
  }

  /** Show other epochs of what is drawn already. @param {[number, number]} range */
  pan(range) {
    if (this.picture !== null) this.picture.range = range;
    this.plot?.setScale("x", { min: range[0], max: range[1] });
  }

  /** Draw again in the colours of another theme. */
  repaint() {
    if (this.picture !== null) this.#build(this.picture);
  }

  /** The chart as it is shown, below a title and its legend. @param {string} title @returns {HTMLCanvasElement} */
  toCanvas(title) {
    const shown = /** @type {uPlot} */ (this.plot).ctx.canvas;
    const canvas = document.createElement("canvas");
    canvas.width = shown.width;
    canvas.height = shown.height + HEAD * devicePixelRatio;
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    context.fillStyle = colour("--surface");
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(shown, 0, canvas.height - shown.height);
    context.scale(devicePixelRatio, devicePixelRatio);
    this.#drawHead(context, title, canvas.width / devicePixelRatio);
    return canvas;
  }

  /** @param {CanvasRenderingContext2D} context @param {string} title @param {number} width */
  #drawHead(context, title, width) {
    context.textBaseline = "middle";
    context.font = "600 15px system-ui, sans-serif";
    context.fillStyle = colour("--ink");
    context.fillText(title, MARGIN, HEAD / 2);
    context.textAlign = "right";
    context.font = "12px system-ui, sans-serif";
    let right = width - MARGIN;
    for (const line of (this.picture?.lines ?? []).filter(({ faint }) => !faint).reverse()) {
      context.fillStyle = colour(line.token);
      context.fillText(line.label, right, HEAD / 2);
      right -= context.measureText(line.label).width + MARGIN;
    }
  }

  destroy() {
    this.resize.disconnect();
    this.plot?.destroy();
  }

  /** @param {Picture} picture */
  #build(picture) {
    this.plot?.destroy();
    this.colours.clear();
    this.plot = new uPlot(this.#options(picture), columns(picture), this.root);
  }

  #fit() {
    const { clientWidth: width, clientHeight: height } = this.root;
    if (this.plot !== null && width > 0 && (width !== this.plot.width || height !== this.plot.height)) {
      this.plot.setSize({ width, height });
    }
  }

  /** @param {Picture} picture @returns {uPlot.Options} */
  #options(picture) {
    const rate = picture.lines.some((line) => line.rate);
    return {
      width: Math.max(200, this.root.clientWidth),
      height: Math.max(200, this.root.clientHeight),
      padding: [14, rate ? 4 : 24, 0, 0],
      legend: { show: false },
      cursor: {
        sync: { key: this.how.sync, setSeries: false },
        drag: { x: true, y: false, setScale: false },
        bind: { dblclick: () => null },
      },
      scales: {
        x: { time: false, range: () => /** @type {Picture} */ (this.picture).range },
        y: picture.log ? { distr: 3 } : {},
        rate: picture.log ? { distr: 3 } : {},
      },
      axes: axes(rate),
      series: [{}, ...picture.lines.map(asSeries)],
      hooks: {
        draw: [(plot) => this.#drawMarks(plot)],
        setSelect: [(plot) => this.#selected(plot)],
        setCursor: [(plot) => this.how.onPoint(plot.cursor.idx ?? null)],
      },
    };
  }

  /** @param {string} token */
  #colour(token) {
    const known = this.colours.get(token) ?? colour(token);
    this.colours.set(token, known);
    return known;
  }

  /** @param {uPlot} plot */
  #selected(plot) {
    const { left, width } = plot.select;
    if (width < 3) return;
    const from = plot.posToVal(left, "x");
    const to = plot.posToVal(left + width, "x");
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    this.how.onZoom([from, to]);
  }

  /** @param {uPlot} plot */
  #drawMarks(plot) {
    const { marks, losses, range } = /** @type {Picture} */ (this.picture);
    const { ctx } = plot;
    ctx.save();
    ctx.font = font(1.1 * uPlot.pxRatio);
    ctx.lineWidth = uPlot.pxRatio;
    for (const mark of marks) {
      if (mark.epoch >= range[0] && mark.epoch <= range[1]) drawLine(plot, mark, this.#colour(mark.token));
    }
    for (const loss of losses) {
      if (loss.epoch >= range[0] && loss.epoch <= range[1]) drawLoss(plot, loss, this.#colour(loss.token));
    }
    ctx.restore();
  }
}

/** @param {Picture} picture @returns {uPlot.AlignedData} */
function columns(picture) {
  return [picture.epochs, ...picture.lines.map((line) => line.values)];
}

/** @param {Line} line @returns {uPlot.Series} */
function asSeries(line) {
  const stroke = colour(line.token);
  const dash = line.rate ? { dash: [4, 4] } : {};
  return {
    label: line.label,
    scale: line.rate ? "rate" : "y",
    stroke,
    width: line.faint || line.rate ? 1 : 2,
    alpha: line.faint ? 0.3 : 1,
    spanGaps: false,
    points: { show: false },
    ...dash,
  };
}

/** @param {boolean} rate @returns {uPlot.Axis[]} */
function axes(rate) {
  const common = {
    stroke: colour("--muted"),
    font: font(1.2),
    ticks: { show: false },
    grid: { stroke: colour("--line"), width: 1 },
  };
  const written = (/** @type {uPlot} */ _plot, /** @type {(number | null)[]} */ splits) =>
    splits.map((value) => (value === null ? "" : number(value, 3)));
  const whole = (/** @type {uPlot} */ _plot, /** @type {(number | null)[]} */ splits) =>
    splits.map((value) => (value !== null && Number.isInteger(value) ? value.toLocaleString("en") : ""));
  const left = { ...common, scale: "y", size: pixels(5.8), values: written };
  const right = { ...common, scale: "rate", side: 1, size: pixels(5.8), values: written, grid: { show: false } };
  return [{ ...common, values: whole, size: pixels(3) }, left, ...(rate ? [right] : [])];
}

/** @param {uPlot} plot @param {Mark} mark @param {string} stroke */
function drawLine(plot, mark, stroke) {
  const { ctx, bbox } = plot;
  const x = plot.valToPos(mark.epoch, "x", true);
  ctx.strokeStyle = stroke;
  ctx.fillStyle = stroke;
  ctx.setLineDash([3 * uPlot.pxRatio, 3 * uPlot.pxRatio]);
  ctx.beginPath();
  ctx.moveTo(x, bbox.top);
  ctx.lineTo(x, bbox.top + bbox.height);
  ctx.stroke();
  const right = x > bbox.left + bbox.width * 0.8;
  ctx.textAlign = right ? "right" : "left";
  ctx.textBaseline = "top";
  ctx.fillText(mark.label, x + (right ? -5 : 5) * uPlot.pxRatio, bbox.top + 2 * uPlot.pxRatio);
}

/**
 * A triangle at the upper border: the value is beyond everything that could be drawn.
 *
 * @param {uPlot} plot @param {Mark} loss @param {string} fill
 */
function drawLoss(plot, loss, fill) {
  const { ctx, bbox } = plot;
  const x = plot.valToPos(loss.epoch, "x", true);
  const size = 6 * uPlot.pxRatio;
  ctx.fillStyle = fill;
  ctx.beginPath();
  ctx.moveTo(x - size, bbox.top - 1);
  ctx.lineTo(x + size, bbox.top - 1);
  ctx.lineTo(x, bbox.top + size * 1.4);
  ctx.fill();
  const right = x > bbox.left + bbox.width * 0.8;
  ctx.textAlign = right ? "right" : "left";
  ctx.textBaseline = "top";
  ctx.fillText(loss.label, x + (right ? -1.4 : 1.4) * size, bbox.top + 14 * uPlot.pxRatio);
}
