# SPDX-License-Identifier: Apache-2.0
"""Splits a condition into words, so that names are rewritten only where they are names.

`score.hate` inside a quoted text is text. The rewritten condition keeps a map
back to what the author typed, for errors. Grammar: the CEL language definition.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Final, NamedTuple

_TOKEN: Final = re.compile(
    r"""
      (?P<space>\s+ | //[^\n]*)
    | (?P<string>
          (?:[rR][bB]?|[bB][rR]) (?: \"{3}[\s\S]*?\"{3} | '{3}[\s\S]*?'{3}
                                     | "[^"\n]*" | '[^'\n]*' )
        | [bB]? (?: \"{3}(?:\\[\s\S]|[^\\])*?\"{3} | '{3}(?:\\[\s\S]|[^\\])*?'{3}
                  | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*' ) )
    | (?P<number>0[xX][0-9a-fA-F]+[uU]? | (?:\d+\.\d+|\.\d+|\d+)(?:[eE][+-]?\d+)?[uU]?)
    | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
    | (?P<sign>&&|\|\||[<>=!]=|[\s\S])
    """,
    re.VERBOSE,
)


class Token(NamedTuple):
    """One word of a condition. ``kind``: space, string, number, name or sign."""

    kind: str
    text: str
    start: int


def tokens_of(expression: str) -> list[Token]:
    """Return all words; together they are the expression."""
    return [
        Token(match.lastgroup or "sign", match[0], match.start())
        for match in _TOKEN.finditer(expression)
    ]


@dataclass(slots=True)
class Rewriter:
    """Builds the rewritten text and remembers where each piece came from."""

    pieces: list[str] = field(default_factory=list)
    runs: list[tuple[int, int]] = field(default_factory=list)
    length: int = 0

    def add(self, text: str, start: int) -> None:
        """Append a piece that stands for the source from ``start`` on."""
        self.runs.append((self.length, start))
        self.pieces.append(text)
        self.length += len(text)

    @property
    def text(self) -> str:
        """The rewritten text."""
        return "".join(self.pieces)

    def source_offset(self, offset: int) -> int:
        """Return where in the source a place of the rewritten text comes from."""
        if not self.runs:
            return 0
        at = max(bisect_right(self.runs, (offset, 1 << 30)) - 1, 0)
        begin, start = self.runs[at]
        width = len(self.pieces[at])
        return start + min(max(offset - begin, 0), max(width - 1, 0))
