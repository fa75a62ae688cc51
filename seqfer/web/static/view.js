// The viewer: a list of runs, and one run with its video, boxes and timeline.

import { drawBoxes, topEmotion } from "/static/boxes.js";
import { Corrections } from "/static/corrections.js";
import { RunRows } from "/static/run_rows.js";
import { show } from "/static/screens.js";
import { Timeline, shownTime } from "/static/timeline.js";

const $ = (id) => document.getElementById(id);
const NUMBERS = ["seconds", "faces"];

async function ask(path) {
  const answer = await fetch(path);
  if (answer.ok) return answer.json();
  const text = await answer.text();
  let problem = text;
  try { problem = JSON.parse(text).problem; } catch { /* plain text */ }
  throw new Error(problem);
}

class RunList {
  constructor(runs) {
    Object.assign(this, { runs, by: "name", down: false });
    for (const button of document.querySelectorAll("[data-sort]")) {
      button.onclick = () => {
        this.down = this.by === button.dataset.sort && !this.down;
        this.by = button.dataset.sort;
        this.draw();
      };
    }
    $("search").oninput = () => this.draw();
    this.draw();
    show("list");
  }

  draw() {
    const wanted = $("search").value.toLowerCase();
    const compare = NUMBERS.includes(this.by) ? (a, b) => (a[this.by] ?? 0) - (b[this.by] ?? 0) : (a, b) => String(a[this.by]).localeCompare(b[this.by]);
    const shown = this.runs.filter((run) => `${run.name} ${run.video} ${run.model}`.toLowerCase().includes(wanted)).sort(compare);
    if (this.down) shown.reverse();
    $("runs").tBodies[0].replaceChildren(...shown.map((run) => this.row(run)));
    $("none").hidden = shown.length > 0;
    for (const button of document.querySelectorAll("[data-sort]")) {
      const head = button.parentElement;
      if (button.dataset.sort === this.by) head.setAttribute("aria-sort", this.down ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    }
  }

  row(run) {
    const line = document.createElement("tr");
    const link = Object.assign(document.createElement("a"), { href: `#${encodeURIComponent(run.name)}`, textContent: run.name });
    const cells = [run.video, run.seconds === null ? "-" : shownTime(run.seconds, 0), run.faces, run.model, run.created.slice(0, 16).replace("T", " ")];
    if (!run.complete) cells[0] += " (not complete)";
    line.append(cell(link), ...cells.map(cell));
    return line;
  }
}

function cell(content) {
  const made = document.createElement("td");
  made.append(content);
  return made;
}

export class Viewer {
  constructor(run) {
    Object.assign(this, { run, video: $("video"), rows: new RunRows(run.name), timeS: 0, frameS: null, face: run.faces[0]?.face ?? null, looping: false });
    $("title").textContent = run.name;
    document.title = `${run.name} - seqfer`;
    $("facts").textContent = `${run.video}, ${shownTime(run.length_s, 0)}, ${run.faces.length} ${run.faces.length === 1 ? "face" : "faces"}`;
    $("problem").textContent = [run.problem, ...run.notes].filter(Boolean).join(" ");
    $("stage").classList.toggle("missing", !run.playable);
    this.legend();
    show("viewer");
    if (run.playable) {
      this.video.src = `/video?run=${encodeURIComponent(run.name)}`;
      this.video.addEventListener("error", () => this.withoutVideo("This browser cannot play the video; the timeline shows its rows."));
      this.watchFrames();
    }
    this.timeline = new Timeline($("timeline"), run, {
      seek: (timeS) => this.seek(timeS),
      select: (span) => { if (!span) this.setLoop(false); },
      chooseFace: (face) => { this.face = face; this.corrections.choose(face); },
    });
    this.corrections = new Corrections(this);
    this.listen();
    this.draw();
  }

  /** Read the run again after a correction; the place in the video stays. */
  async reload() {
    const found = await ask(`/api/run?run=${encodeURIComponent(this.run.name)}`);
    Object.assign(this.run, found, { playable: this.run.playable });
    this.rows = new RunRows(this.run.name);
    this.frameS = null;
    this.timeline.reload();
  }

  get playable() {
    return this.run.playable;
  }

  withoutVideo(problem) {
    this.run.playable = false;
    $("stage").classList.add("missing");
    $("problem").textContent = problem;
  }

  legend() {
    const items = this.run.classes.map((name) => {
      const item = document.createElement("span");
      item.textContent = name;
      item.style.setProperty("--swatch", this.run.colours[name]);
      return item;
    });
    if (this.run.has_valence) items.push(Object.assign(document.createElement("b"), { textContent: "line: valence from -1 (bottom) to 1 (top)" }));
    $("legend").replaceChildren(...items);
  }

  /** The time of the frame that the browser shows, for every frame. */
  watchFrames() {
    if (!("requestVideoFrameCallback" in this.video)) {
      this.video.addEventListener("timeupdate", () => { this.timeS = this.video.currentTime; });
      return;
    }
    this.video.requestVideoFrameCallback((_, frame) => {
      this.timeS = frame.mediaTime;
      this.watchFrames();
    });
  }

  listen() {
    $("play-button").onclick = () => this.toggle();
    $("back").onclick = () => this.step(-1);
    $("forward").onclick = () => this.step(1);
    $("loop").onclick = () => this.setLoop(!this.looping);
    $("whole").onclick = () => this.timeline.show(0, this.run.length_s);
    $("speed").onchange = () => { this.video.playbackRate = Number($("speed").value); };
    window.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT)$/.test(event.target.tagName)) return;
      if (event.key === " " && /^(BUTTON|SUMMARY)$/.test(event.target.tagName)) return; // the space bar presses it
      const keys = {
        " ": () => this.toggle(), ",": () => this.step(-1), ".": () => this.step(1), l: () => this.setLoop(!this.looping),
        ArrowLeft: () => this.seek(this.timeS - 1), ArrowRight: () => this.seek(this.timeS + 1), Home: () => this.timeline.show(0, this.run.length_s),
        "+": () => this.timeline.zoom(1 / 1.5, this.timeS), "-": () => this.timeline.zoom(1.5, this.timeS),
      };
      if (!(event.key in keys)) return;
      event.preventDefault();
      keys[event.key]();
    });
  }

  toggle() {
    if (!this.playable) return;
    if (this.video.paused) this.video.play();
    else this.video.pause();
  }

  setLoop(on) {
    this.looping = on && this.timeline.selection !== null;
    $("loop").setAttribute("aria-pressed", String(this.looping));
    if (this.looping) this.seek(this.timeline.selection[0]);
  }

  /** Show the frame at this time. A little later than its time, because browsers show the frame before for a time between two. */
  seek(timeS) {
    const time = Math.max(0, Math.min(this.run.length_s - 1e-3, timeS));
    if (this.playable) this.video.currentTime = time + 1e-3;
    else this.timeS = time;
  }

  step(direction) {
    this.video.pause();
    const frame = this.rows.frameAt(this.timeS);
    if (frame === null) return;
    const next = direction > 0 ? this.rows.frameAfter(frame) : this.rows.frameBefore(frame);
    if (next !== null) this.seek(next);
  }

  draw() {
    if (this.looping && this.timeline.selection && this.timeS >= this.timeline.selection[1]) this.seek(this.timeline.selection[0]);
    const frame = this.rows.frameAt(this.timeS);
    const rows = frame === null ? null : this.rows.rowsOf(frame);
    $("boxes").hidden = !this.playable;
    if (this.playable) drawBoxes($("boxes"), this.run, rows, this.face);
    this.timeline.draw(this.timeS);
    if (frame !== null && (frame !== this.frameS || this.face !== this.shownFace) && rows !== null) this.drawNow(rows);
    if (rows !== null) this.frameS = frame;
    this.shownFace = this.face;
    $("time").textContent = shownTime(frame ?? this.timeS);
    $("play-button").textContent = this.video.paused ? "Play" : "Pause";
    requestAnimationFrame(() => this.draw());
  }

  /** The probabilities of the shown faces in numbers. */
  drawNow(rows) {
    const sorted = [...rows].sort((one, other) => (other.face === this.face) - (one.face === this.face) || one.face - other.face);
    $("now").replaceChildren(...sorted.slice(0, 6).map((row) => this.faceNow(row)));
  }

  faceNow(row) {
    const part = document.createElement("section");
    const head = document.createElement("h3");
    const [emotion] = topEmotion(this.run.classes, row);
    head.textContent = `Face ${row.face}: ${emotion}`;
    if (row.valence !== undefined && row.valence !== null) head.textContent += `, valence ${row.valence.toFixed(2)}`;
    part.append(head);
    for (const name of this.run.classes) {
      const line = document.createElement("div");
      line.className = "bar";
      const meter = Object.assign(document.createElement("meter"), { min: 0, max: 1, value: row[name] });
      meter.setAttribute("aria-label", name);
      line.append(name, meter, row[name].toFixed(2));
      part.append(line);
    }
    return part;
  }
}

async function main() {
  const { runs } = await ask("/api/runs");
  window.addEventListener("hashchange", () => location.reload());
  const name = decodeURIComponent(location.hash.slice(1)) || (runs.length === 1 ? runs[0].name : "");
  if (!name) return new RunList(runs);
  window.viewer = new Viewer(await ask(`/api/run?run=${encodeURIComponent(name)}`)); // also for tests
  return null;
}

main().catch((error) => {
  $("error-text").textContent = error.message;
  show("error");
});
