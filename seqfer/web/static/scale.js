// Draws the scale and its marker: a bar for one axis (upright beside the video, level below it on narrow screens), a square for two, and on an unbounded
// scale the course of the rating.

const THICK = 56;
const HISTORY_MS = 15000;

export class Scale {
  /** `longest` is the most pixels of its length. */
  constructor(element, axes, bounded, longest = 560) {
    Object.assign(this, { element, axes, bounded, longest, history: [] });
    this.plane = axes.length === 2 && bounded;
    this.canvas = document.createElement("canvas");
    this.canvas.tabIndex = -1;
    this.canvas.setAttribute("role", "img");
    this.canvas.setAttribute("aria-label", axes.map((axis) => `${axis.name}: ${axis.low} - ${axis.high}`).join("; "));
    const upright = axes[axes.length - 1];
    const texts = [["high", upright.high], null, ["low", upright.low], ["left", axes[0].low], ["right", axes[0].high]];
    element.replaceChildren(...texts.map((text) => (text ? labelled(...text) : this.canvas)));
    element.classList.toggle("plane", this.plane);
    this.resize = () => this.layOut();
    window.addEventListener("resize", this.resize);
    this.layOut();
  }

  remove() {
    window.removeEventListener("resize", this.resize);
    this.element.replaceChildren();
  }

  layOut() {
    const narrow = window.matchMedia("(max-width: 700px)").matches;
    const long = Math.max(150, narrow ? window.innerWidth - 220 : Math.min(this.longest, window.innerHeight - 240));
    const square = Math.max(160, narrow ? Math.min(260, window.innerWidth - 210) : Math.min(420, this.longest, window.innerHeight - 240, window.innerWidth * 0.3));
    this.level = narrow && !this.plane && this.bounded;
    this.element.classList.toggle("wide", this.level);
    const sizes = this.plane ? [square, square] : !this.bounded ? [narrow ? long : 240, narrow ? 130 : long] : this.level ? [long, THICK] : [THICK, long];
    const dense = window.devicePixelRatio || 1;
    [this.width, this.height] = sizes;
    this.canvas.width = this.width * dense;
    this.canvas.height = this.height * dense;
    this.canvas.style.width = `${this.width}px`;
    this.canvas.style.height = `${this.height}px`;
    this.context = this.canvas.getContext("2d");
    this.context.setTransform(dense, 0, 0, dense, 0, 0);
  }

  /** The values of the axes at a place of the page; beyond the scale they are beyond -1 and 1. */
  valuesAt(x, y) {
    const box = this.canvas.getBoundingClientRect();
    const across = (2 * (x - box.left)) / box.width - 1;
    const up = 1 - (2 * (y - box.top)) / box.height;
    if (this.plane || this.axes.length === 2) return [across, up];
    return [this.level ? across : up];
  }

  draw(values, nowMs) {
    const style = getComputedStyle(document.documentElement);
    this.colour = (name) => style.getPropertyValue(name).trim();
    this.context.clearRect(0, 0, this.width, this.height);
    if (!this.bounded) this.drawCourse(values, nowMs);
    else if (this.plane) this.drawPlane(values);
    else this.drawBar(values[0]);
  }

  drawBar(value) {
    const { context, level } = this;
    const long = level ? this.width : this.height;
    const fill = level ? context.createLinearGradient(0, 0, long, 0) : context.createLinearGradient(0, long, 0, 0);
    ["--low", "--middle", "--high"].forEach((name, at) => fill.addColorStop(at / 2, this.colour(name)));
    context.fillStyle = fill;
    this.box(0, 0, long, THICK);
    context.fillStyle = this.colour("--ink");
    for (let tick = -1; tick <= 1; tick += 0.25) this.box(this.along(tick) - 0.5, tick === 0 ? 8 : 20, 1, THICK - (tick === 0 ? 16 : 40));
    const at = Math.max(6, Math.min(long - 6, this.along(value)));
    context.fillStyle = this.colour("--surface");
    this.box(at - 7, 0, 14, THICK);
    context.fillStyle = this.colour("--ink");
    this.box(at - 4, 3, 8, THICK - 6);
  }

  along(value) {
    return ((value + 1) / 2) * (this.level ? this.width : this.height);
  }

  /** A rectangle by its place along the bar. */
  box(from, side, length, thick) {
    if (this.level) this.context.fillRect(from, side, length, thick);
    else this.context.fillRect(side, this.height - from - length, thick, length);
  }

  drawPlane([x, y]) {
    const { context, width, height } = this;
    context.fillStyle = this.colour("--surface");
    context.fillRect(0, 0, width, height);
    context.fillStyle = this.colour("--middle");
    context.fillRect(width / 2 - 1, 0, 2, height);
    context.fillRect(0, height / 2 - 1, width, 2);
    context.strokeStyle = this.colour("--soft");
    context.strokeRect(0.5, 0.5, width - 1, height - 1);
    context.beginPath();
    context.arc(((x + 1) / 2) * (width - 20) + 10, ((1 - y) / 2) * (height - 20) + 10, 9, 0, 2 * Math.PI);
    context.fillStyle = this.colour("--main");
    context.fill();
    context.lineWidth = 2;
    context.strokeStyle = this.colour("--ink");
    context.stroke();
    context.lineWidth = 1;
  }

  drawCourse(values, nowMs) {
    const { context, width, height } = this;
    this.history.push([nowMs, ...values]);
    while (this.history[0][0] < nowMs - HISTORY_MS) this.history.shift();
    const largest = Math.max(1, ...this.history.flatMap((row) => row.slice(1).map(Math.abs)));
    context.fillStyle = this.colour("--surface");
    context.fillRect(0, 0, width, height);
    context.fillStyle = this.colour("--middle");
    context.fillRect(0, height / 2 - 0.5, width, 1);
    values.forEach((value, axis) => {
      context.strokeStyle = context.fillStyle = this.colour(axis ? "--low" : "--main");
      context.lineWidth = 3;
      context.beginPath();
      const place = (row) => [width - 14 - ((nowMs - row[0]) / HISTORY_MS) * width, height / 2 - (row[axis + 1] / largest) * (height / 2 - 10)];
      for (const row of this.history) context.lineTo(...place(row));
      context.stroke();
      context.beginPath();
      context.arc(...place(this.history[this.history.length - 1]), 7, 0, 2 * Math.PI);
      context.fill();
    });
    context.lineWidth = 1;
  }
}

function labelled(name, text) {
  const label = document.createElement("span");
  label.className = name;
  label.textContent = text;
  return label;
}
