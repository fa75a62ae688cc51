// Takes the input's value at equal steps of video time: sample k is at k / rate seconds. A sample that is late by a whole step or more was missed: it is
// counted and not made up.

const TICK_MS = 4;

export class Sampler {
  constructor(clock, input, rateHz, onSample) {
    Object.assign(this, { clock, input, rateHz, onSample, missed: 0, next: Infinity, running: false });
  }

  /** From this time of the video on; after a pause from the first sample that has not been taken. */
  start(fromS) {
    this.next = Math.min(this.next, Math.max(0, Math.ceil(fromS * this.rateHz - 1e-6)));
    this.running = true;
    this.tick();
  }

  stop() {
    this.running = false;
  }

  tick() {
    if (!this.running) return;
    const now = performance.now();
    this.input.tick(now);
    this.take(this.clock.timeAt(now));
    setTimeout(() => this.tick(), TICK_MS);
  }

  take(timeS) {
    if (timeS === null) return;
    for (; this.next / this.rateHz <= timeS; this.next += 1) {
      const late = timeS - this.next / this.rateHz;
      if (late >= 1 / this.rateHz) this.missed += 1;
      else this.onSample([round(this.next / this.rateHz), ...this.input.values.map(round)]);
    }
  }
}

function round(value) {
  return Math.round(value * 1e6) / 1e6;
}
