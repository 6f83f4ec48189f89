// SPDX-License-Identifier: Apache-2.0
// Pictures on a page: the grey blur with what is known of it in words, a clearer copy for some
// seconds in the same place. Nothing is kept; leaving the page or the tab puts the veil back.
// Without this file the page leads to the same by plain links.
"use strict";

const ACCEPT = { Accept: "application/json" };

function plural(words, used, limit) {
  return words.replace("#", String(used)).replace("%", String(limit));
}

async function address(blob) {
  return new Promise((done) => {
    const reader = new FileReader();
    reader.onload = () => done(reader.result);
    reader.readAsDataURL(blob);
  });
}

function veil(figure) {
  const image = figure.querySelector("[data-veil-img]");
  const words = figure.querySelector("[data-veil-words]");
  const open = figure.querySelector("[data-veil-open]");
  const panel = figure.querySelector("[data-veil-panel]");
  let blur = "";
  let timer = 0;

  function cover() {
    clearTimeout(timer);
    if (blur) { image.src = blur; }
  }

  async function load() {
    const answer = await fetch(figure.dataset.veil, { cache: "no-store" });
    if (!answer.ok) { words.textContent = await answer.text(); return; }
    words.textContent = decodeURIComponent(answer.headers.get("X-Vigie-Words") || "");
    blur = await address(await answer.blob());
    image.src = blur;
    image.hidden = false;
    if (open) { open.hidden = false; }
  }

  async function look() {
    const [why, how] = panel.querySelectorAll("select");
    const body = new FormData();
    body.set("csrfmiddlewaretoken", document.querySelector("[name=csrfmiddlewaretoken]").value);
    body.set("look_reason", why.value);
    body.set("look_clarity", how.value);
    const answer = await fetch(figure.dataset.ask, { method: "POST", headers: ACCEPT, body });
    const said = await answer.json();
    if (!answer.ok) { words.textContent = [said.problem, said.fix].filter(Boolean).join(" "); why.focus(); return; }
    const price = figure.querySelector("[data-veil-price]");
    price.textContent = plural(price.dataset.veilPrice, said.used, said.limit);
    image.src = said.src;
    clearTimeout(timer);
    timer = setTimeout(cover, said.seconds * 1000);
  }

  if (open) {
    const button = open.querySelector("button");
    button.addEventListener("click", () => {
      panel.hidden = !panel.hidden;
      button.setAttribute("aria-expanded", String(!panel.hidden));
      if (!panel.hidden) { panel.querySelector("select").focus(); }
    });
    panel.querySelector("[data-veil-look]").addEventListener("click", () => { look().catch(cover); });
  }
  image.addEventListener("error", cover);
  document.addEventListener("visibilitychange", () => { if (document.hidden) { cover(); } });
  window.addEventListener("pagehide", cover);
  load().catch(() => { words.textContent = ""; });
}

function veilAll() {
  document.querySelectorAll("[data-veil]:not([data-veiled])").forEach((figure) => {
    figure.dataset.veiled = "yes";
    veil(figure);
  });
}

veilAll();
document.addEventListener("htmx:afterSettle", veilAll);

document.querySelectorAll("[data-veil-back]").forEach((page) => {
  const leave = () => { window.location.replace(page.dataset.veilBack); };
  setTimeout(leave, Number(page.dataset.veilSeconds) * 1000);
  document.addEventListener("visibilitychange", () => { if (document.hidden) { leave(); } });
});
