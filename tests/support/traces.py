# SPDX-License-Identifier: Apache-2.0
"""Looks for what must not have stayed behind: 64 bytes of a secret, in any file.

Forms: the bytes themselves, base64 (three alignments, both alphabets) and hex.
Files are read as they lie there; what a program compressed is not unpacked.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from vigie.screening.matching.pdq import PDQ, RADIUS
from vigie.screening.media.facts import facts_of

WINDOW = 64
BLOCK = 32
MIN_DISTINCT = 10
"""Blocks with fewer different bytes stand in many files; they prove nothing."""
MAGICS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF8", b"RIFF")


class Trace(NamedTuple):
    """A secret that was found: which one, where, in what form."""

    path: Path
    secret: int
    form: str


def _forms(secret: bytes) -> Iterator[tuple[str, bytes]]:
    yield "bytes", secret
    for skip in range(3):
        rest = secret[skip:]
        whole = rest[: len(rest) - len(rest) % 3]
        yield "base64", base64.b64encode(whole)
        yield "base64", base64.urlsafe_b64encode(whole)
    yield "hex", secret.hex().encode()
    yield "hex", secret.hex().upper().encode()


class _Needles:
    """Every aligned block of every form; any window holds at least one whole block."""

    def __init__(self, secrets: Sequence[bytes], common: Sequence[bytes]) -> None:
        self._common = [text for known in common for _, text in _forms(known)]
        self.blocks: dict[bytes, tuple[int, str, bytes, int]] = {}
        self.short: list[tuple[int, str, bytes]] = []
        for number, secret in enumerate(secrets):
            for form, text in _forms(secret):
                self._add(number, form, text)
        self._starts = np.zeros(1 << 24, dtype=np.bool_)
        for block in self.blocks:
            self._starts[int.from_bytes(block[:3], "big")] = True

    def _add(self, number: int, form: str, text: bytes) -> None:
        if len(text) < WINDOW:
            self.short.append((number, form, text))
            return
        for at in range(0, len(text) - BLOCK + 1, BLOCK):
            block = text[at : at + BLOCK]
            shared = any(block in text for text in self._common)
            if len(set(block)) >= MIN_DISTINCT and not shared:
                self.blocks.setdefault(block, (number, form, text, at))

    def places(self, data: bytes) -> Iterator[int]:
        """Yield where in the data a block may begin."""
        values = np.frombuffer(data, dtype=np.uint8).astype(np.uint32)
        if len(values) >= BLOCK:
            starts = values[:-2] << 16 | values[1:-1] << 8 | values[2:]
            yield from np.flatnonzero(self._starts[starts]).tolist()


def _run(data: bytes, at: int, text: bytes, start: int) -> int:
    """Return how many bytes around a common place agree."""
    low = 0
    while low < min(at, start) and data[at - low - 1] == text[start - low - 1]:
        low += 1
    high = 0
    while high < min(len(data) - at, len(text) - start) and data[at + high] == text[start + high]:
        high += 1
    return low + high


def _files(folder: Path) -> Iterator[Path]:
    yield from (path for path in sorted(folder.rglob("*")) if path.is_file())


def find_traces(
    folder: Path, secrets: Sequence[bytes], common: Sequence[bytes] = ()
) -> list[Trace]:
    """Return every secret of which 64 consecutive bytes lie in a file below the folder.

    A secret shorter than that is looked for whole. `common` are innocent files
    of the same kind: what they share with a secret (the tables at the start of
    every JPEG file, say) proves nothing.
    """
    needles = _Needles(secrets, common)
    found = set()
    for path in _files(folder):
        data = path.read_bytes()
        for number, form, text in needles.short:
            if text and text in data:
                found.add(Trace(path, number, form))
        for at in needles.places(data):
            known = needles.blocks.get(data[at : at + BLOCK])
            if known and _run(data, at, known[2], known[3]) >= WINDOW:
                found.add(Trace(path, known[0], known[1]))
    return sorted(found)


def find_pictures(folder: Path, hashes: Sequence[bytes]) -> list[Trace]:
    """Return every picture in any file, at any offset, that is near one of the PDQ hashes."""
    found = set()
    for path in _files(folder):
        data = path.read_bytes()
        for magic in MAGICS:
            at = data.find(magic)
            while at >= 0:
                seen = facts_of(data[at:], full=True).pdq
                for number, value in enumerate(hashes):
                    if seen and PDQ.distance(bytes.fromhex(seen), value) <= RADIUS:
                        found.add(Trace(path, number, "pixels"))
                at = data.find(magic, at + 1)
    return sorted(found)
