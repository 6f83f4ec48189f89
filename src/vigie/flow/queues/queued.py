# SPDX-License-Identifier: Apache-2.0
"""Is this already queued? Where an item, an address or a decision waits."""

from __future__ import annotations

import re
from typing import Final

from django.db.models import Q, QuerySet

from vigie.core import locations
from vigie.store.models import Case, CaseState, DecisionRecord, ItemContent, NoticeItem

MOST: Final = 50
MAX_TEXT: Final = 2_000
_DECISION: Final = re.compile(r"^[Dd]-(\d{1,15})$")
_NOTICE: Final = re.compile(r"^[Nn]-(\d{1,15})$")
_APPEAL: Final = re.compile(r"^[Aa]-(\d{1,15})$")


def queued(service: str, item_id: str) -> list[Case]:
    """Return the open cases of an item, in the order in which they were opened."""
    return list(
        _open().filter(decision__service=service, decision__item_id=item_id).order_by("pk")[:MOST]
    )


def find(text: str) -> list[Case]:
    """Return the open cases that a person means: item, address, decision, notice or appeal."""
    asked = text.strip()[:MAX_TEXT]
    if not asked:
        return []
    return list(_open().filter(_meant(asked)).order_by("pk")[:MOST])


def _meant(asked: str) -> Q:
    if found := _DECISION.match(asked):
        return _of_decision(int(found[1]))
    if found := _NOTICE.match(asked):
        return Q(notice_items__notice_id=int(found[1]))
    if found := _APPEAL.match(asked):
        return Q(appeal__number=int(found[1]))
    return _of_item(asked)


def _of_decision(number: int) -> Q:
    """Every case of the item of a decision: it may wait under another one."""
    seen = DecisionRecord.objects.filter(number=number).values("service", "item_id").first()
    if seen is None:
        return Q(pk__in=[])
    return Q(decision__service=seen["service"], decision__item_id=seen["item_id"])


def _of_item(asked: str) -> Q:
    """Cases of an item number, of a permalink, or of an address that Vigie never saw."""
    names = [asked, locations.canonical(asked)]
    known = ItemContent.objects.filter(url_key=locations.key(asked))
    names += known.values_list("item_id", flat=True)[:MOST]
    # Numbers first: the two questions are answered by an index each.
    decisions = DecisionRecord.objects.filter(item_id__in=names).order_by("-number")
    noticed = NoticeItem.objects.filter(item_id__in=names, case__isnull=False)
    return Q(decision__in=list(decisions.values_list("number", flat=True)[: 4 * MOST])) | Q(
        pk__in=list(noticed.values_list("case", flat=True)[:MOST])
    )


def _open() -> QuerySet[Case]:
    return Case.objects.filter(state=CaseState.OPEN).select_related("decision", "claimed_by")
