// `seqfer rate --check`: how often and how regularly the input reports in this browser, its delay to the page, and the regularity of sampling.

import { Scale } from "/static/scale.js";
import { show } from "/static/screens.js";
import { text } from "/static/texts.js";

const LATE_MS = 10;
const FEWEST = 20;
const TICK_MS = 4;
const $ = (id) => document.getElementById(id);

export async function runCheck(session, device) {
  $("check-hint").textContent = text("check_hint", { seconds: session.check_s });
  const holder = document.createElement("div");
  holder.className = "scale";
  $("check").append(holder);
  const scale = new Scale(holder, session.axes, session.mode === "bounded", 280);
  show("check");
  $("check-run").onclick = async () => {
    $("check-run").disabled = true;
    const measured = await measure(session, device, scale);
    $("check-run").disabled = false;
    $("check-problem").textContent = measured.reports_hz === null ? text("check_few") : "";
    await report({ input: device.kind, ...measured });
  };
}

async function measure(session, device, scale) {
  const [reports, delays, samples] = [[], [], []];
  const input = device.make(scale);
  input.onReport = (stampMs) => {
    reports.push(stampMs);
    delays.push(performance.now() - stampMs);
  };
  input.start();
  const begun = performance.now();
  await new Promise((resolve) => {
    const tick = () => {
      const now = performance.now();
      input.tick(now);
      scale.draw(input.values, now);
      if (now - begun >= (samples.length * 1000) / session.sample_hz) samples.push(now);
      if (now - begun < session.check_s * 1000) setTimeout(tick, TICK_MS);
      else resolve();
    };
    tick();
  });
  input.stop();
  const enough = reports.length >= FEWEST;
  const [reported, sampled] = [intervals(reports), intervals(samples)];
  return {
    reports_hz: enough ? 1000 / median(reported) : null,
    late_share: enough ? lateShare(reported, median(reported)) : null,
    delay_ms: enough ? median(delays) : null,
    sampling_hz: 1000 / median(sampled),
    sampling_late_share: lateShare(sampled, 1000 / session.sample_hz),
  };
}

function intervals(times) {
  return times.slice(1).map((time, at) => time - times[at]);
}

function median(values) {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function lateShare(steps, usual) {
  return steps.filter((step) => Math.abs(step - usual) > LATE_MS).length / steps.length;
}

async function report(found) {
  const rows = [["check_rate", found.reports_hz?.toFixed(0)], ["check_late", percent(found.late_share)],
    ["check_delay", found.delay_ms === null ? null : `${found.delay_ms.toFixed(1)} ms`], ["check_sampling", percent(found.sampling_late_share)]];
  $("check-table").tBodies[0].replaceChildren(...rows.map(([key, value]) => row(text(key), value ?? "-")));
  $("check-table").hidden = false;
  const answer = await fetch("/api/check", { method: "POST", body: JSON.stringify(found), headers: { "content-type": "application/json" } });
  $("check-saved").hidden = !answer.ok;
}

function percent(share) {
  return share === null ? null : `${(100 * share).toFixed(1)} %`;
}

function row(...cells) {
  const line = document.createElement("tr");
  line.append(...cells.map((cell) => Object.assign(document.createElement("td"), { textContent: cell })));
  return line;
}
