// SPDX-License-Identifier: Apache-2.0
// PDQ, the perceptual hash of pictures: 256 bits and a quality, computed where the picture is.
// Equal to screening/matching/pdq.py bit for bit on the same pixels: both count in whole
// numbers below 2^53, where floats are exact. Change both together.
// Source: "The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing Algorithm" (2019).

export const MIN_QUALITY = 50;
export const MIN_SIDE = 5;
export const SIDE = 64;
const WEIGHT = 2 ** 26;
const ROWS = 2 ** 18;
const SAMPLES = 2 ** 32;
const SAMPLE_UNIT = 4000; // quarters of a thousandth of a level of luma
const COSINE = 2 ** 25;
const ROTATED = 2 ** 24;
const COEFFICIENT = SAMPLE_UNIT * 2 ** 26;
const FRAGILE_MARGIN = 4;

// Large JPEG pictures are hashed at a fraction of their size, as the server does.
const SHORTCUT_PIXELS = 2_500_000;
const SHORTCUT_TARGET = 512;
const SHORTCUT_QUALITY = MIN_QUALITY + 10;
const SHORTCUT_FRAGILE = 16;

const whole = (value) => Math.floor(value + 0.5);

// The window of a box blur for each output; it shrinks at the edges.
function blur(length) {
  const width = Math.floor((length + 127) / 128);
  const half = Math.floor((width + 2) / 2);
  const low = (at) => Math.max(0, at - (width - half));
  const high = (at) => Math.min(length - 1, at + half - 1);
  return { low, high, share: (at) => 1 / (high(at) - low(at) + 1) };
}

// One of the 64 rows that blur twice and pick a sample of an axis: where it begins, its weights.
function bandRow({ low, high, share }, pick) {
  const first = low(low(pick));
  const weights = new Float64Array(high(high(pick)) + 1 - first);
  for (let middle = low(pick); middle <= high(pick); middle += 1) {
    for (let at = low(middle); at <= high(middle); at += 1) {
      weights[at - first] += share(pick) * share(middle);
    }
  }
  return { first, weights: weights.map((value) => whole(value * WEIGHT)) };
}

export function band(length) {
  const window = blur(length);
  return Array.from({ length: SIDE }, (_, row) => bandRow(window, Math.floor((row + 0.5) * length / SIDE)));
}

// Rows 1 to 16 of the cosine transform of 64 samples; a quarter turn is computed, the rest mirrored.
export function cosines() {
  const quarter = Array.from({ length: 64 }, (_, k) => whole(Math.sqrt(2 / SIDE) * Math.cos(Math.PI / 128 * k) * COSINE));
  const at = (step) => {
    const k = step % 256;
    const near = k > 128 ? 256 - k : k;
    if (near === 64) { return 0; }
    return near < 64 ? quarter[near] : -quarter[128 - near];
  };
  return Array.from({ length: 16 }, (_, row) => Float64Array.from({ length: SIDE }, (__, column) => at((row + 1) * (2 * column + 1))));
}

const COSINES = cosines();

// Takes a picture in rows, top down, and keeps its 64 x 64 blurred samples. Memory: 64 rows.
export class Shrinker {
  constructor(width, height) {
    this.width = width;
    this.rows = band(height);
    this.columns = band(width);
    this.sums = Array.from({ length: SIDE }, () => new Float64Array(width));
    this.at = 0;
    this.from = 0; // outputs before it are complete
    this.line = new Float64Array(width);
  }

  // Luma of one row in thousandths of a level, 0 to 255000.
  feed(luma) {
    while (this.from < SIDE && this.rows[this.from].first + this.rows[this.from].weights.length <= this.at) { this.from += 1; }
    for (let row = this.from; row < SIDE && this.rows[row].first <= this.at; row += 1) {
      const { first, weights } = this.rows[row];
      const weight = weights[this.at - first];
      if (weight === undefined) { continue; }
      const sum = this.sums[row];
      for (let x = 0; x < this.width; x += 1) { sum[x] += weight * luma[x]; }
    }
    this.at += 1;
  }

  // Rows of RGBA bytes; transparency is dropped, as on the server.
  feedPixels(pixels) {
    const { line, width } = this;
    for (let start = 0; start < pixels.length; start += 4 * width) {
      for (let x = 0, p = start; x < width; x += 1, p += 4) {
        line[x] = 299 * pixels[p] + 587 * pixels[p + 1] + 114 * pixels[p + 2];
      }
      this.feed(line);
    }
  }

  samples() {
    return this.sums.map((sum) => {
      const kept = sum.map((value) => whole(value / ROWS));
      return Float64Array.from(this.columns, ({ first, weights }) => {
        let total = 0;
        for (let n = 0; n < weights.length; n += 1) { total += weights[n] * kept[first + n]; }
        return whole(total / SAMPLES);
      });
    });
  }
}

function qualityOf(samples) {
  const step = 255 * SAMPLE_UNIT / 100;
  let total = 0;
  for (let row = 0; row < SIDE; row += 1) {
    for (let column = 0; column < SIDE; column += 1) {
      if (row) { total += Math.abs(Math.trunc((samples[row - 1][column] - samples[row][column]) / step)); }
      if (column) { total += Math.abs(Math.trunc((samples[row][column - 1] - samples[row][column]) / step)); }
    }
  }
  return Math.min(100, Math.floor(total / 90));
}

function rotate(samples) {
  const down = COSINES.map((cosine) => Float64Array.from({ length: SIDE }, (_, column) => {
    let total = 0;
    for (let n = 0; n < SIDE; n += 1) { total += cosine[n] * samples[n][column]; }
    return whole(total / ROTATED);
  }));
  return down.flatMap((row) => COSINES.map((cosine) => row.reduce((total, value, n) => total + value * cosine[n], 0)));
}

const medianOf = (coefficients) => Float64Array.from(coefficients).sort()[127];

// The eight turns of a picture, by signs and transposition: a mirrored copy is found too.
function turnsOf(coefficients) {
  const even = (n) => (n % 2 === 0 ? -1 : 1);
  const made = (swapped, sign) => coefficients.map((_, n) => {
    const row = Math.floor(n / 16);
    const column = n % 16;
    return coefficients[swapped ? 16 * column + row : n] * sign(row, column);
  });
  const one = () => 1;
  const rows = (row) => even(row);
  const columns = (_, column) => even(column);
  const both = (row, column) => even(row) * even(column);
  return [
    [false, one], [true, rows], [false, both], [true, columns],
    [false, rows], [false, columns], [true, one], [true, both],
  ].map(([swapped, sign]) => hexOf(made(swapped, sign)));
}

// Bit 16 x row + column is set above the lower median; the last bit is written first.
function hexOf(coefficients, median = medianOf(coefficients)) {
  const digits = [];
  for (let first = 252; first >= 0; first -= 4) {
    let digit = 0;
    for (let n = 3; n >= 0; n -= 1) { digit = 2 * digit + (coefficients[first + n] > median ? 1 : 0); }
    digits.push(digit.toString(16));
  }
  return digits.join("");
}

export function hashSamples(samples) {
  const coefficients = rotate(samples);
  const median = medianOf(coefficients);
  const near = FRAGILE_MARGIN * COEFFICIENT;
  return {
    pdq: hexOf(coefficients, median),
    turns: turnsOf(coefficients),
    quality: qualityOf(samples),
    fragile: coefficients.filter((value) => Math.abs(value - median) < near).length,
  };
}

const nothing = { pdq: "0".repeat(64), turns: Array(8).fill("0".repeat(64)), quality: 0, fragile: 256 };

// RGBA bytes of a whole picture, as `ImageData.data` holds them.
export function hashPixels(pixels, width, height) {
  if (Math.min(width, height) < MIN_SIDE) { return nothing; }
  const shrinker = new Shrinker(width, height);
  shrinker.feedPixels(pixels);
  return hashSamples(shrinker.samples());
}

// The fraction at which the server decodes a large JPEG: 1, 2, 4 or 8 pixels become one.
export function shortcutScale(width, height, isJpeg) {
  if (!isJpeg || width * height <= SHORTCUT_PIXELS) { return 1; }
  const most = Math.min(Math.floor(width / SHORTCUT_TARGET), Math.floor(height / SHORTCUT_TARGET));
  return [8, 4, 2].find((scale) => most >= scale) ?? 1;
}

// Averages blocks of a large picture, as a JPEG decoder does that reads it at a fraction.
class Averager {
  constructor(width, height, scale) {
    this.scale = scale;
    this.width = width;
    this.height = height;
    this.small = Math.ceil(width / scale);
    this.shrinker = new Shrinker(this.small, Math.ceil(height / scale));
    this.sums = new Float64Array(this.small);
    this.line = new Float64Array(this.small);
    this.at = 0;
    this.lines = 0;
  }

  feedPixels(pixels) {
    for (let start = 0; start < pixels.length; start += 4 * this.width) {
      for (let x = 0, p = start; x < this.width; x += 1, p += 4) {
        this.sums[Math.floor(x / this.scale)] += 299 * pixels[p] + 587 * pixels[p + 1] + 114 * pixels[p + 2];
      }
      this.at += 1;
      this.lines += 1;
      if (this.lines === this.scale || this.at === this.height) { this.flush(); }
    }
  }

  flush() {
    for (let x = 0; x < this.small; x += 1) {
      const wide = Math.min(this.scale, this.width - x * this.scale);
      // A decoder gives whole levels.
      this.line[x] = 1000 * whole(this.sums[x] / (1000 * wide * this.lines));
    }
    this.shrinker.feed(this.line);
    this.sums.fill(0);
    this.lines = 0;
  }

  samples() { return this.shrinker.samples(); }
}

// `read(top, bottom)` gives RGBA rows; large pictures are never whole in memory twice.
export async function hashRows(width, height, isJpeg, read) {
  if (Math.min(width, height) < MIN_SIDE) { return nothing; }
  const strip = Math.max(8, Math.floor((1 << 20) / width));
  const run = async (taker) => {
    for (let top = 0; top < height; top += strip) {
      taker.feedPixels(await read(top, Math.min(height, top + strip)));
    }
    return hashSamples(taker.samples());
  };
  const scale = shortcutScale(width, height, isJpeg);
  if (scale > 1) {
    const found = await run(new Averager(width, height, scale));
    if (found.quality >= SHORTCUT_QUALITY && found.fragile <= SHORTCUT_FRAGILE) { return found; }
  }
  return run(new Shrinker(width, height));
}
