# SPDX-License-Identifier: Apache-2.0
"""Where each character of a YAML text stands in its file.

A condition may be plain, quoted, with escapes, or folded over lines; an error
in it must still point at the character that the author typed.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from typing import Final

import yaml

Places = tuple[tuple[int, int, int], ...]
"""Runs of (offset in the value, line, column): each holds until the next."""

_ESCAPES: Final = {"x": 4, "u": 6, "U": 10}
_BLANK_ESCAPES: Final = ("\\n", "\\t", "\\r", "\\ ", "\\\n")


def places_of(node: yaml.ScalarNode) -> Places:
    """Return the places of a scalar's value, as runs.

    Characters other than white space stand in the same order in value and
    file, whatever the style; walking both together finds each.
    """
    runs: list[tuple[int, int, int]] = []
    expected: tuple[int, int] | None = None
    units = _units(node)
    value = str(node.value)
    for offset, character in enumerate(value):
        if character.isspace():
            continue
        place = next(units, None)
        if place is None:
            break
        shifted = (place[0], place[1] - offset)
        if shifted != expected:
            runs.append((offset, *place))
            expected = shifted
    start = (0, node.start_mark.line + 1, node.start_mark.column + 1)
    return tuple(runs) or (start,)


def locate(places: Places, offset: int) -> tuple[int, int]:
    """Return line and column, from 1, of a character of the value."""
    at = max(bisect_right(places, (offset, 1 << 30, 0)) - 1, 0)
    start, line, column = places[at]
    return line, column + max(offset - start, 0)


def _units(node: yaml.ScalarNode) -> Iterator[tuple[int, int]]:
    """Yield line and column of each typed character that stands for a visible one."""
    raw, line, column = _raw(node)
    blanks = _BLANK_ESCAPES if node.style == '"' else ()
    at = 0
    while at < len(raw):
        width = _width(raw, at, node.style)
        blank = raw[at].isspace() or raw[at : at + width] in blanks
        if not blank:
            yield line, column
        if raw[at] == "\n":
            line, column = line + 1, 1
        else:
            column += width
        at += width


def _raw(node: yaml.ScalarNode) -> tuple[str, int, int]:
    """Return the text between quotes or after the block mark, with its place."""
    begin, end = node.start_mark, node.end_mark
    raw = str(begin.buffer)[begin.pointer : end.pointer] if begin.buffer else str(node.value)
    if node.style in {"'", '"'}:
        return raw[1:-1], begin.line + 1, begin.column + 2
    if node.style in {"|", ">"}:
        return raw.partition("\n")[2], begin.line + 2, 1
    return raw, begin.line + 1, begin.column + 1


def _width(raw: str, at: int, style: str | None) -> int:
    """Return how many typed characters stand for the one at this place."""
    if style == "'" and raw[at : at + 2] == "''":
        return 2
    if style == '"' and raw[at] == "\\":
        return _ESCAPES.get(raw[at + 1 : at + 2], 2)
    return 1
