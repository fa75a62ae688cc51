// Corrections of the faces of a run: each is on the server's disk before it is shown.

import { shownTime } from "/static/timeline.js";

const $ = (id) => document.getElementById(id);

export class Corrections {
  /** `viewer` has run, face, timeline, timeS, and reload(), which reads the corrected rows. */
  constructor(viewer) {
    this.viewer = viewer;
    const on = (id, make) => { $(id).onclick = () => this.send(make); };
    on("merge", () => ({ action: "merge", face: this.face, other: Number($("other").value) }));
    on("split", () => ({ action: "split", face: this.face, at_s: this.viewer.frameS, new_face: this.newFace() }));
    on("exclude", () => this.excluded());
    on("name-face", () => ({ action: "name", face: this.face, text: $("person").value.trim() }));
    on("add-note", () => ({ action: "note", at_s: this.viewer.frameS, text: $("note").value.trim() }));
    on("undo", () => ({ action: "undo" }));
    $("chosen").onchange = () => { viewer.face = Number($("chosen").value); };
    this.show();
  }

  get face() {
    return Number($("chosen").value);
  }

  /** A number that no face has had. */
  newFace() {
    const used = this.viewer.run.corrections.flatMap((one) => [one.face, one.other, one.new_face]);
    return 1 + Math.max(...this.viewer.run.faces.map((one) => one.face), ...used.filter((face) => Number.isFinite(face)));
  }

  excluded() {
    const { selection } = this.viewer.timeline;
    if (!selection) throw new Error("Drag over the timeline to select a span first.");
    return { action: "exclude", face: this.face, from_s: selection[0], to_s: selection[1], text: "" };
  }

  async send(make) {
    try {
      $("correct-problem").textContent = "";
      const headers = { "content-type": "application/json" };
      const address = `/api/corrections?run=${encodeURIComponent(this.viewer.run.name)}`;
      const answer = await fetch(address, { method: "POST", body: JSON.stringify(make()), headers });
      const found = await answer.json();
      if (found.problem) throw new Error(found.problem);
      await this.viewer.reload();
      this.show();
    } catch (error) {
      $("correct-problem").textContent = error.message;
    }
  }

  show() {
    const { faces, corrections } = this.viewer.run;
    const names = Object.fromEntries(faces.map((one) => [one.face, one.name]));
    const options = () => faces.map(({ face, name }) => new Option(name ? `${face} (${name})` : face, face));
    const chosen = this.viewer.face;
    $("chosen").replaceChildren(...options());
    $("other").replaceChildren(...options());
    $("chosen").value = faces.some((one) => one.face === chosen) ? chosen : faces[0]?.face;
    $("person").value = names[chosen] ?? "";
    $("corrected").textContent = corrections.length ? `(${corrections.length})` : "";
    $("undo").disabled = corrections.length === 0;
    $("corrections").replaceChildren(...corrections.map((one) => Object.assign(document.createElement("li"), { textContent: inWords(one) })));
  }

  choose(face) {
    $("chosen").value = face;
    $("person").value = this.viewer.run.faces.find((one) => one.face === face)?.name ?? "";
  }
}

function inWords(one) {
  const span = () => `${shownTime(one.from_s)} to ${shownTime(one.to_s)}`;
  if (one.action === "merge") return `face ${one.other} is face ${one.face}`;
  if (one.action === "split") return `face ${one.face} is face ${one.new_face} from ${shownTime(one.at_s)} on`;
  if (one.action === "exclude") return `${one.face === null ? "all faces" : `face ${one.face}`} excluded from ${span()}`;
  if (one.action === "name") return `face ${one.face} is ${one.text}`;
  return `${shownTime(one.at_s)}: ${one.text}`;
}
