# SPDX-License-Identifier: Apache-2.0
"""Whole numbers as forms and addresses give them.

`str.isdigit` is true for `²`, of which `int` makes nothing, and a number of a
thousand digits fits no store: both are no number here.
"""

from __future__ import annotations

from typing import Final

MOST_DIGITS: Final = 15


def whole_number(text: str) -> int | None:
    """Return a whole number of at most 15 digits, 0 to 9 alone; None for anything else."""
    plain = text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS
    return int(text) if plain else None
