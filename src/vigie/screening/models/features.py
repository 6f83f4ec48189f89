# SPDX-License-Identifier: Apache-2.0
"""Hashed n-grams of a batch of texts, made in one pass for every model.

The texts are laid end to end as code points and hashed by NumPy as a whole: no
loop over items or words. Training and inference share this one code; a change of
any constant here makes every weight file void (`SCHEME` is written into each).

Polynomial rolling hashes as in Karp and Rabin (1987), the final bits by Knuth's
multiplicative method. Hashing trick: Weinberger et al. (2009), arXiv 0902.2206.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property

import numpy as np
import numpy.typing as npt

SCHEME = "vigie-ngrams-1"
"""Name of this way of hashing."""
ORDERS = (2, 3, 4, 5)
"""Lengths of character n-grams."""

Hashes = npt.NDArray[np.uint32]
Places = npt.NDArray[np.int64]

_BLOCK = 1 << 16
"""Code points hashed at once; more would leave the processor's cache."""
_CACHED = 1 << 19
"""Batches up to this many code points keep their hashes for the next model."""
_STEP = np.uint32(0x9E3779B1)
_FINAL = np.uint32(0x85EBCA6B)
_BASE = 0x9E3779B97F4A7C15
_BACK = pow(_BASE, -1, 1 << 64)
_PAIR = np.uint64(0xC2B2AE3D27D4EB4F)
_TOP = np.uint64(32)
_ROUND = np.uint64(7)
_FOLD = np.uint32(15)
_TAIL = np.arange(1, ORDERS[-1])
_SPACE = np.uint32(0x20)
_LAST = np.uint32(0xFFFF)


@dataclass(frozen=True)
class Block:
    """Whole rows laid end to end, each between two spaces."""

    codes: Hashes
    starts: Places
    """Where each row begins; rows follow each other without a gap."""
    ends: Places
    first: int
    """The batch's number of the first row."""

    @property
    def rows(self) -> slice:
        """Which rows of the batch stand here."""
        return slice(self.first, self.first + len(self.starts))

    @cached_property
    def grams(self) -> dict[int, Hashes]:
        """For each order, 32 bits for the n-gram that begins at each place.

        0 where none begins: it would leave its row, or hold a space that is
        neither first nor last.
        """
        found: dict[int, Hashes] = {}
        spaces = self.codes == _SPACE
        broken = np.zeros(len(self.codes), dtype=np.bool_)
        tails = np.maximum(self.ends[:, None] - _TAIL, 0)
        rolling = self.codes * _FINAL
        for order in ORDERS:
            reach = len(self.codes) - order + 1
            rolling *= _STEP
            if reach > 0:
                broken[:reach] |= spaces[order - 2 : order - 2 + reach] if order > 2 else False
                rolling[:reach] += self.codes[order - 1 :]
            mixed = rolling ^ (rolling >> _FOLD)
            mixed *= _FINAL
            mixed[broken] = 0
            mixed[tails[:, : order - 1]] = 0
            found[order] = mixed
        return found

    @cached_property
    def plane(self) -> Hashes:
        """The code points, those beyond the first plane as its last."""
        return np.minimum(self.codes, _LAST)

    @cached_property
    def words(self) -> tuple[Hashes, Hashes, Places]:
        """32 bits for each word, for it and the next of its row, and the rows' starts.

        The pair is 0 at the last word of a row.
        """
        return _words(self)


@dataclass(frozen=True)
class Features:
    """The texts of a batch as code points; hashed block by block when asked."""

    texts: Sequence[str]
    _kept: list[Block] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.texts)

    def blocks(self) -> Iterator[Block]:
        """Yield the rows in blocks of bounded size; small batches keep theirs."""
        if self._kept:
            yield from self._kept
            return
        keep = sum(map(len, self.texts)) <= _CACHED
        for block in _blocks(self.texts):
            if keep:
                self._kept.append(block)
            yield block


def make_features(texts: Sequence[str]) -> Features:
    """Return the features of normalised texts; an empty text has an empty row."""
    return Features(texts)


def _blocks(texts: Sequence[str]) -> Iterator[Block]:
    first, size = 0, 0
    for at, text in enumerate(texts):
        size += len(text) + 2
        if size >= _BLOCK or at + 1 == len(texts):
            yield _block(texts[first : at + 1], first)
            first, size = at + 1, 0


def _block(texts: Sequence[str], first: int) -> Block:
    joined = " " + "  ".join(texts) + " "
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    ends = np.cumsum(np.fromiter(map(len, texts), dtype=np.int64, count=len(texts)) + 2)
    starts = np.concatenate((np.zeros(1, dtype=np.int64), ends[:-1]))
    return Block(codes.astype(np.uint32, copy=False), starts, ends, first)


@cache
def _in_words() -> npt.NDArray[np.bool_]:
    """Which code points of the first plane belong to words: letters, digits, marks."""
    plane = [chr(code) for code in range(1 << 16)]
    return np.array([c.isalnum() or _is_mark(c) for c in plane], dtype=np.bool_)


def _is_mark(char: str) -> bool:
    return unicodedata.category(char).startswith("M")


@cache
def _powers(base: int, size: int) -> npt.NDArray[np.uint64]:
    """`base` to the powers 0 to size - 1, modulo 2 to the 64."""
    steps = np.full(size, base, dtype=np.uint64)
    steps[0] = 1
    return np.multiply.accumulate(steps)


def _words(block: Block) -> tuple[Hashes, Hashes, Places]:
    codes = block.codes
    inside = _in_words()[block.plane]
    edges = np.flatnonzero(inside[1:] != inside[:-1]) + 1
    begin, end = edges[0::2], edges[1::2]
    size = 1 << max(len(codes).bit_length(), 17)
    sums = np.cumsum(codes * _powers(_BASE, size)[: len(codes)], dtype=np.uint64)
    word = (sums[end - 1] - sums[begin - 1]) * _powers(_BACK, size)[begin] * _PAIR
    pair = word.copy()
    pair[:-1] = (pair[:-1] >> _ROUND) * _PAIR + word[1:]
    starts = np.searchsorted(begin, block.starts)
    if len(pair):
        pair[starts[1:] - 1] = 0
    pair[-1:] = 0
    return (word >> _TOP).astype(np.uint32), (pair >> _TOP).astype(np.uint32), starts
