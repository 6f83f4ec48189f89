# SPDX-License-Identifier: Apache-2.0
"""The variables that a policy reads: flat, typed, always present.

Authors write `score.hate`, `limit.hate`, `item.language`; the engine knows
`score_hate`, a number, and `item_language`. Anything else is refused by name.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """Types of variables, as the engine has them."""

    DOUBLE = "double"
    INT = "int"
    STRING = "string"
    STRINGS = "list(string)"


NEUTRAL: Final[dict[Kind, float | int | str | list[str]]] = {
    Kind.DOUBLE: 0.0,
    Kind.INT: -1,
    Kind.STRING: "",
    Kind.STRINGS: [],
}
"""What stands for a value that is not known."""

LISTS: Final[dict[str, Kind]] = {"marks": Kind.STRINGS, "matched": Kind.STRINGS}
ITEM: Final[dict[str, Kind]] = {
    "surface": Kind.STRING,
    "language": Kind.STRING,
    "service": Kind.STRING,
    "visibility": Kind.STRING,
    "author_country": Kind.STRING,
    "account_age_days": Kind.INT,
    "strikes": Kind.INT,
    "version": Kind.INT,
    "links": Kind.INT,
    "media": Kind.INT,
    "countries": Kind.STRINGS,
}
NAMESPACES: Final = ("score", "limit", "item")
NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,63}", re.ASCII)
"""Labels, limits, clauses and policy ids."""


def flat(namespace: str, name: str) -> str:
    """Return the name under which the engine knows `namespace.name`."""
    return f"{namespace}_{name}"


def written(flat_name: str) -> str:
    """Return a flat name as an author writes it."""
    head, _, tail = flat_name.partition("_")
    return f"{head}.{tail}" if head in NAMESPACES else flat_name


def catalogue(labels: tuple[str, ...]) -> dict[str, Kind]:
    """Return every flat variable with its type, for these labels."""
    scores = {flat("score", label): Kind.DOUBLE for label in labels}
    items = {flat("item", name): kind for name, kind in ITEM.items()}
    return {**scores, **LISTS, **items}
