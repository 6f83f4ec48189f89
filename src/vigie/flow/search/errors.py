# SPDX-License-Identifier: Apache-2.0
"""How an expression is refused: the column and what to write instead."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from vigie.core.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Iterable


class SearchError(InvalidInputError):
    """An expression cannot be read; `column` counts from 1."""

    code = "search_invalid"

    def __init__(self, message: str, column: int, *, fix: str | None = None) -> None:
        words = _("column %(column)s: %(message)s") % {"column": column, "message": message}
        super().__init__(words, field="q", fix=fix)
        self.column = column


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that is most like this one, as the fix of an error."""
    near = get_close_matches(name, list(known), n=1, cutoff=0.55)
    return _("Did you mean %(name)s?") % {"name": near[0]} if near else None
