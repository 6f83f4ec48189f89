# SPDX-License-Identifier: Apache-2.0
"""What an order asks for, as one digest, and what may leave on its strength."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Any

from vigie.core import canonical
from vigie.store.models import Order, OrderData, OrderLocation


@dataclass(frozen=True, slots=True)
class ScopeLine:
    """One granted category of data of one account, within its period."""

    category: str
    service: str
    account: str
    since: int | None = None
    """Milliseconds; None: from the beginning."""
    until: int | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """Exactly what may leave: a package holds these lines and nothing beside them."""

    order: int
    lines: tuple[ScopeLine, ...] = ()

    @property
    def accounts(self) -> tuple[tuple[str, str], ...]:
        """The accounts, as (service, account)."""
        return tuple(dict.fromkeys((one.service, one.account) for one in self.lines))

    @property
    def categories(self) -> frozenset[str]:
        """The categories that any line names; which for whom: `lines`."""
        return frozenset(one.category for one in self.lines)

    @property
    def period(self) -> tuple[int | None, int | None]:
        """From when until when at the widest; each line has its own."""
        since = [one.since for one in self.lines]
        until = [one.until for one in self.lines]
        first = None if None in since or not since else min(one for one in since if one is not None)
        last = None if None in until or not until else max(one for one in until if one is not None)
        return first, last

    def of(self, service: str, account: str) -> tuple[ScopeLine, ...]:
        """Return the lines of one account; none for any other."""
        return tuple(one for one in self.lines if (one.service, one.account) == (service, account))


def content_digest(order: Order) -> str:
    """Return the digest of everything that an order asks and of who asks it.

    A proof holds for these bytes: whoever edits the scope afterwards proves anew.
    What the desk finds or decides (identical copies, grants, states) is not in it.
    """
    asked = {
        "form": order.form,
        "authority": order.authority_id,
        "sender": order.sender,
        "reply_to": order.reply_to,
        "reference": order.reference,
        "country": order.country,
        "territories": list(order.territories),
        "emergency": order.emergency,
        "fields": _plain(order.fields),
        "locations": [_location(one) for one in _locations(order)],
        "data": sorted(_data(one) for one in order.data.all()),
        "documents": sorted(order.documents.values_list("sha256", flat=True)),
    }
    return hashlib.sha256(canonical.encode(asked)).hexdigest()


def _locations(order: Order) -> list[OrderLocation]:
    return list(order.locations.filter(copy=False).order_by("position"))


def _location(one: OrderLocation) -> list[Any]:
    """Return an address as it was given; what it was found to be comes later."""
    return [one.url] if one.url else [one.service, one.item_id, one.version]


def _data(one: OrderData) -> list[Any]:
    since, until = one.period_from, one.period_until
    return [one.category, one.service, one.account, str(since), str(until)]


def _plain(value: Any) -> Any:
    """Return a value without floats, which have no one spelling."""
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return repr(value) if isinstance(value, float) else value


def named_accounts(order: Order) -> list[str]:
    """Return the accounts that an order names, each once."""
    return list(dict.fromkeys(order.data.order_by("pk").values_list("account", flat=True)))


def names_account(order: Order, text: str) -> bool:
    """Say whether words name an account that an order asks about, as a word of its own."""
    return any(
        re.search(rf"(?<!\w){re.escape(one)}(?!\w)", text, re.IGNORECASE)
        for one in named_accounts(order)
        if one
    )
