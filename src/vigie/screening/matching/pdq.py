# SPDX-License-Identifier: Apache-2.0
"""PDQ, the perceptual hash of pictures: 256 bits and a quality, from luma.

Every step from luma to the 16 x 16 coefficients is linear, so blur, decimation
and cosine transform are products with matrices that depend on a side's length
alone. All of them are whole numbers: every product and partial sum stays below
2^53, where floats are exact, so that the order of a sum, the processor and the
language do not matter. `web/static/vigie/pdq.js` does the same in a browser and
gives the same bits for the same pixels; change both together.

Limits: pictures below 5 x 5 have no hash; below quality 50 a picture is too flat
to be told from others; with a side under 64 pixels coefficients tie at the median,
and other programs' hashes were seen up to 22 bits away. Source: "The TMK+PDQF
Video-Hashing Algorithm and the PDQ Image-Hashing Algorithm" (2019) and its
published test pictures.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from vigie.screening.matching.base import hex_bytes

Floats = npt.NDArray[np.float32] | npt.NDArray[np.float64]
Matrix = npt.NDArray[np.float64]
"""Whole numbers in floats."""

RADIUS: Final = 31
"""At most this many of the 256 bits may differ (the reference's own advice)."""
MIN_QUALITY: Final = 50
"""Flatter pictures match everything: they are neither listed nor asked for."""
FLAT_BITS: Final = 64
"""A picture's hash has about 128 bits set; one this far off says only "flat"."""
FRAGILE_MARGIN: Final = 4.0
"""Coefficients this near the median change sides when a file is decoded otherwise."""
SIDE: Final = 64
MIN_SIDE: Final = 5
LUMA: Final = 1000
"""Steps of one level of luma: its weights are thousandths."""
WEIGHT: Final = 2.0**26
"""One, in the weights of blur and decimation: 18 bits of luma by 26 are 44."""
ROWS: Final = 2.0**18
"""Taken off after the rows: 26 bits are left, by 26 are 52."""
SAMPLES: Final = 2.0**32
"""Taken off after the columns: a sample counts in quarters of a step of luma."""
SAMPLE_UNIT: Final = 4 * LUMA
COSINE: Final = 2.0**25
"""One, in the cosines: at most 48 bits, then less `ROTATED`, then at most 52."""
ROTATED: Final = 2.0**24
COEFFICIENT: Final = SAMPLE_UNIT * 2.0**26
"""One level of luma in a coefficient."""
STRIP_PIXELS: Final = 1 << 16
"""Pixels turned to floats at a time, so that memory does not grow with the picture."""
DIHEDRAL: Final = (
    "original",
    "rotate90",
    "rotate180",
    "rotate270",
    "flipx",
    "flipy",
    "flipplus1",
    "flipminus1",
)


class Hashed(NamedTuple):
    """A picture's hash, how much structure it has, and the hashes of its turns."""

    bits: bytes
    quality: int
    dihedral: tuple[bytes, ...]
    """Eight hashes in the order of `DIHEDRAL`; the first is `bits`."""
    fragile: int
    """How many bits another decoder or scale may well turn."""


class Band(NamedTuple):
    """Blur and decimation along one axis: few of the inputs reach an output."""

    matrix: Matrix
    first: npt.NDArray[np.intp]
    """Per output, the first input that counts."""
    last: npt.NDArray[np.intp]
    """Per output, one past the last input that counts."""


def _blur(length: int) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Return the window of a box blur for each output; it shrinks at the edges."""
    width = (length + 127) // 128
    half = (width + 2) // 2
    at = np.arange(length)
    low = np.maximum(0, at - (width - half))
    high = np.minimum(length - 1, at + half - 1)
    return low, high


@lru_cache(maxsize=32)
def band(length: int) -> Band:
    """Return the 64 rows that blur twice and pick 64 samples of an axis.

    Cached by length: 32 sizes of at most 8 MB each, as pictures come in few.
    """
    low, high = _blur(length)
    share = 1.0 / (high - low + 1)
    picks = ((np.arange(SIDE) + 0.5) * length / SIDE).astype(np.intp)
    matrix = np.zeros((SIDE, length), dtype=np.float64)
    first = low[low[picks]]
    last = high[high[picks]] + 1
    for row, pick in enumerate(picks):
        for middle in range(low[pick], high[pick] + 1):
            matrix[row, low[middle] : high[middle] + 1] += share[pick] * share[middle]
    return Band(_whole(matrix * WEIGHT), first, last)


def _whole(values: Matrix) -> Matrix:
    """Return the nearest whole numbers, halves up: each step is exact in floats."""
    return np.asarray(np.floor(values + 0.5))


def _cosines() -> Matrix:
    """Return rows 1 to 16 of the orthonormal cosine transform of 64 samples.

    Of 256 steps of a full turn, a quarter is computed; the rest is its mirror.
    """
    quarter = [round(math.sqrt(2 / SIDE) * math.cos(math.pi / 128 * k) * COSINE) for k in range(64)]
    half = [*quarter, 0, *(-value for value in reversed(quarter[1:]))]
    turn = np.array([*half, -quarter[0], *reversed(half[1:])], dtype=np.float64)
    row = np.arange(1, 17)[:, None]
    column = 2 * np.arange(SIDE)[None, :] + 1
    return np.asarray(turn[row * column % 256])


_COSINES: Final = _cosines()
_EVEN: Final = np.where(np.arange(16) % 2 == 0, -1.0, 1.0)
_ROWS: Final = _EVEN[:, None]
_COLUMNS: Final = _EVEN[None, :]
_BOTH: Final = _ROWS * _COLUMNS


class Shrinker:
    """Takes a picture in strips of rows and keeps its 64 x 64 blurred samples.

    The caller feeds all rows once, top down. Memory: one strip.
    """

    def __init__(self, height: int, width: int) -> None:
        self._rows = band(height)
        self._columns = band(width)
        self._sum = np.zeros((SIDE, width), dtype=np.float64)
        self._at = 0

    def feed(self, luma: Floats) -> None:
        """Add the next rows of luma, 0 to 255, taken to the nearest thousandth."""
        start, end = self._at, self._at + len(luma)
        self._at = end
        touched = np.flatnonzero((self._rows.first < end) & (self._rows.last > start))
        if touched.size:
            rows = slice(int(touched[0]), int(touched[-1]) + 1)
            steps = np.rint(luma * np.float32(LUMA)).astype(np.float64)
            self._sum[rows] += self._rows.matrix[rows, start:end] @ steps

    def samples(self) -> Matrix:
        """Return the 64 x 64 samples, in `SAMPLE_UNIT`s of a level of luma."""
        rows = _whole(self._sum / ROWS)
        return _whole(rows @ self._columns.matrix.T / SAMPLES)


def luma_of(rgb: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """Return luma of rows x columns x 3 bytes, in floats: rounding decides flat pictures."""
    weights = np.array([0.299, 0.587, 0.114], dtype=np.float32)
    return np.asarray(rgb.astype(np.float32) @ weights)


def _quality(samples: Matrix) -> int:
    """Return how much structure there is, 0 to 100, from steps between neighbours."""
    step = 255 * SAMPLE_UNIT // 100
    down = np.trunc((samples[:-1] - samples[1:]) / step)
    across = np.trunc((samples[:, :-1] - samples[:, 1:]) / step)
    return min(100, int(np.abs(down).sum() + np.abs(across).sum()) // 90)


def _bits(coefficients: Matrix) -> bytes:
    """Return the hash: bit 16 x row + column is set above the lower median."""
    flat = coefficients.ravel()
    above = flat > np.partition(flat, 127)[127]
    return np.packbits(above[::-1]).tobytes()


def _fragile(coefficients: Matrix) -> int:
    """Count the coefficients that stand so near the median that little turns their bit."""
    flat = coefficients.ravel()
    margin = FRAGILE_MARGIN * COEFFICIENT
    return int((np.abs(flat - np.partition(flat, 127)[127]) < margin).sum())


def _turned(original: Matrix) -> tuple[Matrix, ...]:
    """Return the coefficients of the eight turns, by signs and transposition."""
    swapped = original.T
    return (
        original,
        swapped * _ROWS,
        original * _BOTH,
        swapped * _COLUMNS,
        original * _ROWS,
        original * _COLUMNS,
        swapped,
        swapped * _BOTH,
    )


def hash_samples(samples: Matrix) -> Hashed:
    """Return the hashes of 64 x 64 samples."""
    rotated = _whole(_COSINES @ samples / ROTATED)
    coefficients = rotated @ _COSINES.T
    turns = tuple(_bits(turn) for turn in _turned(coefficients))
    return Hashed(turns[0], _quality(samples), turns, _fragile(coefficients))


def hash_all(luma: Floats) -> Hashed:
    """Return hash, quality and the eight dihedral hashes of rows x columns of luma."""
    height, width = luma.shape
    if height < MIN_SIDE or width < MIN_SIDE:
        return Hashed(bytes(32), 0, (bytes(32),) * len(DIHEDRAL), 256)
    shrinker = Shrinker(height, width)
    step = max(1, STRIP_PIXELS // width)
    for start in range(0, height, step):
        shrinker.feed(luma[start : start + step])
    return hash_samples(shrinker.samples())


def hash_luma(luma: Floats) -> tuple[bytes, int]:
    """Return the 32 bytes of the hash and its quality."""
    found = hash_all(luma)
    return found.bits, found.quality


def is_flat(bits: bytes) -> bool:
    """Say whether a hash of unknown quality can only come from a flat picture."""
    return abs(int.from_bytes(bits, "big").bit_count() - 128) > FLAT_BITS


class PDQ:
    """The hash type `pdq`: near pictures differ in few of 256 bits."""

    name = "pdq"
    size = 32
    exact = False
    radius = RADIUS

    @staticmethod
    def validate(text: str) -> bytes:
        """Return the 32 bytes of 64 hex digits; refuses anything else."""
        return hex_bytes(text, PDQ.size, PDQ.name)

    @staticmethod
    def distance(one: bytes, other: bytes) -> int:
        """Return in how many bits two hashes differ."""
        return (int.from_bytes(one, "big") ^ int.from_bytes(other, "big")).bit_count()
