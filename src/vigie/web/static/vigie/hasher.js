// SPDX-License-Identifier: Apache-2.0
// Hashes one picture file on the device, in a Worker where there is one. The bytes stay here:
// nothing in this file asks the network for anything.
// Answer: {pdq, turns, quality}, or {problem}: large, unreadable, protected.

import { hashRows } from "./pdq.js";
import { kindOf, plainParts } from "./plain.js";

const MAX_BYTES = 100_000_000;
const MAX_PIXELS = 40_000_000;
const MAX_SIDE = 16_384;

function canvasOf(width, height) {
  const canvas = typeof OffscreenCanvas === "function" ? new OffscreenCanvas(width, height) : document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  return canvas.getContext("2d", { willReadFrequently: true, colorSpace: "srgb" });
}

// Some browsers blur what pages read from a canvas; a hash of that would find nothing.
function readsTrue() {
  const side = 16;
  const context = canvasOf(side, side);
  const given = context.createImageData(side, side);
  given.data.forEach((_, n) => { given.data[n] = n % 4 === 3 ? 255 : (n * 37) % 256; });
  context.putImageData(given, 0, 0);
  const found = context.getImageData(0, 0, side, side).data;
  return found.every((value, n) => value === given.data[n]);
}

async function decode(bytes) {
  const blob = new Blob(plainParts(bytes));
  return createImageBitmap(blob, { colorSpaceConversion: "none", premultiplyAlpha: "none" });
}

function rowsOf(bitmap) {
  let context = null;
  return async (top, bottom) => {
    const height = bottom - top;
    if (!context || context.canvas.height !== height) { context = canvasOf(bitmap.width, height); }
    context.clearRect(0, 0, bitmap.width, height);
    context.drawImage(bitmap, 0, -top);
    return context.getImageData(0, 0, bitmap.width, height).data;
  };
}

export async function hashFile(file) {
  if (file.size > MAX_BYTES) { return { problem: "large" }; }
  if (!readsTrue()) { return { problem: "protected" }; }
  const bytes = new Uint8Array(await file.arrayBuffer());
  const bitmap = await decode(bytes).catch(() => null);
  if (bitmap === null) { return { problem: "unreadable" }; }
  const { width, height } = bitmap;
  try {
    if (width * height > MAX_PIXELS || Math.max(width, height) > MAX_SIDE) { return { problem: "large" }; }
    const { pdq, turns, quality } = await hashRows(width, height, kindOf(bytes) === "jpeg", rowsOf(bitmap));
    return { pdq, turns, quality };
  } finally {
    bitmap.close();
  }
}

if (typeof WorkerGlobalScope !== "undefined" && globalThis instanceof WorkerGlobalScope) {
  globalThis.addEventListener("message", async ({ data }) => {
    const found = await hashFile(data.file).catch(() => ({ problem: "unreadable" }));
    globalThis.postMessage({ id: data.id, ...found });
  });
}
