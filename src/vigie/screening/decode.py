# SPDX-License-Identifier: Apache-2.0
r"""What a prompt says once its encodings are taken off: extra texts to be judged.

Looks for base64 (also URL-safe and over several lines), hexadecimal, percent and
`\u` escapes, character references, rot13, reversed text and heavy leet. Pure and
bounded: `LARGEST` code points of input, `MOST` texts, `TOTAL` code points of
output, `DEPTH` layers. What lies beyond is not looked at, and `Decoding.cut` says so.
Homoglyphs, invisible marks and light leet are the normaliser's work already.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import html
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple
from urllib.parse import unquote

DEPTH: Final = 2
"""Layers taken off: base64 inside base64, and no further."""
MOST: Final = 16
"""Texts returned for one prompt."""
TOTAL: Final = 40_000
"""Code points returned in all."""
LARGEST: Final = 100_000
"""Code points of a text that are looked at."""
LEAST: Final = 4
"""Letters that a decoded text must hold to be one."""

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Decoded:
    """One decoded text, how it was found, and the way back."""

    text: str
    how: tuple[str, ...]
    """Outermost first: `("base64", "rot13")` was rot13 inside base64."""
    span: Span
    """Where the encoded part stands in the text it was found in."""
    parent: Decoded | None = None

    def place(self, start: int, end: int) -> Span:
        """Return where ``text[start:end]`` came from, in the original text.

        Code by code for rot13, leet and reversed text; else the encoded part whole.
        """
        low, high = self.span
        start, end = max(start, 0), min(end, len(self.text))
        if self.how[-1] in _IN_PLACE:
            found = (low + start, low + end)
        elif self.how[-1] == "reversed":
            found = (high - end, high - start)
        else:
            found = (low, high)
        return self.parent.place(*found) if self.parent else found


class Decoding(NamedTuple):
    """Everything that was found, and whether a cap left something out."""

    texts: tuple[Decoded, ...]
    cut: bool = False


_IN_PLACE: Final = frozenset({"rot13", "leet"})
_NOTHING: Final = Decoding(())


class _Raw(NamedTuple):
    text: str
    how: str
    span: Span


def decode(text: str) -> Decoding:
    """Return the decoded variants of a text; nothing where nothing looks encoded."""
    cut = len(text) > LARGEST
    if cut:
        text = text[:LARGEST]
    first = [_decoded(raw, None) for raw in _layer(text)]
    if not first:
        return Decoding((), cut) if cut else _NOTHING
    found = list(first)
    for _ in range(DEPTH - 1):
        first = [_decoded(raw, one) for one in first for raw in _layer(one.text)]
        found += [one for one in first if not _undone(one)]
    return _capped(found, text, cut=cut)


def _decoded(raw: _Raw, parent: Decoded | None) -> Decoded:
    how = (*parent.how, raw.how) if parent else (raw.how,)
    return Decoded(raw.text, how, raw.span, parent)


def _undone(one: Decoded) -> bool:
    """Two turns of the same kind lead back to where they began."""
    return len(one.how) > 1 and one.how[-1] == one.how[-2] and one.how[-1] in _TURNS


def _capped(found: list[Decoded], original: str, *, cut: bool) -> Decoding:
    kept: list[Decoded] = []
    seen = {original}
    room = TOTAL
    for one in found:
        if one.text in seen:
            continue
        if len(kept) == MOST or len(one.text) > room:
            cut = True
            continue
        seen.add(one.text)
        kept.append(one)
        room -= len(one.text)
    return Decoding(tuple(kept), cut)


def _layer(text: str) -> Iterator[_Raw]:
    """Yield what one layer hides; cheap tests first."""
    low = text.lower()
    words = low.split()
    if not words:
        return
    different = set(words)
    named = any(name in low for name in _NAMES)
    if named or max(map(len, words)) >= _SHORTEST_RUN:
        yield from _runs(text, _BASE64_NAMED if named else _BASE64, "base64", _from_base64)
    if _HEX_HINT.search(low):
        yield from _runs(text, _HEX, "hex", _from_hex)
    if "%" in text or "\\" in text or "&" in text:
        yield from _escapes(text)
    yield from _turned(text, different, named=named)
    if _LEET_HINT.search(low) and _reads(text.translate(_LEET)):
        yield _Raw(text.translate(_LEET), "leet", (0, len(text)))


_SHORTEST_RUN: Final = 16
_NAMES: Final = (
    *("base64", "base 64", "base-64", "rot13", "rot 13", "rot-13", "hexad", "decod", "décod"),
    *(
        "dekod",
        "entschlüssel",
        "backwards",
        "reversed",
        "verkehrt herum",
        "rückwärts",
        "à l'envers",
    ),
)
_BASE64: Final = re.compile(
    r"[A-Za-z0-9+/_-]{16,}(?:\s+[A-Za-z0-9+/_-]{16,})*+(?:\s*[A-Za-z0-9+/_-]+)?={0,2}"
)
_BASE64_NAMED: Final = re.compile(r"[A-Za-z0-9+/_-]{6,}(?:\s*\n\s*[A-Za-z0-9+/_-]+)*+={0,2}")
_HEX_HINT: Final = re.compile(r"[0-9](?=(?<=[0-9a-f].)|[0-9a-f])[0-9a-f ,:x\\]{10,}")
_HEX: Final = re.compile(r"(?:(?:0x|\\x)?[0-9a-fA-F]{2}[\s:,]{0,2}+){4,}")
_PERCENT: Final = re.compile(r"(?:%[0-9a-fA-F]{2}){3}")
_BACKSLASH: Final = re.compile(r"(?:\\u[0-9a-fA-F]{4}|\\x[0-9a-fA-F]{2}){3,}")
_REFERENCE: Final = re.compile(r"(?:&#(?:x[0-9a-fA-F]{2,6}|[0-9]{2,7});){3}")
_LEET_HINT: Final = re.compile(
    r"[0-9@$€](?:(?<=[a-z].)[0-9@$|!€]|(?<=[a-z].)[a-z][0-9@$|!€]|[0-9@$|!€]?[a-z](?<![\d][a-z]{2}))"
)
_LEET: Final = str.maketrans("013456789@$|!€+", "oieasgtbgasliet")


def _runs(
    text: str, pattern: re.Pattern[str], how: str, read: Callable[[str], str | None]
) -> Iterator[_Raw]:
    for match in pattern.finditer(text):
        found = read(match.group())
        if found is not None:
            yield _Raw(found, how, match.span())


def _from_base64(run: str) -> str | None:
    """Read a run whole; where that fails, its first line, for prose may follow it."""
    found = _one_base64("".join(run.split()))
    if found is None and len(run.split()) > 1:
        found = _one_base64(max(run.split(), key=len))
    return found


def _one_base64(run: str) -> str | None:
    run = run.rstrip("=").replace("-", "+").replace("_", "/")
    if len(run) % 4 == 1:
        run = run[:-1]
    try:
        return _as_text(base64.b64decode(run + "=" * (-len(run) % 4), validate=True))
    except (binascii.Error, ValueError):
        return None


_HEX_NOISE: Final = re.compile(r"0x|\\x|[\s:,]")


def _from_hex(run: str) -> str | None:
    digits = _HEX_NOISE.sub("", run)
    try:
        return _as_text(bytes.fromhex(digits[: len(digits) // 2 * 2]))
    except ValueError:
        return None


def _as_text(content: bytes) -> str | None:
    """Return bytes as text where most of it is letters, else None."""
    for encoding in ("utf-16-le",) if content[1:8:2] == b"\0" * 4 else ("utf-8", "latin-1"):
        try:
            found = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        letters = sum(char.isalpha() or char == " " for char in found)
        shown = sum(char.isprintable() or char.isspace() for char in found)
        if letters >= LEAST and letters * 4 >= len(found) * 3 and shown == len(found):
            return found
    return None


def _escapes(text: str) -> Iterator[_Raw]:
    whole = (0, len(text))
    if _PERCENT.search(text):
        yield _Raw(unquote(text, errors="replace"), "percent", whole)
    if _REFERENCE.search(text):
        yield _Raw(html.unescape(text), "reference", whole)
    for match in _BACKSLASH.finditer(text):
        found = _UNIT.sub(lambda unit: chr(int(unit.group(1) or unit.group(2), 16)), match.group())
        yield _Raw(
            found.encode("utf-16", "surrogatepass").decode("utf-16", "replace"),
            "escape",
            match.span(),
        )


_UNIT: Final = re.compile(r"\\u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})")
_TURNS: Final = frozenset({"rot13", "reversed"})
_COMMON: Final = (
    "the and for you that with this are was not have from your they will what make how of to is in "
    "les des est une dans pour que qui pas sur avec cette sont mais vous nous elle il la le un "
    "der die das und ist nicht ein eine mit den von auf für sie ich wie dem zu im es"
).split()
_KNOWN: Final = frozenset(_COMMON)
_ROT13: Final = frozenset(codecs.encode(word, "rot13") for word in _COMMON) - _KNOWN
_REVERSED: Final = frozenset(word[::-1] for word in _COMMON) - _KNOWN


def _reads(text: str) -> bool:
    """Ask that a translated text be mostly short words: an encoded run is none."""
    words = text.split()
    return max(map(len, words)) < 2 * _SHORTEST_RUN


def _turned(text: str, lower: set[str], *, named: bool) -> Iterator[_Raw]:
    """Yield rot13 and reversed text where its common words show, or it is named."""
    plain = len(lower & _KNOWN)
    for how, marks in (("rot13", _ROT13), ("reversed", _REVERSED)):
        shown = len(lower & marks)
        if named or (shown >= 2 and shown * 3 > plain):
            turned = codecs.encode(text, "rot13") if how == "rot13" else text[::-1]
            yield _Raw(turned, how, (0, len(text)))
