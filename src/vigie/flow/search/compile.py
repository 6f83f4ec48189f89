# SPDX-License-Identifier: Apache-2.0
"""From an expression to conditions of the store, one comparison after the other.

Nothing here is ever neither true nor false: what is unknown fits no
comparison, so that `not` means the same as in `match`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.db import connection
from django.db.models import BigIntegerField, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.db.models.lookups import GreaterThan
from django.utils.translation import gettext as _

from vigie.core.territory import EVERYWHERE
from vigie.flow.search.errors import SearchError
from vigie.flow.search.fields import find, label_of
from vigie.flow.search.kinds import ORDERED, Field, Kind
from vigie.flow.search.nodes import NEGATIVE, And, Node, Not, Operator, Or, Term
from vigie.flow.search.values import Stretch, stretch
from vigie.store.models import Case, DecisionTag, Effect, OutgoingTask, Statement, User

_LAST: Final = chr(0x10FFFF)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """From when relative dates count, and whether rows are cases instead of decisions."""

    now: int
    cases: bool = False

    def column(self, field: Field) -> str:
        """Return what leads from a row to the field's column."""
        return field.case or f"{'decision__' if self.cases else ''}{field.column}"

    @property
    def number(self) -> OuterRef:
        """The number of the row's decision, for a query inside."""
        return OuterRef("decision_id" if self.cases else "pk")


def of_node(node: Node, asked: Asked) -> Q:
    """Return the condition of an expression; raises SearchError for what is not kept."""
    match node:
        case Term():
            return of_term(node, asked)
        case Not():
            return ~of_node(node.node, asked)
        case And():
            return Q(*(of_node(one, asked) for one in node.nodes))
        case Or():
            return Q(*(of_node(one, asked) for one in node.nodes), _connector=Q.OR)


def of_term(term: Term, asked: Asked) -> Q:
    """Return the condition of one comparison."""
    field = field_of(term)
    if field.tag:
        found = _has(tags(term, field, asked.now), asked)
    elif field.via:
        found = _has(via(term, field, asked.now), asked)
    elif field.case and not asked.cases:
        found = _has(cases(term, field, asked.now), asked)
    else:
        found = held(term, field, asked.column(field), asked.now)
    return ~found if term.operator in NEGATIVE else found


def _has(rows: QuerySet[Any], asked: Asked) -> Q:
    """Return that one of the rows belongs to the decision, asked decision by decision.

    For an EXISTS, PostgreSQL would first gather all rows that fit, for a page
    of fifty; a subquery with a limit it asks by the index.
    """
    own = rows.filter(decision=asked.number)
    if connection.vendor == "sqlite":
        return Q(Exists(own))
    number, one = BigIntegerField(), own.order_by().values("decision")[:1]
    return Q(GreaterThan(Coalesce(Subquery(one, output_field=number), 0, output_field=number), 0))


def field_of(term: Term) -> Field:
    """Return the field of a comparison; raises SearchError where the store knows nothing of it."""
    field = find(term.field)
    if field is not None and field.kept:
        return field
    raise SearchError(
        _("%(field)s is not kept and cannot be searched") % {"field": term.field},
        term.column,
        fix=_("Policies read it when an item arrives, routing rules when a case begins."),
    )


def tags(term: Term, field: Field, now: int) -> QuerySet[DecisionTag]:
    """Return the tags that fit a comparison, as if it were not negative."""
    found = DecisionTag.objects.filter(kind=field.tag)
    if field.kind in ORDERED:
        found = found.filter(value=label_of(term.field))
        return found.filter(held(term, field, "score", now))
    return found.filter(held(term, field, "value", now))


def via(term: Term, field: Field, now: int) -> QuerySet[Any]:
    """Return what became of decisions and fits a comparison, as if it were not negative."""
    fits = held(term, field, "state", now)
    if field.via == "effect":
        return Effect.objects.filter(fits)
    if field.via == "statement":
        return Statement.objects.filter(fits)
    return OutgoingTask.objects.filter(fits, kind=field.via)


def cases(term: Term, field: Field, now: int) -> QuerySet[Case]:
    """Return the cases that fit a comparison, as if it were not negative."""
    return Case.objects.filter(held(term, field, field.case, now))


def held(term: Term, field: Field, column: str, now: int) -> Q:
    """Hold a column against the values, as if the operator were not negative."""
    if field.kind is Kind.FLAG:
        return _flag(column, yes="yes" in term.values)
    if field.kind in ORDERED:
        stretches = [stretch(field, term.operator, one, now) for one in term.values]
        if column.endswith("decided_by"):
            return Q(**{f"{column}__in": _names(stretches)})
        return _within(column, stretches)
    if term.operator is Operator.BEGINS:
        return begins(column, term.values[0])
    wider = (EVERYWHERE,) if field.tag == "territory" else ()
    return Q(**{f"{column}__in": (*term.values, *wider)})


def _flag(column: str, *, yes: bool) -> Q:
    if column.endswith("superseded_by"):
        return Q(**{f"{column}__isnull": not yes})
    return Q(**{column: yes})


def _within(column: str, stretches: list[Stretch]) -> Q:
    """Return that a number lies in one of the stretches."""
    found = Q()
    for low, high in stretches:
        ends: dict[str, Any] = {}
        if low is not None:
            ends[f"{column}__gte"] = low
        if high is not None:
            ends[f"{column}__lt"] = high
        found |= Q(**ends)
    return found


def _names(stretches: list[Stretch]) -> QuerySet[User, str]:
    """Return the login names behind role numbers; they stay inside the store."""
    return User.objects.filter(_within("number", stretches)).values_list("username", flat=True)


def begins(column: str, value: str) -> Q:
    """Return that a text begins with a value, in a way that an index answers."""
    if connection.vendor == "postgresql":
        return Q(**{f"{column}__startswith": value})
    return Q(**{f"{column}__gte": value, f"{column}__lt": f"{value}{_LAST}"})
