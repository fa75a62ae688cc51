// Plays one video and rates it: countdown, samples on the video's clock, pauses and their reasons, the end.

import { MediaClock } from "/static/media_clock.js";
import { Sampler } from "/static/sampler.js";
import { Scale } from "/static/scale.js";
import { show } from "/static/screens.js";
import { clock as shownTime, text } from "/static/texts.js";
import { Uplink } from "/static/uplink.js";

const SEND_MS = 100;
const REWIND_S = 2; // before the place where the rater stopped: those seconds are rated again
const $ = (id) => document.getElementById(id);

/** Resolves when the video was played to its end and everything is saved; rejects with the reason where it cannot be. */
export async function playVideo(session, video, device) {
  const screen = new RatingScreen(session, video, device);
  try {
    await screen.run();
  } finally {
    screen.remove();
  }
}

class RatingScreen {
  constructor(session, video, device) {
    Object.assign(this, { session, video, device, element: $("video"), reason: null, done: new AbortController() });
    this.scale = new Scale($("play-scale"), session.axes, session.mode === "bounded");
    this.input = device.make(this.scale);
    this.input.onLost = () => this.pause("paused_gamepad", "input_lost");
    this.clock = new MediaClock(this.element);
    this.sampler = new Sampler(this.clock, this.input, session.sample_hz, (row) => this.uplink?.sample(row));
    if (video.name) this.uplink = new Uplink(video.name, session.rater, this.reports());
  }

  listen(target, name, handler) {
    target.addEventListener(name, handler, { signal: this.done.signal });
  }

  reports() {
    return {
      lost: () => this.pause("paused_connection", "connection_lost"),
      back: () => { if (this.reason === "paused_connection") this.showPause("pause_hint"); },
      saved: (timeS) => {
        const missed = this.sampler.missed ? `, ${text("dropped", { count: this.sampler.missed })}` : "";
        $("saved").textContent = text("saved", { time: shownTime(timeS) }) + missed;
      },
      problem: (problem) => { this.failed = true; this.pause("paused_disk", "not_saved", { problem }); },
      finished: () => this.finish?.(),
    };
  }

  async run() {
    $("saved").textContent = "";
    $("paused").hidden = true;
    show("play");
    this.scale.layOut();
    await this.load();
    if (this.uplink) await this.uplink.begin(this.video.resume);
    this.uplink?.event("input", this.element.currentTime, this.device.kind);
    this.input.start();
    this.draw();
    this.watch();
    await this.countDown();
    const ended = new Promise((resolve) => this.listen(this.element, "ended", resolve));
    await this.play("play");
    await ended;
    await this.end();
  }

  /** Load the video, and go to the place where the rater stopped. */
  async load() {
    const { element, video } = this;
    element.muted = !this.session.sound;
    element.src = video.url;
    await new Promise((resolve, reject) => {
      this.listen(element, "loadeddata", resolve);
      this.listen(element, "error", () => reject(new Error(text("cannot_play", { video: video.name || text("practice_heading") }))));
    });
    const fromS = video.resume ? Math.max(0, video.resume_s - REWIND_S) : 0;
    if (fromS > 0) {
      const there = new Promise((resolve) => this.listen(element, "seeked", resolve));
      element.currentTime = fromS;
      await there;
    }
  }

  watch() {
    this.listen($("pause"), "click", () => this.toggle());
    this.listen($("go-on"), "click", () => this.toggle());
    this.listen($("full-screen"), "click", () => this.toggleFullScreen());
    this.listen(window, "keydown", (event) => {
      if (event.code !== "Space" || event.repeat) return;
      event.preventDefault();
      this.toggle();
    });
    this.listen(document, "visibilitychange", () => { if (document.hidden) this.pause("paused_hidden", "page_hidden"); });
    this.listen(this.element, "waiting", () => this.uplink?.event("stall", this.element.currentTime));
    this.listen(this.element, "pause", () => {
      // not by this page: a media key, or the system
      if (!this.reason && !this.element.ended) this.pause("pause_hint", "pause");
    });
    this.sending = setInterval(() => this.uplink?.flush(), SEND_MS);
  }

  async countDown() {
    this.counting = true;
    for (let left = this.session.countdown_s; left > 0; left -= 1) {
      $("countdown").textContent = left;
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
    $("countdown").textContent = "";
    this.counting = false;
  }

  async play(event) {
    if (this.reason) await new Promise((resolve) => { this.started = resolve; }); // paused during the countdown
    this.uplink?.event(event, this.element.currentTime);
    this.sampler.start(this.element.currentTime);
    await this.element.play();
  }

  toggle() {
    document.activeElement?.blur(); // the space bar would press a button, too
    if (this.reason) this.goOn();
    else this.pause("pause_hint", "pause");
  }

  pause(reason, event, places = {}) {
    if (this.ending) return;
    const first = !this.reason;
    this.showPause(reason, places);
    if (!first) return;
    this.sampler.stop();
    this.element.pause();
    this.uplink?.event(event, this.element.currentTime);
  }

  showPause(reason, places = {}) {
    this.reason = reason;
    $("paused-text").textContent = text(reason, places);
    $("go-on").hidden = reason === "paused_connection";
    $("paused").hidden = false;
    if (!$("go-on").hidden) $("go-on").focus();
  }

  async goOn() {
    if (this.reason === "paused_connection" || document.hidden) return;
    if (this.reason === "paused_gamepad" && !this.input.pad) return;
    if (this.failed) {
      this.failed = false;
      this.showPause("paused_connection");
      this.uplink.retry(); // `back` or `problem` follows
      return;
    }
    this.reason = null;
    $("paused").hidden = true;
    if (this.counting) return;
    if (this.started) {
      this.started();
      this.started = null;
      return;
    }
    await this.play("resume");
  }

  toggleFullScreen() {
    if (document.fullscreenElement) document.exitFullscreen();
    else $("play").requestFullscreen().catch(() => {});
    $("full-screen").blur();
  }

  draw() {
    if (this.done.signal.aborted) return;
    const now = performance.now();
    this.input.tick(now);
    this.scale.draw(this.input.values, now);
    requestAnimationFrame(() => this.draw());
  }

  /** The video was played to its end: take the last samples, and wait until the server has written the files. */
  async end() {
    this.sampler.take(this.clock.timeAt(performance.now()));
    this.sampler.stop();
    this.ending = true;
    if (!this.uplink) return;
    await new Promise((resolve) => {
      this.finish = resolve;
      this.uplink.finish(this.sampler.missed);
    });
  }

  remove() {
    clearInterval(this.sending);
    this.done.abort();
    this.sampler.stop();
    this.input.stop();
    this.scale.remove();
    this.uplink?.close();
    this.element.removeAttribute("src");
    this.element.load();
    if (document.fullscreenElement) document.exitFullscreen();
  }
}
