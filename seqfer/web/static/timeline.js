// The timeline: for each face emotions as stacked bands and valence as a line, the raters' band, cuts, selection and playhead. Zoom, pan, seek, select.

const LANE_PX = 78;
const GAP_PX = 8;
const AXIS_PX = 22;
const RATERS_PX = 84;
const SHORTEST_S = 0.4;
const MOST_LANES = 8;

export class Timeline {
  /** `on` has seek(timeS), select(span or null) and chooseFace(face). */
  constructor(canvas, run, on) {
    Object.assign(this, { canvas, run, on, span: [0, run.length_s], data: null, selection: null, asked: "" });
    this.listen();
    this.layOut();
    new ResizeObserver(() => { this.layOut(); this.ask(); }).observe(canvas.parentElement);
    this.ask();
  }

  /** After the faces have changed. */
  reload() {
    this.asked = "";
    this.layOut();
    this.ask();
  }

  layOut() {
    this.lanes = this.run.faces.slice(0, MOST_LANES);
    const dense = window.devicePixelRatio || 1;
    this.wide = this.canvas.clientWidth;
    this.high = AXIS_PX + this.lanes.length * (LANE_PX + GAP_PX) + (this.run.raters ? RATERS_PX : 0) + 6;
    this.canvas.style.height = `${this.high}px`;
    this.canvas.width = Math.round(this.wide * dense);
    this.canvas.height = Math.round(this.high * dense);
    this.context = this.canvas.getContext("2d");
    this.context.setTransform(dense, 0, 0, dense, 0, 0);
    this.layer = null;
  }

  x(timeS) {
    return ((timeS - this.span[0]) / (this.span[1] - this.span[0])) * this.wide;
  }

  timeAt(x) {
    return this.span[0] + (x / this.wide) * (this.span[1] - this.span[0]);
  }

  show(fromS, toS) {
    const long = Math.min(this.run.length_s, Math.max(SHORTEST_S, toS - fromS));
    const from = Math.max(0, Math.min(this.run.length_s - long, fromS));
    this.span = [from, from + long];
    this.layer = null;
    this.ask();
  }

  zoom(factor, aroundS) {
    const [from, to] = this.span;
    this.show(aroundS - (aroundS - from) * factor, aroundS + (to - aroundS) * factor);
  }

  /** Read the means of the shown span; while they are on the way the old ones are drawn. */
  async ask() {
    const bins = Math.max(1, Math.min(2000, Math.round(this.wide)));
    const query = `from=${this.span[0]}&to=${this.span[1]}&bins=${bins}`;
    if (query === this.asked || !this.wide) return;
    this.asked = query;
    const answer = await fetch(`/api/timeline?run=${encodeURIComponent(this.run.name)}&${query}`);
    const found = await answer.json();
    if (query !== this.asked) return; // a newer one was asked for
    this.data = found;
    this.layer = null;
  }

  listen() {
    const { canvas } = this;
    canvas.addEventListener("wheel", (event) => {
      event.preventDefault();
      if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) this.pan(event.deltaX);
      else this.zoom(event.deltaY > 0 ? 1.2 : 1 / 1.2, this.timeAt(event.offsetX));
    }, { passive: false });
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      this.drag = { fromX: event.offsetX, moved: false, pan: event.shiftKey, span: [...this.span] };
      this.pointers = (this.pointers ?? 0) + 1;
      if (this.pointers > 1) this.drag.pan = true;
    });
    canvas.addEventListener("pointermove", (event) => this.move(event));
    for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, (event) => this.release(event));
  }

  pan(pixels) {
    const shift = (pixels / this.wide) * (this.span[1] - this.span[0]);
    this.show(this.span[0] + shift, this.span[1] + shift);
  }

  move(event) {
    const { drag } = this;
    if (!drag) return;
    if (Math.abs(event.offsetX - drag.fromX) > 4) drag.moved = true;
    if (!drag.moved) return;
    if (drag.pan) {
      const shift = ((drag.fromX - event.offsetX) / this.wide) * (drag.span[1] - drag.span[0]);
      this.show(drag.span[0] + shift, drag.span[1] + shift);
    } else {
      const times = [this.timeAt(drag.fromX), this.timeAt(event.offsetX)].map((t) => Math.max(0, Math.min(this.run.length_s, t)));
      this.selection = times.sort((one, other) => one - other);
    }
  }

  release(event) {
    const { drag } = this;
    this.drag = null;
    this.pointers = Math.max(0, (this.pointers ?? 1) - 1);
    if (!drag) return;
    if (drag.moved) {
      if (!drag.pan) this.on.select(this.selection);
      return;
    }
    this.selection = null;
    this.on.select(null);
    const lane = Math.floor((event.offsetY - AXIS_PX) / (LANE_PX + GAP_PX));
    if (this.lanes[lane]) this.on.chooseFace(this.lanes[lane].face);
    this.on.seek(this.timeAt(event.offsetX));
  }

  draw(playheadS) {
    if (!this.layer) this.layer = this.drawLayer();
    const { context } = this;
    context.clearRect(0, 0, this.wide, this.high);
    context.drawImage(this.layer, 0, 0, this.wide, this.high);
    if (this.selection) {
      const [from, to] = this.selection.map((time) => this.x(time));
      context.fillStyle = "rgb(66 138 226 / .22)";
      context.fillRect(from, 0, Math.max(1, to - from), this.high);
    }
    context.fillStyle = this.colour("--ink");
    context.fillRect(this.x(playheadS) - 1, 0, 2, this.high);
  }

  colour(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  }

  /** Everything but the playhead, drawn once per zoom. */
  drawLayer() {
    const layer = document.createElement("canvas");
    const dense = window.devicePixelRatio || 1;
    layer.width = this.canvas.width;
    layer.height = this.canvas.height;
    const context = layer.getContext("2d");
    context.setTransform(dense, 0, 0, dense, 0, 0);
    context.font = "12px system-ui, sans-serif";
    this.drawAxis(context);
    this.lanes.forEach((lane, at) => this.drawLane(context, lane, AXIS_PX + at * (LANE_PX + GAP_PX)));
    if (this.run.raters) this.drawRaters(context, AXIS_PX + this.lanes.length * (LANE_PX + GAP_PX));
    context.fillStyle = this.colour("--soft");
    for (const cut of this.run.cuts_s) for (let y = AXIS_PX; y < this.high; y += 8) context.fillRect(this.x(cut), y, 1, 4);
    return layer;
  }

  drawAxis(context) {
    const long = this.span[1] - this.span[0];
    const step = [0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800].find((s) => (s / long) * this.wide >= 70) ?? 3600;
    context.fillStyle = this.colour("--soft");
    for (let at = Math.ceil(this.span[0] / step) * step; at <= this.span[1]; at += step) {
      context.fillRect(this.x(at), 14, 1, 6);
      context.fillText(shownTime(at, step < 1 ? 1 : 0), this.x(at) + 3, 12);
    }
  }

  drawLane(context, lane, top) {
    context.fillStyle = this.colour("--page");
    context.fillRect(0, top, this.wide, LANE_PX);
    const found = this.data?.faces[lane.face];
    if (found) {
      const { from_s, to_s, bins } = this.data;
      const edge = (bin) => this.x(from_s + ((to_s - from_s) * bin) / bins);
      for (let bin = 0; bin < bins; bin += 1) {
        if (found[this.run.classes[0]][bin] === null) continue;
        let base = top + LANE_PX;
        const [left, right] = [edge(bin), edge(bin + 1)];
        for (const name of this.run.classes) {
          const high = found[name][bin] * LANE_PX;
          context.fillStyle = this.run.colours[name];
          context.fillRect(left, base - high, Math.max(1, right - left + 0.5), high);
          base -= high;
        }
      }
      if (found.valence) this.drawLine(context, found.valence, (bin) => edge(bin + 0.5), top, LANE_PX, "#000", "#fff");
    }
    context.fillStyle = "rgb(0 0 0 / .66)";
    const words = lane.name ? `face ${lane.face}: ${lane.name}` : `face ${lane.face}`;
    context.fillRect(0, top, context.measureText(words).width + 12, 18);
    context.fillStyle = "#fff";
    context.fillText(words, 6, top + 13);
  }

  drawLine(context, values, placeOf, top, high, ink, edgeColour) {
    for (const [wide, colour] of [[edgeColour ? 4 : 0, edgeColour], [2, ink]]) {
      if (!wide) continue;
      context.strokeStyle = colour;
      context.lineWidth = wide;
      context.beginPath();
      let drawing = false;
      values.forEach((value, at) => {
        if (value === null) { drawing = false; return; }
        const [x, y] = [placeOf(at), top + ((1 - value) / 2) * (high - 4) + 2];
        if (drawing) context.lineTo(x, y);
        else context.moveTo(x, y);
        drawing = true;
      });
      context.stroke();
    }
    context.lineWidth = 1;
  }

  drawRaters(context, top) {
    const { low, high, mean, names } = this.run.raters;
    const tall = RATERS_PX - 10;
    const y = (value) => top + ((1 - value) / 2) * (tall - 4) + 2;
    context.fillStyle = this.colour("--page");
    context.fillRect(0, top, this.wide, tall);
    context.fillStyle = "rgb(66 138 226 / .35)";
    mean.forEach((value, second) => {
      if (value === null) return;
      context.fillRect(this.x(second), y(high[second]), this.x(second + 1) - this.x(second), Math.max(1, y(low[second]) - y(high[second])));
    });
    this.drawLine(context, mean, (second) => this.x(second + 0.5), top, tall, this.colour("--ink"), null);
    context.fillStyle = this.colour("--soft");
    context.fillText(`raters: ${names.join(", ")}`, 6, top + 13);
  }
}

export function shownTime(seconds, digits = 3) {
  const sign = seconds < 0 ? "-" : "";
  const whole = Math.abs(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const rest = (whole % 60).toFixed(digits).padStart(digits ? 3 + digits : 2, "0");
  return `${sign}${hours ? `${hours}:${String(minutes).padStart(2, "0")}` : minutes}:${rest}`;
}
