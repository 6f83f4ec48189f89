# SPDX-License-Identifier: Apache-2.0
"""The form of a lexicon document, and the check of one that an operator brings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec

from vigie.core.errors import InvalidInputError

Words = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Name = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9_.-]{0,99}$")]
Alternatives = Annotated[tuple[Words, ...], msgspec.Meta(min_length=1)]


class Pattern(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Words of several groups near each other, and none of some others.

    The first group finds the place; it should hold the rarest words. A word that
    ends in `*` stands for every word that begins so.
    """

    name: Name
    near: Annotated[tuple[Alternatives, ...], msgspec.Meta(min_length=1)]
    """At least one alternative of each group must stand in the window."""
    within: Annotated[int, msgspec.Meta(ge=1, le=100)] = 8
    """Words before and after the first group's word."""
    ordered: bool = False
    """True: the other groups' words come after the first's."""
    without: tuple[Words, ...] = ()
    """None of these in the window."""


class Lexicon(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A list: its hits are signals of `label`, or put `mark` on the item's signals."""

    list: Name
    label: Name | None = None
    mark: Name | None = None
    language: str | None = None
    """For the reader; a hit counts whatever the item's language."""
    weight: Annotated[float, msgspec.Meta(gt=0, le=1)] = 1.0
    """Value of the signal."""
    source: str
    reviewed: str
    """Date, YYYY-MM-DD."""
    confidence: Literal["low", "medium", "high"]
    terms: tuple[Words, ...] = ()
    patterns: tuple[Pattern, ...] = ()


def read_lexicon(document: object) -> Lexicon:
    """Return the checked list. Raises InvalidInputError that names the field."""
    try:
        lexicon = msgspec.convert(document, Lexicon)
    except msgspec.ValidationError as problem:
        name = document.get("list") if isinstance(document, Mapping) else None
        message, _, path = str(problem).partition(" - at ")
        raise InvalidInputError(
            f"Lexicon {name or '(without a name)'}: {message}.",
            code="lexicon_invalid",
            field=path.strip("`").removeprefix("$").lstrip(".") or None,
            fix="See docs/reference/lists.md for the form of a list.",
        ) from problem
    if (lexicon.label is None) == (lexicon.mark is None):
        raise InvalidInputError(
            f"Lexicon {lexicon.list}: name a label or a mark, one of the two.",
            code="lexicon_invalid",
            field="label",
            fix="`label` makes signals; `mark` only describes the context.",
        )
    return lexicon
