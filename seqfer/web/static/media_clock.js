// The time of a video at any moment, from the times of the frames that were shown: never from the wall clock alone, so that pauses, stalls and seeks
// do not shift it. Between two frames it runs on at the playback rate, and it stops shortly after the last frame that came.

const FRAMES_AVERAGED = 9; // display times are rounded to the screen's refresh
const LONGEST_AHEAD_S = 0.25;
const JUMP_S = 0.1;

export class MediaClock {
  constructor(video) {
    this.video = video;
    this.waiting = false;
    this.reset();
    for (const name of ["playing", "seeking", "pause"]) video.addEventListener(name, () => this.reset());
    video.addEventListener("waiting", () => { this.waiting = true; });
    video.addEventListener("playing", () => { this.waiting = false; });
    this.byFrames = "requestVideoFrameCallback" in video;
    if (this.byFrames) this.watch();
  }

  reset() {
    this.offsets = []; // seconds of the video minus seconds of the page, one per frame
    this.frameS = null;
    this.shownS = null; // time of the last frame
    this.returnedS = -Infinity;
  }

  watch() {
    this.video.requestVideoFrameCallback((now, frame) => {
      if (!this.video.paused && !this.video.seeking) this.see(frame);
      this.watch();
    });
  }

  see(frame) {
    const offset = frame.mediaTime - (frame.expectedDisplayTime / 1000) * this.video.playbackRate;
    const step = this.shownS === null ? 0 : frame.mediaTime - this.shownS;
    if (this.offsets.length && (step <= 0 || Math.abs(offset - this.mean()) > JUMP_S)) this.offsets = [];
    if (step > 0) this.frameS = this.frameS === null ? step : 0.8 * this.frameS + 0.2 * step;
    this.offsets.push(offset);
    if (this.offsets.length > FRAMES_AVERAGED) this.offsets.shift();
    this.shownS = frame.mediaTime;
  }

  mean() {
    return this.offsets.reduce((sum, one) => sum + one, 0) / this.offsets.length;
  }

  /** Seconds of the video at `nowMs` of the page; null while no frame has been shown since the video began to play. */
  timeAt(nowMs) {
    if (this.video.ended) return this.video.duration - 1e-6; // no sample at the very end, where the next second would begin
    if (!this.byFrames) return this.video.paused ? null : this.video.currentTime;
    if (!this.offsets.length || this.video.paused || this.video.seeking) return null;
    const ahead = this.waiting ? (this.frameS ?? 0) : Math.max(LONGEST_AHEAD_S, 2 * (this.frameS ?? 0));
    const time = Math.min((nowMs / 1000) * this.video.playbackRate + this.mean(), this.shownS + ahead);
    this.returnedS = Math.max(this.returnedS, time);
    return this.returnedS;
  }
}
