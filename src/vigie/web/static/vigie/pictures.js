// SPDX-License-Identifier: Apache-2.0
// The part of a notice where a person's own device computes the hash of her picture.
// The file field has no name, so a form can never send it; only hidden fields with hashes
// go with the form. Words come from the page, in its language.

import { hashFile } from "./hasher.js";

const MIN_QUALITY = 50;

function makeHasher() {
  let worker = null;
  const waiting = new Map();
  let count = 0;
  try {
    worker = new Worker(new URL("./hasher.js", import.meta.url), { type: "module" });
    worker.addEventListener("message", ({ data }) => { waiting.get(data.id)?.(data); waiting.delete(data.id); });
    worker.addEventListener("error", () => {
      worker = null;
      waiting.forEach((answer) => answer({ problem: "unreadable" }));
      waiting.clear();
    });
  } catch { worker = null; }
  return (file) => {
    if (worker === null) { return hashFile(file).catch(() => ({ problem: "unreadable" })); }
    count += 1;
    const id = count;
    return new Promise((answer) => { waiting.set(id, answer); worker.postMessage({ id, file }); });
  };
}

function say(place, words) {
  const line = document.createElement("p");
  line.textContent = words;
  place.replaceChildren(line);
}

class Pictures {
  constructor(part) {
    this.part = part;
    this.words = part.dataset;
    this.field = part.querySelector("input[type=file]");
    this.list = part.querySelector("[data-list]");
    this.status = part.querySelector("[role=status]");
    this.hash = makeHasher();
    this.field.removeAttribute("name");
    this.field.addEventListener("change", () => { void this.take(Array.from(this.field.files)); });
    this.list.addEventListener("click", (event) => this.remove(event));
    // What was computed on an earlier visit of this page.
    this.list.querySelectorAll("input[type=hidden]").forEach((kept) => kept.closest("li").replaceWith(this.row(kept.value)));
    part.querySelectorAll("[data-with-script]").forEach((one) => { one.hidden = false; });
    part.querySelectorAll("[data-without-script]").forEach((one) => { one.hidden = true; });
  }

  get known() { return Array.from(this.list.querySelectorAll("input[type=hidden]"), (one) => one.value.split(/[:,]/)[1]); }

  async take(files) {
    // Emptied at once: what was chosen is not left in the form.
    this.field.value = "";
    for (const file of files) {
      if (this.known.length >= Number(this.words.most)) { say(this.status, this.words.full); return; }
      say(this.status, this.words.working);
      this.show(await this.hash(file));
    }
  }

  show(found) {
    if (found.problem) { say(this.status, this.words[found.problem] ?? this.words.unreadable); return; }
    if (found.quality < MIN_QUALITY) { say(this.status, this.words.flat); return; }
    if (this.known.includes(found.pdq)) { say(this.status, this.words.again); return; }
    this.list.append(this.row(`${found.quality}:${found.turns.join(",")}`));
    say(this.status, this.words.done);
  }

  // One hash: shown to the person, and in the hidden field that goes with the form.
  row(value) {
    const row = document.createElement("li");
    const code = document.createElement("code");
    code.textContent = value.split(/[:,]/)[1];
    const kept = document.createElement("input");
    kept.type = "hidden";
    kept.name = "hash";
    kept.value = value;
    const away = document.createElement("button");
    away.type = "button";
    away.className = "btn";
    away.textContent = this.words.away;
    row.append(code, " ", kept, away);
    return row;
  }

  remove(event) {
    const button = event.target.closest("button");
    if (!button) { return; }
    event.preventDefault();
    button.closest("li").remove();
    say(this.status, this.words.removed);
    this.field.focus();
  }
}

document.querySelectorAll("[data-pictures]").forEach((part) => new Pictures(part));
