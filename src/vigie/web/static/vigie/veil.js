// SPDX-License-Identifier: Apache-2.0
// Pictures on a page: the grey blur with what is known of it in words, a clearer copy for some
// seconds in the same place. Nothing is kept; leaving the page or the tab puts the veil back.
// Without this file the page leads to the same by plain links.
"use strict";

(() => {
  function priced(words, used, limit) {
    return words.replace("#", String(used)).replace("%", String(limit));
  }

  function address(blob) {
    return new Promise((done, failed) => {
      const reader = new FileReader();
      reader.onload = () => done(reader.result);
      reader.onerror = failed;
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
      if (blur && image.src !== blur) { image.src = blur; }
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
      const headers = { Accept: "application/json" };
      const answer = await fetch(figure.dataset.ask, { method: "POST", headers, body });
      const said = await answer.json();
      if (!answer.ok) {
        words.textContent = [said.problem, said.fix].filter(Boolean).join(" ");
        why.focus();
        return;
      }
      const price = figure.querySelector("[data-veil-price]");
      price.textContent = priced(price.dataset.veilPrice, said.used, said.limit);
      image.src = said.src;
      clearTimeout(timer);
      timer = setTimeout(cover, said.seconds * 1000);
    }

    if (open) {
      const button = open.querySelector("button");
      button.addEventListener("click", () => {
        panel.hidden = !panel.hidden;
        button.setAttribute("aria-expanded", String(!panel.hidden));
        // After the key that pressed this button has put the focus on it.
        if (!panel.hidden) { setTimeout(() => { panel.querySelector("select").focus(); }, 0); }
      });
      panel.querySelector("[data-veil-look]").addEventListener("click", () => { look().catch(cover); });
    }
    image.addEventListener("error", cover);
    document.addEventListener("visibilitychange", () => { if (document.hidden) { cover(); } });
    window.addEventListener("pagehide", cover);
    load().catch(() => { words.textContent = ""; });
  }

  function leave(page) {
    const back = () => { window.location.replace(page.dataset.veilBack); };
    setTimeout(back, Number(page.dataset.veilSeconds) * 1000);
    document.addEventListener("visibilitychange", () => { if (document.hidden) { back(); } });
  }

  // Once for each place, also where a part of the page is exchanged later.
  function start() {
    document.querySelectorAll("[data-veil], [data-veil-back]").forEach((place) => {
      if (place.dataset.veiled) { return; }
      place.dataset.veiled = "yes";
      if (place.dataset.veil) { veil(place); } else { leave(place); }
    });
  }

  document.addEventListener("htmx:load", start);
  start();
})();
