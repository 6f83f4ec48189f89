# SPDX-License-Identifier: Apache-2.0
"""Asks an expression of flat facts, for routing rules and tests. Pure and total.

What is not known fits no comparison, and so fits every opposite of one: `!=`,
`not in` and `not`. A fact with several values fits where one of them does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from vigie.core.territory import EVERYWHERE
from vigie.flow.search.fields import find
from vigie.flow.search.kinds import ORDERED, Field, Kind
from vigie.flow.search.nodes import NEGATIVE, And, Node, Not, Operator, Or, Term
from vigie.flow.search.values import millionths, stretch

NOW: Final = "now"
"""The fact that relative dates count from, in milliseconds since 1970."""


def matches(node: Node, facts: Mapping[str, object]) -> bool:
    """Say whether the facts fit. Names are those of the fields; moments are milliseconds."""
    match node:
        case Term():
            return _term(node, facts) != (node.operator in NEGATIVE)
        case Not():
            return not matches(node.node, facts)
        case And():
            return all(matches(one, facts) for one in node.nodes)
        case Or():
            return any(matches(one, facts) for one in node.nodes)


def _term(term: Term, facts: Mapping[str, object]) -> bool:
    """Say whether one of the fact's values fits one of the term's."""
    field = find(term.field)
    now = facts.get(NOW)
    if field is None or (field.kind is Kind.MOMENT and not isinstance(now, int) and _floats(term)):
        return False
    known = list(_values(facts.get(term.field)))
    if field.kind in ORDERED:
        start = now if isinstance(now, int) else 0
        return any(_ordered(field, term.operator, one, known, start) for one in term.values)
    return any(_fits(field, term.operator, one, value) for one in term.values for value in known)


def _floats(term: Term) -> bool:
    return any(value.startswith(("+", "-")) for value in term.values)


def _values(fact: object) -> Iterable[object]:
    """Return the values of a fact; texts and numbers are one, None is none."""
    if fact is None:
        return ()
    if isinstance(fact, str | int | float):
        return (fact,)
    return fact if isinstance(fact, Iterable) else ()


def _ordered(
    field: Field, operator: Operator, value: str, known: Iterable[object], now: int
) -> bool:
    held = stretch(field, operator, value, now)
    return any(held.holds(number) for one in known if (number := _number(field, one)) is not None)


def _number(field: Field, value: object) -> int | None:
    """Return a fact as the whole number that its field is kept as."""
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:  # noqa: PLR0124
        return None
    if field.kind is Kind.SCORE:
        return millionths(value) if 0 <= value <= 1 else None
    return value if isinstance(value, int) else None


def _fits(field: Field, operator: Operator, value: str, known: object) -> bool:
    if field.kind is Kind.FLAG:
        return known is (value == "yes")
    if not isinstance(known, str):
        return False
    if operator is Operator.BEGINS:
        return known.startswith(value)
    return known == value or (field.name == "territory" and known == EVERYWHERE)
