// SPDX-License-Identifier: Apache-2.0
// Speed, never function: keys that press visible controls, an undo that counts down,
// a form that is sent once. Every control works without this file.
// The only place where a key is defined is data-key on its control.
"use strict";

const rows = Array.from(document.querySelectorAll("table.cases tbody tr"));
let chosen = -1;

function typing(target) {
  return target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable], dialog, [popover]") !== null;
}

function choose(step) {
  if (rows.length === 0) { return; }
  chosen = Math.min(rows.length - 1, Math.max(0, chosen + step));
  rows.forEach((row, index) => row.toggleAttribute("data-chosen", index === chosen));
  const link = rows[chosen].querySelector("a");
  if (link) { link.focus(); }
}

function nameOf(event) {
  const parts = [];
  if (event.ctrlKey || event.metaKey) { parts.push("ctrl"); }
  parts.push(event.key.toLowerCase());
  return parts.join("+");
}

document.addEventListener("keydown", (event) => {
  if (event.altKey || event.isComposing) { return; }
  const name = nameOf(event);
  // Single letters can be switched off (WCAG 2.1.4); those with Ctrl stay.
  if (name.length === 1 && document.body.dataset.keys === "off") { return; }
  // Esc leaves a field, so that the next letter is a key again; what is open closes by itself.
  if (name === "escape" && typing(event.target) && !event.target.closest("dialog, [popover]")) { event.target.blur(); return; }
  if (typing(event.target) && !name.startsWith("ctrl+")) { return; }
  if (name === "j" && rows.length) { event.preventDefault(); choose(1); return; }
  if (name === "k" && rows.length) { event.preventDefault(); choose(-1); return; }
  const inRow = rows[chosen] ? rows[chosen].querySelector(`[data-row-key="${CSS.escape(name)}"]`) : null;
  const control = inRow || document.querySelector(`[data-key="${CSS.escape(name)}"]`);
  if (!control) { return; }
  event.preventDefault();
  const aim = control.dataset.focus ? document.querySelector(control.dataset.focus) : null;
  if (aim) { aim.focus(); return; }
  if (!control.matches("textarea, select, input:not([type=radio]):not([type=checkbox])")) { control.click(); }
  // A form that lacks something is not sent: the browser stands at the field and says so.
  const lacks = control.type === "submit" && control.form && !control.formNoValidate && !control.form.checkValidity();
  if (!lacks && !control.hasAttribute("popovertarget") && !control.dataset.opens) { control.focus(); }
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") { return; }
  if (form.dataset.sent === "yes") { event.preventDefault(); event.stopImmediatePropagation(); return; }
  form.dataset.sent = "yes";
  form.setAttribute("aria-busy", "true");
}, true);

function again() {
  document.querySelectorAll("form[data-sent]").forEach((form) => {
    delete form.dataset.sent;
    form.removeAttribute("aria-busy");
  });
}

window.addEventListener("pageshow", again);
document.addEventListener("htmx:afterRequest", (event) => { if (event.detail.elt.matches("form")) { again(); } });
// A part is not refreshed while the whole form is on its way.
document.addEventListener("htmx:beforeRequest", (event) => {
  const form = event.detail.elt.closest("form[data-sent]");
  if (form && form !== event.detail.elt) { event.preventDefault(); }
});

// Elements that this file has not seen yet: a part of a page can be put in anew.
function fresh(selector) {
  const found = Array.from(document.querySelectorAll(`${selector}:not([data-started])`));
  found.forEach((one) => { one.dataset.started = "yes"; });
  return found;
}

function start() {
  // Seconds are shown only while an undo is open; at the end the page says so itself.
  fresh("[data-undo-seconds]").forEach((place) => {
    const end = Date.now() + 1000 * Number(place.dataset.undoSeconds);
    const words = place.dataset.undoWords;
    const tick = () => {
      const left = Math.max(0, Math.round((end - Date.now()) / 1000));
      place.textContent = left > 0 ? words.replace("#", String(left)) : place.dataset.undoOver;
      if (left > 0) { setTimeout(tick, 1000); return; }
      place.closest(".say").querySelectorAll("[data-key='u']").forEach((one) => { one.hidden = one !== document.activeElement; });
    };
    tick();
  });

  fresh("[data-choose-all]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => {
      document.querySelectorAll(`input[name="${CSS.escape(button.dataset.chooseAll)}"]`)
        .forEach((box) => { box.checked = button.dataset.to === "on"; });
    });
  });

  fresh("[data-print]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  });
}

start();
document.addEventListener("htmx:afterSettle", start);
