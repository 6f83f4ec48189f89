# SPDX-License-Identifier: Apache-2.0
"""What a field of the search is: its type, its operators, where it stands in the store."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from django.utils.functional import Promise

from vigie.flow.search.nodes import Operator
from vigie.store.permissions import Permission


class Kind(StrEnum):
    """Types of values."""

    TEXT = "text"
    CODE = "word"
    """A word of a closed or open list: compared in small letters."""
    COUNTRY = "country"
    NUMBER = "number"
    SCORE = "score"
    """0 to 1, with six decimals."""
    MOMENT = "date"
    FLAG = "yes or no"
    DECISION = "decision"
    """A short number, with or without `D-`."""


class Target(StrEnum):
    """What a search returns."""

    DECISIONS = "decisions"
    ITEMS = "items"
    AUTHORS = "authors"
    CASES = "cases"


EQUAL: Final = frozenset({Operator.IS, Operator.IS_NOT, Operator.IN, Operator.NOT_IN})
ORDER: Final = frozenset({Operator.LESS, Operator.AT_MOST, Operator.MORE, Operator.AT_LEAST})
ORDERED: Final = frozenset({Kind.NUMBER, Kind.SCORE, Kind.MOMENT, Kind.DECISION})


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One thing that can be asked."""

    name: str
    kind: Kind
    says: str | Promise
    """What it is, in a few words."""
    example: str
    choices: tuple[str, ...] = ()
    """Words that it can be; empty: any."""
    column: str = ""
    """Where it stands in `DecisionRecord`."""
    tag: str = ""
    """Kind of `DecisionTag` that holds it."""
    case: str = ""
    """Where it stands in `Case`."""
    via: str = ""
    """What became of it: the `state` of rows that belong to a decision (`compile.via`)."""
    begins: bool = False
    """True where an index knows how values begin: `~` may be used."""
    needs: Permission | None = None
    """Who may ask for it, beyond those who may search."""

    @property
    def kept(self) -> bool:
        """True where the store can be asked for it."""
        return bool(self.column or self.tag or self.case or self.via)

    @property
    def operators(self) -> frozenset[Operator]:
        """The operators that make sense here."""
        if self.kind is Kind.FLAG:
            return frozenset({Operator.IS, Operator.IS_NOT})
        more = ORDER if self.kind in ORDERED else frozenset()
        return EQUAL | more | (frozenset({Operator.BEGINS}) if self.begins else frozenset())
