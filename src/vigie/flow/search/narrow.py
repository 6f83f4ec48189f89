# SPDX-License-Identifier: Apache-2.0
"""Finds the rare part of an expression, so that nothing rare is looked for row by row.

Decisions are walked from the newest, which ends soon where many fit. Where few
do, their numbers are taken from an index first. The store's planner cannot
tell the two apart (SQLite keeps no counts of values), a count with a limit can.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.db import connection
from django.db.models import Q

from vigie.flow.search.compile import Asked, cases, field_of, held, tags, via
from vigie.flow.search.nodes import NEGATIVE, And, Node, Or, Term
from vigie.store.models import CaseState, DecisionRecord

if TYPE_CHECKING:
    from django.db.models import QuerySet

FEW: Final = {"sqlite": 10_000, "postgresql": 6_000}
"""Measured at 100,000 decisions: above, walking is faster."""
_INDEXED: Final = frozenset({"at", "author", "decision", "decision.outcome", "item"})
Part = tuple[int, Q]
"""How many decisions it lets through at most, and the condition."""


def narrow(found: QuerySet[DecisionRecord], node: Node, asked: Asked) -> QuerySet[DecisionRecord]:
    """Return the decisions among which all that fit are; all, where no part is rare."""
    rare = _rare(node, asked)
    return found if rare is None else found.filter(rare[1])


def _rare(node: Node, asked: Asked) -> Part | None:
    match node:
        case Term():
            return _of_term(node, asked)
        case And():
            return min(_parts(node, asked), key=lambda part: part[0], default=None)
        case Or():
            return _together(node, asked)
    return None


def _parts(node: And | Or, asked: Asked) -> list[Part]:
    return [part for one in node.nodes if (part := _rare(one, asked)) is not None]


def _together(node: Or, asked: Asked) -> Part | None:
    """All parts of an alternative must be rare."""
    parts, few = _parts(node, asked), FEW[connection.vendor]
    count = sum(part[0] for part in parts)
    if len(parts) < len(node.nodes) or count > few:
        return None
    return count, Q(*(part[1] for part in parts), _connector=Q.OR)


def _of_term(term: Term, asked: Asked) -> Part | None:
    numbers = None if term.operator in NEGATIVE else _numbers(term, asked)
    if numbers is None:
        return None
    few = FEW[connection.vendor]
    count = numbers[: few + 1].count()
    return (count, Q(pk__in=numbers)) if count <= few else None


def _numbers(term: Term, asked: Asked) -> QuerySet[Any, int] | None:
    """Return the numbers of the decisions that fit, where an index has them."""
    field = field_of(term)
    if field.tag:
        return tags(term, field, asked.now).values_list("decision_id", flat=True)
    if field.via:
        rows: QuerySet[Any] = via(term, field, asked.now)
        return rows.filter(decision__isnull=False).values_list("decision_id", flat=True)
    if field.case:
        # All states: the index of the queues begins with it.
        found = cases(term, field, asked.now).filter(state__in=list(CaseState))
        return found.values_list("decision_id", flat=True)
    if field.name in _INDEXED:
        fits = held(term, field, field.column, asked.now)
        return DecisionRecord.objects.filter(fits).values_list("number", flat=True)
    return None
