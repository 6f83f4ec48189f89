# SPDX-License-Identifier: Apache-2.0
"""What a search leaves out for a person: queues and categories that are not theirs.

Class `child` is left out for everybody, by the compiler itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils.translation import gettext as _

from vigie.flow.orders import hidden
from vigie.flow.queues.access import queues_of
from vigie.flow.queues.first import all_queues
from vigie.flow.search.errors import SearchError
from vigie.flow.search.fields import find
from vigie.flow.search.nodes import Node, Operator, Term, terms
from vigie.store.models import Case, CaseState, DecisionRecord, Queue, User
from vigie.store.permissions import Permission

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet

    from vigie.store.models import ReviewQueue


def hidden_from(
    user: User, seen: Iterable[ReviewQueue] | None = None
) -> QuerySet[DecisionRecord] | None:
    """Return the decisions about items with a case that the person may not see; None: none.

    With them, for whoever works without orders, those of orders under silence.
    `seen` as in `may_read`.
    """
    closed, silent = _closed_to(user, seen), _silent_to(user)
    if closed is None:
        return DecisionRecord.objects.filter(silent) if silent is not None else None
    cases = Case.objects.filter(closed, state__in=list(CaseState))
    those = Q(item_id__in=cases.values("decision__item_id"))
    return DecisionRecord.objects.filter(those if silent is None else those | silent)


def _silent_to(user: User) -> Q | None:
    """Return which decisions of orders under silence are kept from a person; None: none are."""
    if user.has_perm(Permission.ORDER_READ) or not hidden.any_silent():
        return None
    return hidden.about()


def may_read(user: User, record: DecisionRecord, seen: Iterable[ReviewQueue] | None = None) -> bool:
    """Say whether a person may see one decision: where the search finds it, or in `child`.

    `seen` are the person's queues, where the caller has asked for them already.
    """
    if record.cls == Queue.CHILD:
        return user.has_perm(Permission.CHILD_READ)
    if not user.has_perm(Permission.ORDER_READ) and hidden.is_hidden(record.number):
        return False
    closed = _closed_to(user, seen)
    about = Case.objects.filter(decision__item_id=record.item_id)
    return closed is None or not about.filter(closed).exists()


def _closed_to(user: User, seen: Iterable[ReviewQueue] | None = None) -> Q | None:
    """Return which cases are of queues or categories that are not a person's."""
    mine = {row.slug for row in (queues_of(user) if seen is None else seen)}
    closed = [row.slug for row in all_queues().values() if row.restricted and row.slug not in mine]
    if not closed and not user.barred:
        return None
    return Q(queue__in=closed) | Q(category__in=user.barred)


def check_fields(node: Node, user: User) -> None:
    """Raise SearchError where the person may not ask for a field.

    Figures of a single person are for that person and the quality lead.
    """
    for term in terms(node):
        field = find(term.field)
        if field is None or field.needs is None or user.has_perm(field.needs):
            continue
        if not _own(term, user):
            raise SearchError(
                _("%(field)s may be asked for your own number only") % {"field": term.field},
                term.column,
                fix=_("Your number is %(number)s.") % {"number": user.number}
                if user.number
                else None,
            )


def _own(term: Term, user: User) -> bool:
    equal = term.operator in {Operator.IS, Operator.IN}
    return equal and user.number is not None and set(term.values) == {str(user.number)}
