# SPDX-License-Identifier: Apache-2.0
"""Identical copies of what an order names: the same bytes, or the same words throughout.

Listed before anything is done, for a person to include or to leave out: an order
names addresses, and neither near pictures nor quotations are copies. Class `child`
is not looked through here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from vigie.flow.orders.targets import Named
from vigie.flow.search.fields import HASH
from vigie.store.models import DecisionRecord, DecisionTag, ItemContent

MOST: Final = 500
"""Copies that are listed; more are for a search of their own."""
SHA256: Final = "sha256:"
CHILD: Final = "child"


@dataclass(frozen=True, slots=True)
class Copy:
    """One item that holds the same as one that the order names."""

    service: str
    item_id: str
    url: str
    same: str
    """`bytes` or `words`."""

    @property
    def key(self) -> str:
        """Its name in forms."""
        return f"{self.service}/{self.item_id}"


def find(named: Sequence[Named]) -> list[Copy]:
    """Return the identical copies of items that an order names, each once."""
    known = {(one.place.service, one.place.item_id) for one in named}
    heads = [one.head for one in named if one.head is not None and one.head.cls != CHILD]
    found: dict[tuple[str, str], Copy] = {}
    for service, item, same in (*_of_media(heads), *_of_words(heads)):
        if (service, item) not in known and len(found) < MOST:
            found.setdefault((service, item), Copy(service, item, "", same))
    urls = _urls(found)
    return [
        Copy(one.service, one.item_id, urls.get(place, ""), one.same)
        for place, one in sorted(found.items())
    ]


def _of_media(heads: Iterable[DecisionRecord]) -> Iterator[tuple[str, str, str]]:
    media = {one.lower() for head in heads for one in head.media if one.startswith(SHA256)}
    digests = {one.removeprefix(SHA256) for one in media}
    if not digests:
        return
    tagged = DecisionTag.objects.filter(kind=HASH, value__in=digests).values("decision")
    rows = DecisionRecord.objects.filter(number__in=tagged, duplicate_of=None).exclude(cls=CHILD)
    for service, item in rows.values_list("service", "item_id").distinct()[: MOST + 1]:
        yield service, item, "bytes"


def _of_words(heads: Iterable[DecisionRecord]) -> Iterator[tuple[str, str, str]]:
    """Find the same text under items that hold no picture beside it that differs."""
    for head in heads:
        kept = ItemContent.objects.filter(
            service=head.service, item_id=head.item_id, version=head.version
        ).first()
        if kept is None or not kept.text_key or head.media:
            continue
        same = ItemContent.objects.filter(text_key=kept.text_key)
        for one in same.values_list("service", "item_id").distinct()[: MOST + 1]:
            if not _hidden(*one):
                yield *one, "words"


def _hidden(service: str, item: str) -> bool:
    rows = DecisionRecord.objects.filter(service=service, item_id=item)
    return rows.filter(cls=CHILD).exists() or rows.exclude(media=[]).exists()


def _urls(found: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    items = {item for _, item in found}
    rows = ItemContent.objects.filter(item_id__in=items).exclude(url="").order_by("version")
    return {(one.service, one.item_id): one.url for one in rows}
