// SPDX-License-Identifier: Apache-2.0
// A moment of work in place of an outside CAPTCHA: looks for the number with which
// SHA-256 of "challenge:number" begins with enough zero bits, then sends the form.
// The page starts this file a second time as a worker, so that it stays usable.
// Without script, or where the browser has no WebCrypto, waiting does the same.
"use strict";

function zeroBits(bytes) {
  let zeros = 0;
  for (const byte of bytes) {
    if (byte !== 0) { return zeros + Math.clz32(byte) - 24; }
    zeros += 8;
  }
  return zeros;
}

async function search(challenge, bits) {
  const text = new TextEncoder();
  for (let start = 0; ; start += 64) {
    const tries = Array.from({ length: 64 }, (_unused, at) =>
      crypto.subtle.digest("SHA-256", text.encode(`${challenge}:${start + at}`)));
    const found = (await Promise.all(tries)).findIndex((one) => zeroBits(new Uint8Array(one)) >= bits);
    if (found >= 0) { return start + found; }
  }
}

if (typeof document === "undefined") {
  self.addEventListener("message", async (event) => {
    self.postMessage(await search(event.data.challenge, event.data.bits));
  });
} else if (self.crypto && self.crypto.subtle && self.Worker) {
  for (const field of document.querySelectorAll("input[data-work]")) {
    const worker = new Worker(field.dataset.script);
    const told = field.form.querySelector("[data-working]");
    if (told) { told.hidden = false; }
    worker.addEventListener("message", (event) => {
      worker.terminate();
      field.value = `${field.dataset.work}:${event.data}`;
      field.form.requestSubmit();
    });
    worker.postMessage({ challenge: field.dataset.work, bits: Number(field.dataset.bits) });
  }
}
