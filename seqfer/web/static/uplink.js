// Sends samples and events to the server, and keeps them until the server's disk has them. After a lost connection it connects again and sends the rest.

const RETRY_MS = 1000;
const BUSY_RETRIES = 15; // the server may not know yet that the old connection is gone

export class Uplink {
  /** `on` has lost(), back(), saved(timeS), problem(text) and finished(). */
  constructor(video, rater, on) {
    Object.assign(this, { video, rater, on, count: 0, unsaved: [], attempt: 0, open: false, closed: false, ending: null, rows: [] });
  }

  /** Begin; resolves to true once the server has begun, and rejects with its reason where it refuses. */
  begin(resume) {
    this.resume = resume;
    return new Promise((resolve, reject) => {
      this.settled = false;
      this.resolve = resolve;
      this.reject = reject;
      this.refusals = 0;
      this.connect();
    });
  }

  connect() {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/api/rate`);
    this.socket = socket;
    socket.onopen = () => socket.send(JSON.stringify({ begin: this.video, rater: this.rater, resume: this.resume, attempt: this.attempt }));
    socket.onmessage = (event) => this.hear(JSON.parse(event.data));
    socket.onclose = () => this.lose(socket);
  }

  hear(message) {
    if (message.begun) {
      this.attempt = message.begun.attempt;
      this.open = true;
      this.refusals = 0;
      for (const { text } of this.unsaved) this.socket.send(text);
      if (this.ending) this.socket.send(this.ending);
      if (this.settled) this.on.back();
      this.settled = true;
      this.resolve();
    } else if (message.saved !== undefined) {
      const done = this.unsaved.filter(({ number }) => number <= message.saved);
      this.unsaved = this.unsaved.filter(({ number }) => number > message.saved);
      if (done.length) this.on.saved(done[done.length - 1].timeS);
    } else if (message.finished) {
      this.closed = true;
      this.on.finished();
    } else if (message.problem) {
      this.refuse(message.problem);
    }
  }

  refuse(problem) {
    if (this.open) {
      this.stopped = true; // connects again when the rater goes on
      this.on.problem(problem);
    } else if (!this.settled) {
      this.closed = true;
      this.reject(new Error(problem));
    } else if ((this.refusals += 1) > BUSY_RETRIES) {
      this.stopped = true;
      this.on.problem(problem);
    }
  }

  lose(socket) {
    if (socket !== this.socket || this.closed) return;
    const was = this.open;
    this.open = false;
    if (this.stopped) return;
    if (was) this.on.lost();
    if (!this.settled && !was) {
      this.closed = true;
      this.reject(new Error("no connection to the server"));
    } else {
      setTimeout(() => this.connect(), RETRY_MS);
    }
  }

  /** After a problem of the server: connect again, and send what is not saved. */
  retry() {
    this.stopped = false;
    this.refusals = 0;
    this.connect();
  }

  sample(row) {
    this.rows.push(row);
  }

  /** Send the samples that came since the last call. */
  flush() {
    if (this.rows.length) this.send({ samples: this.rows }, this.rows[this.rows.length - 1][0]);
    this.rows = [];
  }

  event(event, timeS, detail = "") {
    this.flush();
    this.send({ event, time_s: timeS, detail }, timeS);
  }

  send(message, timeS) {
    this.count += 1;
    const text = JSON.stringify({ ...message, upto: this.count });
    this.unsaved.push({ number: this.count, timeS, text });
    if (this.open) this.socket.send(text);
  }

  finish(dropped) {
    this.flush();
    this.ending = JSON.stringify({ finish: true, dropped });
    if (this.open) this.socket.send(this.ending);
  }

  close() {
    this.closed = true;
    this.socket?.close();
  }
}
