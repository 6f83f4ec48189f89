# SPDX-License-Identifier: Apache-2.0
"""A warning for the reviewer: a picture that many publish, or for long, or the press.

Such a picture may be known to everybody, shown with consent, or news. It is a
reason to look twice and never by itself a reason to refuse.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from django.db.models import Q

from vigie.flow.house import House
from vigie.flow.statement_text import parsed
from vigie.flow.terms import DAY_MS
from vigie.store.models import ClaimState, DomainList, ItemContent, Notice, NoticeItem, PictureCopy

MANY_AUTHORS: Final = 10
OLD_DAYS: Final = 365
PRESS: Final = "press"
"""Label of the operator's link lists that name the press."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Widely:
    """What speaks for a picture that is widely published; all of it may be chance."""

    authors: int
    """Different authors of the copies; many is ten or more."""
    oldest: int | None
    """When the oldest copy was published, in milliseconds."""
    hosts: tuple[str, ...]
    """Hosts of the press in the addresses and links of the copies."""
    stopped: bool
    """Its hashes found so many copies that they are followed no further."""
    now: int

    @property
    def many(self) -> bool:
        """Many authors published it."""
        return self.authors >= MANY_AUTHORS

    @property
    def old(self) -> bool:
        """A copy is more than a year old."""
        return self.oldest is not None and self.oldest < self.now - OLD_DAYS * DAY_MS

    @property
    def warns(self) -> bool:
        """The reviewer is to look twice."""
        return self.many or self.old or bool(self.hosts) or self.stopped


def widely(house: House, notices: Iterable[Notice]) -> Widely:
    """Return what speaks for a widely published picture, over some notices."""
    asked = [notice.pk for notice in notices]
    copies = list(PictureCopy.objects.filter(notice__in=asked))
    named = list(NoticeItem.objects.filter(notice__in=asked).values_list("item_id", flat=True))
    items = {copy.item_id for copy in copies} | {one for one in named if one}
    contents = list(ItemContent.objects.filter(item_id__in=items))
    stopped = Notice.objects.filter(pk__in=asked, claims__state=ClaimState.WIDE).exists()
    return Widely(
        authors=len({copy.author for copy in copies if copy.author}),
        oldest=_oldest(copies, contents),
        hosts=_press(contents),
        stopped=stopped,
        now=house.now(),
    )


def _oldest(copies: Iterable[PictureCopy], contents: Iterable[ItemContent]) -> int | None:
    times = [copy.seen_at for copy in copies]
    published = (parsed(content.published_at) for content in contents)
    times += [round(at.timestamp() * 1000) for at in published if at is not None]
    return min(times, default=None)


def _press(contents: Iterable[ItemContent]) -> tuple[str, ...]:
    lists = DomainList.objects.filter(Q(in_force=True), label=PRESS)
    known = {domain for one in lists for domain in one.domains}
    hosts = {
        (urlsplit(address).hostname or "").removeprefix("www.")
        for content in contents
        for address in (content.url, *content.links)
    }
    return tuple(sorted(host for host in hosts if _listed(host, known)))


def _listed(host: str, known: set[str]) -> bool:
    parts = host.split(".")
    return any(".".join(parts[n:]) in known for n in range(len(parts)))
