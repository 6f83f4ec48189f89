# SPDX-License-Identifier: Apache-2.0
"""Contacts that a letter brought: seen in an order before they were in the directory.

Somebody may send a harmless order first, so that its telephone number is copied
from the letterhead into the directory, and the forged one later.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models.functions import Substr

from vigie.store.models import ContactKind, Order, OrderDocument

LAST: Final = 5_000
"""Orders that are looked through, the newest first."""
MOST: Final = 20
HEAD: Final = 20_000
"""Characters of a document that are looked through."""
_DIGITS: Final = re.compile(r"\D+")
_TAIL: Final = 7
"""Digits at the end by which two spellings of a number are alike."""


@dataclass(frozen=True, slots=True)
class Said:
    """What one order says, prepared to be compared with many contacts."""

    number: int
    words: str
    """In small letters, without colons."""
    digits: tuple[str, ...]
    """The digits of each text that holds enough of them."""


def letters() -> list[Said]:
    """Read what the newest orders say, once for many contacts."""
    rows = Order.objects.order_by("-number").values_list("number", "sender", "reply_to", "fields")
    papers = _papers()
    return [
        _said(number, [*texts(rest), *papers.get(number, ())])
        for number, *rest in rows[:LAST].iterator()
    ]


def _papers() -> dict[int, list[str]]:
    """Return the beginnings of what stands in documents, by order: letterheads stand there."""
    found: dict[int, list[str]] = {}
    newest = Order.objects.order_by("-number").values("number")[:LAST]
    rows = OrderDocument.objects.filter(order__in=newest).exclude(text="")
    heads = rows.annotate(head=Substr("text", 1, HEAD)).values_list("order_id", "head")
    for number, head in heads.iterator():
        found.setdefault(number, []).append(head)
    return found


def _said(number: int, found: list[str]) -> Said:
    digits = (_DIGITS.sub("", one) for one in found)
    words = "\n".join(found).lower().replace(":", "")
    return Said(number, words, tuple(one for one in digits if len(one) >= _TAIL))


def orders_naming(kind: str, value: str, said: Sequence[Said] | None = None) -> list[int]:
    """Return the orders that name a telephone number, mail or certificate, at most 20."""
    known = letters() if said is None else said
    if kind == ContactKind.PHONE:
        tail = _DIGITS.sub("", value)[-_TAIL:]
        found = [one.number for one in known if any(tail in each for each in one.digits)]
    else:
        wanted = value.lower().replace(":", "")
        found = [one.number for one in known if wanted in one.words]
    return sorted(found[:MOST])


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
