// SPDX-License-Identifier: Apache-2.0
// Leaving quickly replaces this page in the history, so that "back" does not show it again;
// Escape twice within a second does the same. Printing has a button where a script runs.
// Every page works without this file: the link leaves, the browser prints.
"use strict";

const leave = document.querySelector("a[data-leave]");
let escaped = 0;

function go() {
  document.body.hidden = true;
  window.location.replace(leave.href);
}

if (leave) {
  leave.addEventListener("click", (event) => { event.preventDefault(); go(); });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") { return; }
    if (event.timeStamp - escaped < 1000) { go(); }
    escaped = event.timeStamp;
  });
}

for (const button of document.querySelectorAll("button[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

const errors = document.getElementById("errors");
if (errors) { errors.focus(); }
