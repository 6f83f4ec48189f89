# SPDX-License-Identifier: Apache-2.0
"""What a warrant names, as the store can answer it: items, authors, services, orders, a period.

The scope bounds what officers see and what a package of the day holds. An empty
one opens nothing. Class `child` is never part of it: its bytes, words and lists
have their own room, and what is owed of it leaves by its own report.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from vigie.core.errors import InvalidInputError
from vigie.flow.erase import DEFAULT_SERVICE
from vigie.flow.house import House
from vigie.flow.queues.severity import CHILD
from vigie.store.models import DecisionRecord, Notice, Order, OrderLocation, SearchDay

MAX_NAMED: Final = 500
"""Entries of one kind that a scope names."""
MAX_ID: Final = 512
Pair = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeGiven:
    """A scope as a person types it."""

    service: str = DEFAULT_SERVICE
    """Of the items and authors."""
    items: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    """As the platform names them."""
    services: tuple[str, ...] = ()
    """Named as a whole."""
    orders: tuple[int, ...] = ()
    notices: tuple[int, ...] = ()
    """Named themselves: their notifiers' names are shown."""
    after: int | None = None
    until: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """A scope as it is kept: authors by pseudonym."""

    items: tuple[Pair, ...] = ()
    authors: tuple[Pair, ...] = ()
    services: tuple[str, ...] = ()
    orders: tuple[int, ...] = ()
    notices: tuple[int, ...] = ()
    after: int | None = None
    until: int | None = None

    @property
    def is_empty(self) -> bool:
        """Say whether it names nothing yet."""
        return not (self.items or self.authors or self.services or self.orders or self.notices)

    def as_json(self) -> dict[str, Any]:
        """Return it as the store keeps it."""
        return {
            "items": [list(one) for one in self.items],
            "authors": [list(one) for one in self.authors],
            "services": list(self.services),
            "orders": list(self.orders),
            "notices": list(self.notices),
            "after": self.after,
            "until": self.until,
        }


def of(search: SearchDay) -> Scope:
    """Return the scope of a search."""
    kept: Mapping[str, Any] = search.scope or {}
    return Scope(
        items=_pairs(kept.get("items")),
        authors=_pairs(kept.get("authors")),
        services=tuple(kept.get("services") or ()),
        orders=tuple(kept.get("orders") or ()),
        notices=tuple(kept.get("notices") or ()),
        after=kept.get("after"),
        until=kept.get("until"),
    )


def _pairs(kept: Any) -> tuple[Pair, ...]:
    return tuple((str(service), str(name)) for service, name in kept or ())


def read(house: House, given: ScopeGiven) -> Scope:
    """Return the scope that a person typed. Raises InvalidInputError, naming the field."""
    service = given.service.strip() or DEFAULT_SERVICE
    items = _named("items", given.items)
    authors = _named("authors", given.authors)
    if given.after is not None and given.until is not None and given.after >= given.until:
        raise InvalidInputError(
            _("The period ends before it begins."), code="scope_period", field="until"
        )
    return Scope(
        items=tuple((service, one) for one in items),
        authors=tuple((service, house.pseudonym(service, one)) for one in authors),
        services=_named("services", given.services),
        orders=_known("orders", given.orders, Order.objects.all()),
        notices=_known("notices", given.notices, Notice.objects.all()),
        after=given.after,
        until=given.until,
    )


def _named(field: str, given: Iterable[str]) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(one.strip() for one in given if one.strip()))
    if len(found) > MAX_NAMED or any(len(one) > MAX_ID for one in found):
        raise InvalidInputError(
            _("A scope names at most %(most)s of a kind, each of at most %(length)s characters.")
            % {"most": MAX_NAMED, "length": MAX_ID},
            code="scope_size",
            field=field,
        )
    return found


def _known(field: str, given: Iterable[int], rows: QuerySet[Any]) -> tuple[int, ...]:
    """Return the numbers, each of a record that is there."""
    asked = tuple(dict.fromkeys(given))
    if len(asked) > MAX_NAMED:
        raise InvalidInputError(
            _("A scope names at most %(most)s of a kind.") % {"most": MAX_NAMED},
            code="scope_size",
            field=field,
        )
    there = set(rows.filter(pk__in=asked).values_list("pk", flat=True))
    missing = [str(one) for one in asked if one not in there]
    if missing:
        raise InvalidInputError(
            _("There is no record of number %(numbers)s.") % {"numbers": ", ".join(missing)},
            code="scope_unknown",
            field=field,
            fix=_("Leave it out here; it stands in the warrant's words."),
        )
    return asked


def decisions(scope: Scope) -> QuerySet[DecisionRecord]:
    """Return the decisions that a scope names, the newest first; never one of class `child`."""
    named = _of_items(scope.items) | _of_authors(scope.authors)
    named |= Q(service__in=scope.services) | _of_items(_locations(scope.orders))
    rows = DecisionRecord.objects.filter(named, _within(scope)).exclude(cls=CHILD)
    hidden = DecisionRecord.objects.filter(cls=CHILD).values("item_id")
    return rows.exclude(item_id__in=hidden).order_by("-number")


def orders(scope: Scope) -> QuerySet[Order]:
    """Return the orders that a scope names, the newest first."""
    return Order.objects.filter(pk__in=scope.orders).order_by("-number")


def notices(scope: Scope) -> QuerySet[Notice]:
    """Return the notices that a scope itself names; of class `child` none."""
    return Notice.objects.filter(pk__in=scope.notices).exclude(category=CHILD).order_by("-number")


def _of_items(pairs: Iterable[Pair]) -> Q:
    found = Q(pk__in=())
    for service, names in _by_service(pairs).items():
        found |= Q(service=service, item_id__in=names)
    return found


def _of_authors(pairs: Iterable[Pair]) -> Q:
    found = Q(pk__in=())
    for service, names in _by_service(pairs).items():
        found |= Q(service=service, author__in=[one for one in names if one])
    return found


def _by_service(pairs: Iterable[Pair]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for service, name in pairs:
        found.setdefault(service, []).append(name)
    return found


def _locations(numbers: Iterable[int]) -> list[Pair]:
    """Return the items that orders name."""
    rows = OrderLocation.objects.filter(order__in=list(numbers)).exclude(item_id="")
    return list(rows.values_list("service", "item_id"))


def _within(scope: Scope) -> Q:
    found = Q()
    if scope.after is not None:
        found &= Q(at__gte=scope.after)
    if scope.until is not None:
        found &= Q(at__lt=scope.until)
    return found
