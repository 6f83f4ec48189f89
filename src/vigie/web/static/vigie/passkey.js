// SPDX-License-Identifier: Apache-2.0
// Passkeys (WebAuthn Level 3): the one thing in the console that needs a script.
// A form with data-passkey shows itself where the browser can, asks for a passkey
// when its button is pressed, and sends what it got as text.
"use strict";

const can = window.isSecureContext && window.PublicKeyCredential !== undefined;

function toBytes(text) {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

function toText(buffer) {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

function withBytes(listed) {
  return (listed || []).map((one) => ({ ...one, id: toBytes(one.id) }));
}

function asked(json) {
  const options = { ...json.publicKey, challenge: toBytes(json.publicKey.challenge) };
  if (options.user) { options.user = { ...options.user, id: toBytes(options.user.id) }; }
  if (options.excludeCredentials) { options.excludeCredentials = withBytes(options.excludeCredentials); }
  if (options.allowCredentials) { options.allowCredentials = withBytes(options.allowCredentials); }
  return options;
}

function answered(credential) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) { response[name] = toText(credential.response[name]); }
  }
  return JSON.stringify({
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    response,
    clientExtensionResults: credential.getClientExtensionResults(),
  });
}

async function optionsOf(form) {
  const place = document.getElementById("passkey-options");
  if (form.dataset.passkey !== "sign-in") { return JSON.parse(place.textContent); }
  const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
  if (!answer.ok) { throw new Error("no challenge"); }
  return (await answer.json()).request_options;
}

async function add(form) {
  const options = asked(await optionsOf(form));
  const alone = form.querySelector("[data-passkey-alone]").checked;
  options.authenticatorSelection = {
    ...options.authenticatorSelection,
    residentKey: alone ? "required" : "discouraged",
    requireResidentKey: alone,
    userVerification: alone ? "required" : "preferred",
  };
  return navigator.credentials.create({ publicKey: options });
}

async function use(form) {
  return navigator.credentials.get({ publicKey: asked(await optionsOf(form)) });
}

if (can) {
  document.querySelectorAll("form[data-passkey]").forEach((form) => {
    const failed = form.querySelector("[data-passkey-failed]");
    form.hidden = false;
    form.querySelector("[data-passkey-go]").addEventListener("click", async () => {
      failed.hidden = true;
      try {
        const credential = await (form.dataset.passkey === "add" ? add(form) : use(form));
        form.elements.namedItem("credential").value = answered(credential);
        form.submit();
      } catch {
        failed.hidden = false;
      }
    });
  });
  document.querySelectorAll("[data-passkey-none]").forEach((words) => { words.hidden = true; });
}
