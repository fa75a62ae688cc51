// The course of a rating session: name, instructions, input, practice, the videos one after the other, breaks, thanks.

import { runCheck } from "/static/check.js";
import { connectedGamepad, makeInput } from "/static/inputs.js";
import { playVideo } from "/static/play.js";
import { Scale } from "/static/scale.js";
import { show } from "/static/screens.js";
import { clock, fillTexts, text, useTexts } from "/static/texts.js";

const $ = (id) => document.getElementById(id);
const GAMEPAD_KEY = "seqfer-gamepad";

/** Resolves when one of the buttons (or the space bar, for the first visible one) is pressed, with that button. */
function pressed(...buttons) {
  return new Promise((resolve) => {
    const done = new AbortController();
    const finish = (button) => { done.abort(); resolve(button); };
    for (const button of buttons) button.addEventListener("click", () => finish(button), { signal: done.signal });
    window.addEventListener("keydown", (event) => {
      if (event.code !== "Space" || event.repeat || event.target instanceof HTMLButtonElement) return;
      event.preventDefault();
      finish(buttons.find((button) => !button.hidden));
    }, { signal: done.signal });
  });
}

async function readSession(rater) {
  const answer = await fetch(`/api/session?rater=${encodeURIComponent(rater)}`);
  const found = answer.ok || answer.status === 400 ? await answer.json() : { problem: await answer.text() };
  if (found.problem) throw new Error(found.problem);
  return found;
}

/** Ask for the rater's name until the server takes it; resolves to the session with the videos in this rater's order. */
function askName(session) {
  const chosen = session.raters.length > 0;
  const [field, list] = [$("rater"), $("rater-choice")];
  field.hidden = chosen;
  field.required = !chosen;
  list.hidden = !chosen;
  list.replaceChildren(...session.raters.map((name) => new Option(name, name)));
  $("name-problem").textContent = "";
  show("name");
  (chosen ? list : field).focus();
  return new Promise((resolve) => {
    $("name-form").onsubmit = async (event) => {
      event.preventDefault();
      try {
        const found = await readSession(chosen ? list.value : field.value);
        if (found.busy) throw new Error(`${found.rater} is rating in another window; close it, or use another name`);
        if (found.rater) resolve(found);
      } catch (error) {
        $("name-problem").textContent = error.message;
      }
    };
  });
}

async function showInstructions(session) {
  const holder = $("instructions-text");
  if (session.instructions) {
    holder.innerHTML = session.instructions; // Markdown that the server turned into HTML, with all HTML in it escaped
  } else {
    const videos = session.video_count === 1 ? text("one_video") : text("many_videos", { count: session.video_count });
    const words = document.createElement("p");
    words.textContent = text("instructions_default", { videos });
    holder.replaceChildren(words);
  }
  show("instructions");
  await pressed($("instructions").querySelector("[data-next]"));
}

function storedGamepad(axes) {
  const usual = { axes: axes.map((_, at) => ({ axis: axes.length === 1 ? 1 : at, invert: axes.length === 1 || at === 1 })), deadZone: 0.05 };
  try {
    const stored = JSON.parse(localStorage.getItem(GAMEPAD_KEY));
    return stored && stored.axes.length === axes.length ? stored : usual;
  } catch {
    return usual;
  }
}

/** The settings of a joystick: an axis and its direction for each axis of the scale, and the dead zone. */
function gamepadForm(session, settings) {
  const rows = session.axes.map(({ name }, at) => {
    const axis = document.createElement("input");
    Object.assign(axis, { type: "number", min: 0, max: 15, value: settings.axes[at].axis });
    axis.oninput = () => { settings.axes[at].axis = Math.max(0, Math.trunc(Number(axis.value)) || 0); };
    const invert = document.createElement("input");
    Object.assign(invert, { type: "checkbox", checked: settings.axes[at].invert });
    invert.onchange = () => { settings.axes[at].invert = invert.checked; };
    return [field(text("gamepad_axis", { axis: name }), axis), field(text("gamepad_invert"), invert)];
  });
  const zone = document.createElement("input");
  Object.assign(zone, { type: "range", min: 0, max: 0.4, step: 0.01, value: settings.deadZone });
  zone.oninput = () => { settings.deadZone = Number(zone.value); };
  $("gamepad-settings").replaceChildren(...rows.flat(), field(text("dead_zone"), zone));
}

function field(words, input) {
  const label = document.createElement("label");
  label.append(...(input.type === "checkbox" ? [input, ` ${words}`] : [words, input]));
  return label;
}

/** The calibration screen: choose a device and see its value live. Resolves to a function that makes the input for a scale. */
async function chooseInput(session) {
  const bounded = session.mode === "bounded";
  const scale = new Scale($("input-scale"), session.axes, bounded, session.axes.length === 2 ? 170 : 280);
  const settings = storedGamepad(session.axes);
  let kind = connectedGamepad() ? "gamepad" : "mouse";
  let input = null;
  let drawing = true;
  const change = () => {
    input?.stop();
    input = makeInput(kind, session.axes.length, bounded, scale, settings);
    input.start();
    $("gamepad-settings").hidden = kind !== "gamepad";
    $("keys-hint").hidden = kind !== "keys";
  };
  for (const choice of $("input-choice").elements) {
    if (choice.type !== "radio") continue;
    choice.checked = choice.value === kind;
    choice.onchange = () => { kind = choice.value; change(); };
    choice.onclick = (event) => { if (event.detail) choice.blur(); }; // by the mouse: arrow keys move the marker then, not the choice
  }
  gamepadForm(session, settings);
  change();
  show("input");
  const draw = (nowMs) => {
    if (!drawing) return;
    input.tick(nowMs);
    scale.draw(input.values, nowMs);
    $("live-value").textContent = input.values.map((value) => value.toFixed(2)).join(" / ");
    $("gamepad-none").hidden = kind !== "gamepad" || connectedGamepad() !== null;
    requestAnimationFrame(draw);
  };
  requestAnimationFrame(draw);
  await pressed($("input").querySelector("[data-next]"));
  drawing = false;
  input.stop();
  scale.remove();
  localStorage.setItem(GAMEPAD_KEY, JSON.stringify(settings));
  return { kind, make: (onScale) => makeInput(kind, session.axes.length, bounded, onScale, settings) };
}

/** Show what comes, and wait for the start; resolves to whether the rater continues an unfinished attempt. */
async function getReady(heading, hint, resumeS) {
  const [go, start] = [$("ready-continue"), $("ready-start")];
  $("ready-heading").textContent = heading;
  $("ready-hint").textContent = resumeS ? text("continue_hint") : hint;
  go.hidden = !resumeS;
  go.textContent = resumeS ? text("continue_at", { time: clock(resumeS) }) : "";
  start.textContent = resumeS ? text("begin_again") : text("start");
  start.classList.toggle("main", !resumeS);
  show("ready");
  return (await pressed(go, start)) === go;
}

async function takeBreak(seconds) {
  const next = $("break-next");
  const until = performance.now() + seconds * 1000;
  show("break");
  for (let left = seconds; left > 0; left = Math.ceil((until - performance.now()) / 1000)) {
    next.disabled = true;
    $("break-hint").textContent = text("break_hint", { seconds: Math.ceil(left) });
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  next.disabled = false;
  $("break-hint").textContent = "";
  next.focus();
  await pressed(next);
}

function showProgress(session) {
  const done = session.videos.filter((video) => video.done).length;
  $("progress").textContent = text("progress", { done, count: session.videos.length });
}

/** Play one video until it is rated; a problem is shown on the screen before it, from where the rater tries again. */
async function rateVideo(session, video, device, number) {
  for (;;) {
    const heading = text("ready_heading", { number, count: session.videos.length });
    const resume = await getReady(heading, text("ready_hint"), video.resume_s);
    try {
      $("ready-problem").textContent = "";
      await playVideo(session, { ...video, url: `/videos/${encodeURIComponent(video.name)}`, resume }, device);
      return;
    } catch (error) {
      $("ready-problem").textContent = error.message;
      const again = await readSession(session.rater).catch(() => null);
      Object.assign(video, again?.videos.find((one) => one.name === video.name) ?? {});
    }
  }
}

async function rateAll(session) {
  showProgress(session);
  await showInstructions(session);
  const device = await chooseInput(session);
  if (session.practice && session.videos.some((video) => !video.done)) {
    await getReady(text("practice_heading"), text("practice_hint"), null);
    await playVideo(session, { name: "", url: "/practice", resume: false }, device);
  }
  for (const [at, video] of session.videos.entries()) {
    if (video.done) continue;
    await rateVideo(session, video, device, at + 1);
    video.done = true;
    showProgress(session);
    if (session.videos.some((one) => !one.done)) await takeBreak(session.break_s);
  }
  $("done-hint").textContent = text("done_hint", { rater: session.rater });
  $("next-rater").hidden = !session.owner;
  show("done");
  await pressed($("next-rater"));
}

async function main() {
  let session = await readSession("");
  useTexts(session.texts);
  document.documentElement.lang = session.language || "en";
  document.title = session.title;
  document.querySelector("[data-title]").textContent = session.title;
  fillTexts();
  if (session.check_s) {
    const device = await chooseInput(session);
    await runCheck(session, device);
    return;
  }
  for (;;) {
    if (!session.rater) session = await askName(session);
    await rateAll(session);
    session = await readSession("");
    $("rater").value = "";
    $("progress").textContent = "";
  }
}

main().catch((error) => {
  $("error-text").textContent = error.message;
  show("error");
});
