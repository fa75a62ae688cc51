// The rows of a run, read from the server in slices around the shown time.

const SLICE_S = 10;
const MOST_SLICES = 12;

export class RunRows {
  constructor(run) {
    this.run = run;
    this.slices = new Map(); // number of the slice -> {from_s, to_s, frames, columns} or a promise of it
  }

  /** The slice with this time if it is there; else it is asked for. */
  at(timeS) {
    const number = Math.max(0, Math.floor(timeS / SLICE_S));
    this.ask(number);
    this.ask(number + 1);
    const found = this.slices.get(number);
    return found instanceof Promise ? null : (found ?? null);
  }

  ask(number) {
    if (this.slices.has(number)) return;
    const span = [number * SLICE_S, (number + 1) * SLICE_S];
    this.slices.set(number, this.read(...span).then((slice) => { this.slices.set(number, slice); }));
    if (this.slices.size > MOST_SLICES) {
      const farthest = [...this.slices.keys()].sort((one, other) => Math.abs(other - number) - Math.abs(one - number))[0];
      this.slices.delete(farthest);
    }
  }

  /** All rows of a span, in as many requests as the server needs. */
  async read(fromS, toS) {
    let whole = null;
    for (let at = fromS; at < toS;) {
      const answer = await fetch(`/api/rows?run=${encodeURIComponent(this.run)}&from=${at}&to=${toS}`);
      const part = await answer.json();
      if (whole === null) {
        whole = part;
      } else {
        whole.frames.push(...part.frames);
        for (const [name, column] of Object.entries(part.columns)) whole.columns[name].push(...column);
      }
      at = part.to_s;
    }
    return whole;
  }

  /** The time of the frame that is shown at this time: the last one that is not after it; null while its slice is on the way. */
  frameAt(timeS) {
    const slice = this.at(timeS + 1e-4);
    if (slice === null) return null;
    const place = upperBound(slice.frames, timeS + 1e-4) - 1;
    return place >= 0 ? slice.frames[place] : this.frameBefore(timeS);
  }

  /** The time of the frame after or before the one at this time; null where there is none yet. */
  frameAfter(timeS) {
    const slice = this.at(timeS + 1e-4);
    if (slice === null) return null;
    const place = upperBound(slice.frames, timeS + 1e-4);
    return slice.frames[place] ?? this.at(timeS + SLICE_S)?.frames[0] ?? null;
  }

  frameBefore(timeS) {
    for (const slice of [this.at(timeS), this.at(timeS - SLICE_S)]) {
      if (slice === null) return null;
      const place = upperBound(slice.frames, timeS - 1e-4) - 1;
      if (place >= 0) return slice.frames[place];
    }
    return null;
  }

  /** The rows of the frame with exactly this time, as objects. */
  rowsOf(frameS) {
    const slice = this.at(frameS + 1e-4);
    if (slice === null) return null;
    const { columns } = slice;
    const found = [];
    for (let at = upperBound(columns.time_s, frameS - 1e-5); at < columns.time_s.length && columns.time_s[at] < frameS + 1e-5; at += 1) {
      found.push(Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, column[at]])));
    }
    return found;
  }
}

/** The first place whose value is above `limit` in ascending values. */
export function upperBound(values, limit) {
  let [low, high] = [0, values.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] > limit) high = middle;
    else low = middle + 1;
  }
  return low;
}
