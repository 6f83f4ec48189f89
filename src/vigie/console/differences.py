# SPDX-License-Identifier: Apache-2.0
"""Differences of two texts by line, with the numbers of both (design: old, then new)."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import Final

AROUND: Final = 3
"""Unchanged lines shown around a change."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the difference."""

    sign: str
    """`+`, `-`, a blank, or `…` for lines left out."""
    old: int | None
    new: int | None
    text: str


def lines(old: str, new: str) -> list[Line]:
    """Return what changed, with a little around it; nothing where the texts are equal."""
    before, after = old.splitlines(), new.splitlines()
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    found: list[Line] = []
    for number, group in enumerate(matcher.get_grouped_opcodes(AROUND)):
        if number:
            found.append(Line("…", None, None, ""))
        for tag, i1, i2, j1, j2 in group:
            if tag == "equal":
                pairs = zip(range(i1, i2), range(j1, j2), strict=True)
                found += [Line(" ", i + 1, j + 1, before[i]) for i, j in pairs]
                continue
            found += [Line("-", i + 1, None, before[i]) for i in range(i1, i2)]
            found += [Line("+", None, j + 1, after[j]) for j in range(j1, j2)]
    return found
