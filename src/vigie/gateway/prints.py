# SPDX-License-Identifier: Apache-2.0
"""Keyed similarity fingerprints of texts: near texts, near numbers, for who has the key.

SimHash (Charikar 2002; Manku, Jain and Das Sarma 2007) over character 5-grams of the
text in lower case with its white space collapsed. The constants of the hash come from
the installation's key: without it a fingerprint says nothing about a text, and two
installations' cannot be compared.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from vigie.journal.keyed import Keyed

GRAM: Final = 5
NEAR_BITS: Final = 13
"""Of 64: unrelated texts differ in 32, give or take 4; a changed word in a short sentence
moves about 10."""
MAX_CHARS: Final = 8_000
"""Read of a longer text: half from its beginning, half from its end."""
_DENSE: Final = 1_024
"""With more 5-grams every fourth is counted, chosen by its hash."""
_PURPOSE: Final = b"vigie/gateway/print/v1\n"
_HALF: Final = np.uint64(29)
_EVERY: Final = np.uint64(3)
_BITS: Final = 64
Words = npt.NDArray[np.uint64]


class Prints:
    """Makes fingerprints under one key. 40 microseconds for 1,000 characters."""

    def __init__(self, pseudonym_key: bytes) -> None:
        keyed = Keyed(pseudonym_key)
        step, last, seed = (keyed.digest(_PURPOSE + bytes([n]))[:8] for n in range(3))
        # Odd: multiplying by it loses nothing.
        self._step = np.uint64(int.from_bytes(step) | 1)
        self._last = np.uint64(int.from_bytes(last) | 1)
        self._seed = np.uint64(int.from_bytes(seed))

    def of(self, text: str) -> int:
        """Return 64 bits; 0 for a text without a letter."""
        plain = " ".join(_ends(text).lower().split())
        if not plain:
            return 0
        hashes = self._hashes(plain.ljust(GRAM))
        if len(hashes) > _DENSE:
            hashes = hashes[(hashes & _EVERY) == 0]
        bits = np.unpackbits(hashes.view(np.uint8)).reshape(-1, _BITS)
        counts = np.ones(len(bits), dtype=np.float32) @ bits.astype(np.float32)
        return int.from_bytes(np.packbits(counts * 2 > len(bits)).tobytes())

    def _hashes(self, plain: str) -> Words:
        codes = np.frombuffer(plain.encode("utf-32-le", "surrogatepass"), dtype="<u4")
        wide = codes.astype(np.uint64)
        reach = len(wide) - GRAM + 1
        mixed: Words = np.full(reach, self._seed)
        for at in range(GRAM):
            mixed = (mixed + wide[at : at + reach]) * self._step
        mixed ^= mixed >> _HALF
        mixed *= self._last
        mixed ^= mixed >> _HALF
        return mixed


def _ends(text: str) -> str:
    if len(text) <= MAX_CHARS:
        return text
    half = MAX_CHARS // 2
    return f"{text[:half]} {text[-half:]}"


def distance(one: int, other: int) -> int:
    """Return how many bits differ."""
    return (one ^ other).bit_count()
