// The devices with which raters rate. Each has `values`, one per axis: positions from -1 to 1 on a bounded scale, sums of changes on an unbounded one.

const SPEED = 0.8; // half-scales per second, of held keys and of a joystick on an unbounded scale
const WHEEL_STEP = 0.05;

class Input {
  constructor(axes, bounded) {
    this.bounded = bounded;
    this.values = new Array(axes).fill(0);
    this.lastMs = null;
    this.listeners = [];
    this.onReport = null; // called with the time of each report of the device, in milliseconds of the page
  }

  listen(target, name, handler, options) {
    target.addEventListener(name, handler, options);
    this.listeners.push(() => target.removeEventListener(name, handler, options));
  }

  start() {}

  stop() {
    for (const remove of this.listeners.splice(0)) remove();
  }

  tick() {}

  elapsedS(nowMs) {
    const elapsed = this.lastMs === null ? 0 : (nowMs - this.lastMs) / 1000;
    this.lastMs = nowMs;
    return Math.min(elapsed, 0.1);
  }

  change(axis, by) {
    this.put(axis, this.values[axis] + by);
  }

  put(axis, value) {
    this.values[axis] = this.bounded ? Math.max(-1, Math.min(1, value)) : value;
  }

  report(event) {
    if (this.onReport) this.onReport(event.timeStamp);
  }
}

/** Mouse, pen or finger: the position along the scale, anywhere on the page. */
export class PointerInput extends Input {
  constructor(axes, bounded, scale) {
    super(axes, bounded);
    this.scale = scale;
  }

  start() {
    this.last = null;
    this.listen(window, "pointermove", (event) => this.move(event));
    this.listen(window, "pointerdown", (event) => this.move(event));
    this.listen(window, "pointerup", () => { this.last = null; });
  }

  move(event) {
    if (event.pointerType === "touch" && event.target !== this.scale.canvas) return; // fingers on buttons do not rate
    this.report(event);
    const place = this.scale.valuesAt(event.clientX, event.clientY);
    if (this.bounded) place.forEach((value, axis) => this.put(axis, value));
    else if (this.last) place.forEach((value, axis) => this.change(axis, value - this.last[axis]));
    this.last = place;
  }
}

/** The mouse wheel; on a plane the horizontal axis with Shift or a tilted wheel. */
export class WheelInput extends Input {
  start() {
    this.listen(window, "wheel", (event) => {
      event.preventDefault();
      this.report(event);
      const plane = this.values.length === 2;
      const across = plane && (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY));
      const delta = across && event.deltaX ? event.deltaX : event.deltaY;
      this.change(plane && !across ? 1 : 0, -Math.sign(delta) * WHEEL_STEP * (across ? -1 : 1));
    }, { passive: false });
  }
}

const KEYS = { ArrowUp: [1, 1], ArrowDown: [1, -1], ArrowRight: [0, 1], ArrowLeft: [0, -1] }; // axis of a plane, direction

/** Arrow keys, held down; Home is the middle. */
export class KeyInput extends Input {
  start() {
    this.held = new Set();
    this.listen(window, "keydown", (event) => {
      if (event.target instanceof HTMLInputElement) return; // arrows choose among the inputs there
      if (event.key === "Home" && this.bounded) this.values.fill(0);
      else if (event.key in KEYS) this.held.add(event.key);
      else return;
      event.preventDefault();
      this.report(event);
    });
    this.listen(window, "keyup", (event) => {
      this.held.delete(event.key);
      this.report(event);
    });
    this.listen(window, "blur", () => this.held.clear());
  }

  tick(nowMs) {
    const elapsed = this.elapsedS(nowMs);
    for (const key of this.held ?? []) {
      const [axis, direction] = KEYS[key];
      this.change(this.values.length === 2 ? axis : 0, direction * SPEED * elapsed);
    }
  }
}

/** A joystick or gamepad: on a bounded scale its position, on an unbounded one its position is the speed. */
export class GamepadInput extends Input {
  constructor(axes, bounded, settings) {
    super(axes, bounded);
    this.settings = settings; // {axes: [{axis, invert}], deadZone}
    this.onLost = null;
    this.stamp = 0;
  }

  get pad() {
    return connectedGamepad();
  }

  start() {
    this.listen(window, "gamepaddisconnected", () => {
      if (!this.pad && this.onLost) this.onLost();
    });
  }

  tick(nowMs) {
    const elapsed = this.elapsedS(nowMs);
    const pad = this.pad;
    if (!pad) return;
    if (pad.timestamp !== this.stamp && this.onReport) this.onReport(pad.timestamp);
    this.stamp = pad.timestamp;
    this.settings.axes.forEach(({ axis, invert }, at) => {
      const value = withoutDeadZone(pad.axes[axis] ?? 0, this.settings.deadZone) * (invert ? -1 : 1);
      if (this.bounded) this.put(at, value);
      else this.change(at, value * SPEED * elapsed);
    });
  }
}

export function connectedGamepad() {
  return [...navigator.getGamepads()].find((pad) => pad && pad.connected) ?? null;
}

/** 0 within the dead zone, and from its edge on evenly up to 1. */
export function withoutDeadZone(value, deadZone) {
  const size = Math.abs(value);
  return size <= deadZone ? 0 : Math.sign(value) * Math.min(1, (size - deadZone) / (1 - deadZone));
}

export function makeInput(kind, axes, bounded, scale, gamepadSettings) {
  if (kind === "gamepad") return new GamepadInput(axes, bounded, gamepadSettings);
  if (kind === "wheel") return new WheelInput(axes, bounded);
  if (kind === "keys") return new KeyInput(axes, bounded);
  return new PointerInput(axes, bounded, scale);
}
