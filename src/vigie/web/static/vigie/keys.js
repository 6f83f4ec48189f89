// SPDX-License-Identifier: Apache-2.0
// What the keys are, made from data-key on the controls: the bar at the foot and the list behind
// "?". The palette behind Ctrl K; words that are kept while somebody leaves a page and comes back
// in the same tab. Every control works without this file.
"use strict";

const KEPT = "vigie:";
const SENT = "vigie-sent";

function words(control, short) {
  const copy = control.cloneNode(true);
  copy.querySelectorAll("kbd, svg").forEach((one) => one.remove());
  const label = control.labels && control.labels[0] ? control.labels[0].cloneNode(true) : null;
  if (label) { label.querySelectorAll("kbd, .soft, input").forEach((one) => one.remove()); }
  const said = (short && control.dataset.keyWords) || control.getAttribute("aria-label") || (label || copy).textContent;
  return said.replace(/\s+/g, " ").trim().replace(/…$/, "");
}

function shown(key) {
  return key.split("+").map((part) => (part === "enter" ? "⏎" : part.charAt(0).toUpperCase() + part.slice(1))).join(" ");
}

function found(short) {
  const keys = new Map();
  const letters = document.body.dataset.keys !== "off";
  document.querySelectorAll("[data-key]").forEach((control) => {
    const key = control.dataset.key;
    if (!keys.has(key) && (letters || key.length > 1)) { keys.set(key, words(control, short)); }
  });
  return Array.from(keys);
}

// Answers that are chosen by a digit stand together in the bar: "1 – 5 action".
function together(keys) {
  const digits = keys.filter(([key]) => /^\d$/.test(key));
  if (digits.length < 2) { return keys; }
  const first = document.querySelector(`[data-key="${digits[0][0]}"]`);
  const legend = first.closest("fieldset") ? first.closest("fieldset").querySelector("legend") : null;
  const span = [`${digits[0][0]} – ${digits[digits.length - 1][0]}`, legend ? legend.textContent.trim() : ""];
  return [span, ...keys.filter(([key]) => !/^\d$/.test(key))];
}

function entry(tag, key, text) {
  const one = document.createElement(tag);
  const cap = document.createElement("kbd");
  cap.textContent = shown(key);
  one.append(cap, " ", text);
  return one;
}

function drawKeys() {
  const bar = document.querySelector("[data-key-bar]");
  // Pages that move through a list say so themselves.
  if (bar && (bar.dataset.made || !bar.textContent.trim())) {
    bar.dataset.made = "yes";
    const short = together(found(true)).filter(([key, text]) => text.length < 34 && key !== "?");
    bar.replaceChildren(...short.map(([key, text]) => entry("span", key, text)));
  }
  const list = document.querySelector("[data-key-list]");
  if (list) { list.replaceChildren(...found(false).map(([key, text]) => entry("li", key, text))); }
}

function openers() {
  document.querySelectorAll("[data-opens]:not([data-ready])").forEach((opener) => {
    const panel = document.getElementById(opener.dataset.opens);
    if (!panel || !panel.showPopover) { return; }
    opener.dataset.ready = "yes";
    opener.addEventListener("click", (event) => {
      event.preventDefault();
      panel.showPopover();
      const field = panel.querySelector("input, button");
      if (field) { field.focus(); }
    });
    panel.addEventListener("toggle", (event) => { if (event.newState === "closed") { opener.focus(); } });
  });
}

function arrows(event) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step || !event.target.matches(".tiles input")) { return; }
  const boxes = Array.from(document.querySelectorAll(".tiles input"));
  const next = boxes[(boxes.indexOf(event.target) + step + boxes.length) % boxes.length];
  event.preventDefault();
  next.focus();
}

function palette(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const panel = event.target.closest ? event.target.closest(".palette") : null;
  if (!step || !panel) { return; }
  const stops = [panel.querySelector("input"), ...panel.querySelectorAll("a")];
  const next = stops[stops.indexOf(event.target) + step];
  if (next) { event.preventDefault(); next.focus(); }
}

// The rows from before anything was typed go with the first letter, also when they come late.
document.addEventListener("input", (event) => {
  const panel = event.target.closest(".palette");
  if (panel && panel.querySelector("[data-first]")) { panel.querySelector("ul").replaceChildren(); }
});
document.addEventListener("htmx:beforeSwap", (event) => {
  const panel = event.detail.target.closest(".palette");
  const late = panel && panel.querySelector("input").value && event.detail.xhr.responseText.includes("<li data-first>");
  if (late) { event.detail.shouldSwap = false; }
});

// Words stay in this tab only, and only until what they were written for is done: whoever is
// asked to sign in, or comes back to the same page, still has them.
function keeper(field) {
  return `${KEPT}${window.location.pathname}#${field.name}`;
}

// The server names the forms that it carried out last, by their one-time tokens.
function dropDone() {
  const [path, token] = JSON.parse(sessionStorage.getItem(SENT) || "[]");
  const used = document.querySelector("[data-used]");
  if (!token || !used || !used.dataset.used.split(" ").includes(token)) { return; }
  Object.keys(sessionStorage).filter((key) => key.startsWith(`${KEPT}${path}#`)).forEach((key) => sessionStorage.removeItem(key));
  sessionStorage.removeItem(SENT);
}

function restore() {
  dropDone();
  document.querySelectorAll("textarea[data-keep]").forEach((field) => {
    const kept = sessionStorage.getItem(keeper(field));
    if (kept && !field.value) { field.value = kept; }
  });
}

document.addEventListener("input", (event) => {
  if (event.target.matches("textarea[data-keep]")) { sessionStorage.setItem(keeper(event.target), event.target.value); }
});
document.addEventListener("submit", (event) => {
  const token = event.target.elements.namedItem("once");
  if (event.submitter && event.submitter.name === "go" && token) {
    sessionStorage.setItem(SENT, JSON.stringify([window.location.pathname, token.value]));
  }
});
document.addEventListener("keydown", arrows);
document.addEventListener("keydown", palette);

// A part is never replaced by a whole page: after a sign-out the words on the page stay.
document.addEventListener("htmx:beforeSwap", (event) => {
  const whole = /^\s*<!doctype/i.test(event.detail.xhr.responseText);
  if (whole && event.detail.target !== document.body) { event.detail.shouldSwap = false; }
});

function begin() {
  document.querySelectorAll("[data-key='?'][hidden]").forEach((one) => { one.hidden = false; });
  drawKeys();
  openers();
  restore();
}

begin();
document.addEventListener("htmx:afterSettle", begin);

// After a decision the focus stands on the heading of the next case.
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.target !== document.body) { return; }
  const heading = document.querySelector("main h1");
  if (heading) { heading.focus({ preventScroll: true }); window.scrollTo(0, 0); }
});
