// SPDX-License-Identifier: Apache-2.0
// Takes remarks and colour profiles out of a picture's file, so that every browser decodes
// the stored pixels as the server does: unturned, in the file's own numbers.
// A file that is not understood is returned as it is.

const JPEG_DROPPED = new Set([0xe1, 0xe2]); // EXIF and XMP; colour profile
const PNG_DROPPED = new Set(["iCCP", "gAMA", "cHRM", "sRGB", "cICP", "eXIf"]);
const WEBP_DROPPED = new Set(["ICCP", "EXIF", "XMP "]);

const text = (bytes, start, length) => String.fromCharCode(...bytes.subarray(start, start + length));

export function kindOf(bytes) {
  if (bytes[0] === 0xff && bytes[1] === 0xd8) { return "jpeg"; }
  if (bytes[0] === 0x89 && text(bytes, 1, 3) === "PNG") { return "png"; }
  if (text(bytes, 0, 4) === "RIFF" && text(bytes, 8, 4) === "WEBP") { return "webp"; }
  return text(bytes, 0, 4) === "GIF8" ? "gif" : "";
}

function plainJpeg(bytes) {
  const kept = [bytes.subarray(0, 2)];
  let at = 2;
  while (at + 4 <= bytes.length && bytes[at] === 0xff && bytes[at + 1] !== 0xda) {
    const end = at + 2 + bytes[at + 2] * 256 + bytes[at + 3];
    if (end > bytes.length) { break; }
    if (!JPEG_DROPPED.has(bytes[at + 1])) { kept.push(bytes.subarray(at, end)); }
    at = end;
  }
  return [...kept, bytes.subarray(at)];
}

function plainPng(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const kept = [bytes.subarray(0, 8)];
  let at = 8;
  while (at + 12 <= bytes.length) {
    const end = at + 12 + view.getUint32(at);
    if (end > bytes.length) { break; }
    if (!PNG_DROPPED.has(text(bytes, at + 4, 4))) { kept.push(bytes.subarray(at, end)); }
    at = end;
  }
  return [...kept, bytes.subarray(at)];
}

function plainWebp(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const kept = [];
  let at = 12;
  while (at + 8 <= bytes.length) {
    const size = view.getUint32(at + 4, true);
    const end = Math.min(bytes.length, at + 8 + size + size % 2);
    const chunk = bytes.slice(at, end);
    const name = text(chunk, 0, 4);
    if (name === "VP8X" && chunk.length > 8) { chunk[8] &= ~0b00101100; } // says what is there
    if (!WEBP_DROPPED.has(name)) { kept.push(chunk); }
    at = end;
  }
  const head = bytes.slice(0, 12);
  new DataView(head.buffer).setUint32(4, 4 + kept.reduce((sum, chunk) => sum + chunk.length, 0), true);
  return [head, ...kept];
}

const PLAIN = { jpeg: plainJpeg, png: plainPng, webp: plainWebp };

// Parts of a Blob that shows the stored pixels.
export function plainParts(bytes) {
  const plain = PLAIN[kindOf(bytes)];
  return plain ? plain(bytes) : [bytes];
}
