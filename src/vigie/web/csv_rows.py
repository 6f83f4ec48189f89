# SPDX-License-Identifier: Apache-2.0
"""Tables as CSV (RFC 4180) that a spreadsheet opens as text.

A cell that begins like a formula gets an apostrophe in front: other people's
words must not be computed on somebody's desk (CWE-1236).
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
MARK: Final = "\ufeff"
"""Spreadsheets read UTF-8 only where the file begins so."""


class _Echo:
    """A file that gives back what is written to it."""

    def write(self, text: str) -> str:
        """Return the text."""
        return text


def lines(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Yield the lines of a table, the heading first; nothing is gathered in memory."""
    writer = csv.writer(_Echo())
    yield MARK + str(writer.writerow(head))
    for row in rows:
        yield str(writer.writerow([cell(value) for value in row]))


def cell(value: object) -> str:
    """Return a value as text that no spreadsheet takes for a formula."""
    if value is None:
        return ""
    text = str(value).replace("\x00", "")
    formula = text.lstrip(" ").startswith(_FORMULA)
    return f"'{text}" if formula and not isinstance(value, int | float) else text
