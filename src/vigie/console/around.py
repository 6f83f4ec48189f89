# SPDX-License-Identifier: Apache-2.0
"""What surrounds an item: what it replies to, what is like it, what lists say of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.urls import reverse
from django.utils.translation import gettext as _

from vigie.console import present, queries
from vigie.flow import child_items
from vigie.flow.queues import access, claims
from vigie.flow.search import access as reading
from vigie.store.models import (
    Bank,
    BankEntry,
    Case,
    CaseKind,
    CaseState,
    DecisionRecord,
    Queue,
    Stance,
)
from vigie.web.text import excerpt

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vigie.console.page import Page
    from vigie.core.decision import Match
    from vigie.flow.house import House
    from vigie.store.models import User
    from vigie.web.text import Mark, Piece

MOST: Final = 8
CHILD: Final = queries.CHILD
_KINDS: Final = (CaseKind.PROPOSAL, CaseKind.NOTICE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Replied:
    """What the item replies to."""

    item_id: str
    said: list[Piece]
    at: int | None
    state: str
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Related:
    """Another open case that can be decided with this one."""

    number: int
    """Of the last word about it: what the person sees and decides on."""
    label: str
    link: str
    why: str
    same: bool
    """True: the same words. Chosen together more safely than what is by the same author."""
    said: list[Piece]
    holder: str
    checked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BankRow:
    """One list that knows a picture of the item."""

    name: str
    owner: str
    cls: str
    basis: str
    distance: int
    opinion: str
    disputed: bool
    active: bool


def replied_to(page: Page, user: User) -> Replied | None:
    """Return the item that this one replies to, masked; None where it replies to nothing."""
    if page.content is None or not page.content.in_reply_to:
        return None
    service, item_id = page.record.service, page.content.in_reply_to
    record = (
        DecisionRecord.objects.filter(service=service, item_id=item_id, duplicate_of=None)
        .order_by("-number")
        .first()
    )
    if record is not None and not reading.may_read(user, record, page.mine):
        return Replied(item_id=item_id, said=[], at=None, state="", language="")
    kept = child_items.shown().filter(service=service, item_id=item_id)
    row = kept.order_by("-version").first()
    said = excerpt(row.text, _marks(record), 400) if row is not None and row.text else []
    return Replied(
        item_id=item_id,
        said=said,
        at=row.kept_since if row is not None else None,
        state=present.state(record).words if record is not None else "",
        language=record.language if record is not None else "",
    )


def _marks(record: DecisionRecord | None) -> list[Mark]:
    return present.marks(present.decision_of(record)) if record is not None else []


def related(page: Page, house: House, user: User, chosen: Iterable[int]) -> list[Related]:
    """Return open cases with the same words, and further ones of the same author."""
    if page.content is None or page.is_child:
        return []
    same = _same_words(page)
    found = {case.pk: case for case in [*_cases_of(page, same), *_cases_by(page)]}
    seen = [one for one in found.values() if access.may_see(user, one, page.mine)][:MOST]
    heads = _heads([one.decision for one in seen])
    texts = queries.contents(heads.values())
    now, picked = house.now(), set(chosen)
    rows = []
    for case in seen:
        first = case.decision
        head = heads.get((first.service, first.item_id, first.version), first)
        content = texts.get((first.service, first.item_id, first.version))
        alike = first.item_id in same
        holder = claims.holder(case, now)
        rows.append(
            Related(
                number=head.number,
                label=head.label,
                link=reverse("console:decide", args=[head.number]),
                why=_("same words") if alike else _("same author"),
                same=alike,
                said=excerpt(content.text, _marks(first)) if content else [],
                holder=holder.username if holder is not None and holder.pk != user.pk else "",
                checked=head.number in picked,
            )
        )
    return sorted(rows, key=lambda row: (not row.same, row.number))


def _same_words(page: Page) -> set[str]:
    """Return the items with identical words, in the same service."""
    key = page.content.text_key if page.content is not None else ""
    if not key:
        return set()
    rows = child_items.shown().filter(text_key=key, service=page.record.service)
    rows = rows.exclude(item_id=page.record.item_id).order_by("-pk")
    return set(rows.values_list("item_id", flat=True)[: 4 * MOST])


def _cases_of(page: Page, items: set[str]) -> list[Case]:
    if not items:
        return []
    rows = DecisionRecord.objects.filter(service=page.record.service, item_id__in=items)
    return _open_cases(rows.exclude(cls=CHILD).values_list("number", flat=True))


def _cases_by(page: Page) -> list[Case]:
    """Return other open cases of the author, among what they posted last."""
    record = page.record
    if not record.author:
        return []
    rows = DecisionRecord.objects.filter(number__in=queries.newest_by(record.author))
    rows = rows.filter(service=record.service).exclude(item_id=record.item_id)
    return _open_cases(rows.exclude(cls=CHILD).values_list("number", flat=True))


def _open_cases(numbers: Iterable[int]) -> list[Case]:
    """Return the newest few of the open cases on these decisions.

    Chosen here by their keys: asked for the state, the database would walk
    through all open cases.
    """
    rows = Case.objects.filter(decision__in=list(numbers))
    keys = sorted(
        (decision, key)
        for decision, key, state, kind, queue in rows.values_list(
            "decision_id", "pk", "state", "kind", "queue"
        )
        if state == CaseState.OPEN and kind in _KINDS and queue != Queue.CHILD
    )
    found = Case.objects.filter(pk__in=[key for _, key in keys[-MOST:]])
    return sorted(
        found.select_related("decision", "claimed_by"), key=lambda case: -case.decision_id
    )


def _heads(records: list[DecisionRecord]) -> dict[queries.ItemVersion, DecisionRecord]:
    """Return the last word about each of these item versions."""
    found = {(one.service, one.item_id, one.version): one for one in records}
    moved = {one.item_id for one in records if one.superseded_by is not None}
    if moved:
        rows = DecisionRecord.objects.filter(
            item_id__in=moved, superseded_by=None, duplicate_of=None
        ).exclude(cls=CHILD)
        found |= {
            key: row for row in rows if (key := (row.service, row.item_id, row.version)) in found
        }
    return found


def banks(page: Page) -> list[BankRow]:
    """Return what lists say of the pictures, with their owner and what they think of it now."""
    matches = [one.match for one in page.first.signals if one.match is not None]
    names = {bank for match in matches for bank in match.banks}
    if not names:
        return []
    known = {row.name: row for row in Bank.objects.filter(name__in=names)}
    opinions = _opinions(names, page.origin.media)
    return [
        _bank_row(name, match, known.get(name), opinions.get(name, ""))
        for match in matches
        for name in match.banks
    ]


def _opinions(names: set[str], media: list[str]) -> dict[str, str]:
    values = {one.partition(":")[2] for one in media}
    rows = BankEntry.objects.filter(bank__name__in=names, value__in=values)
    return dict(rows.values_list("bank__name", "opinion"))


def _bank_row(name: str, match: Match, bank: Bank | None, opinion: str) -> BankRow:
    return BankRow(
        name=name,
        owner=bank.owner if bank is not None else _("not loaded any more"),
        cls=match.cls,
        basis=match.basis.value,
        distance=match.distance,
        opinion=opinion,
        disputed=opinion == Stance.DISPUTED,
        active=bank is not None and bank.enabled,
    )
