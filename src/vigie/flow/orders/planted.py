# SPDX-License-Identifier: Apache-2.0
"""Contacts that a letter brought: seen in an order before they were in the directory.

Somebody may send a harmless order first, so that its telephone number is copied
from the letterhead into the directory, and the forged one later.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from django.db.models.functions import Left

from vigie.store.models import ContactKind, Order, OrderDocument

LAST: Final = 5_000
"""Orders that are looked through, the newest first."""
MOST: Final = 20
HEAD: Final = 20_000
"""Characters of a document that are looked through."""
_DIGITS: Final = re.compile(r"\D+")
_TAIL: Final = 7
"""Digits at the end by which two spellings of a number are alike."""


def orders_naming(kind: str, value: str) -> list[int]:
    """Return the orders that name a telephone number, mail or certificate, at most 20."""
    wanted = _needle(kind, value)
    rows = Order.objects.order_by("-number").values_list("number", "sender", "reply_to", "fields")
    found: list[int] = []
    for number, sender, reply_to, fields in rows[:LAST].iterator():
        if any(_names(kind, text, wanted) for text in (sender, reply_to, *texts(fields))):
            found.append(number)
        if len(found) == MOST:
            break
    return sorted({*found, *_letterheads(kind, wanted)})[:MOST]


def _letterheads(kind: str, wanted: str) -> Iterator[int]:
    """Yield the orders whose documents name it: a letterhead becomes no field."""
    rows = OrderDocument.objects.exclude(text="").order_by("-order_id", "pk")
    shown = rows.annotate(head=Left("text", HEAD)).values_list("order_id", "head")
    for number, text in shown[:LAST].iterator():
        if _names(kind, text, wanted):
            yield number


def texts(value: Any) -> Iterator[str]:
    """Yield every text in nested values."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from texts(inner)


def _needle(kind: str, value: str) -> str:
    return _DIGITS.sub("", value)[-_TAIL:] if kind == ContactKind.PHONE else value.lower()


def _names(kind: str, text: str, wanted: str) -> bool:
    """Compare a number by its last digits; anything else as it is written."""
    if kind == ContactKind.PHONE:
        return wanted in _DIGITS.sub("", text)
    return wanted in text.lower().replace(":", "")
