# SPDX-License-Identifier: Apache-2.0
"""A notice puts an item before a person: a decision record of kind `notice`, and a case.

Nothing that stands changes by it. Where a case about the item is open already,
the notice joins it. Class `child` is a world of its own: its records follow no
other's and no other's follow them.
"""

from __future__ import annotations

import secrets
from typing import Any, Final

import msgspec

from vigie.core import ids, locations
from vigie.core.actions import ActionKind, Outcome
from vigie.core.clock import iso
from vigie.core.decision import Action, Decision, Ground
from vigie.core.territory import EVERYWHERE
from vigie.flow import records
from vigie.flow.chain import standing
from vigie.flow.fold.rows import offences, places
from vigie.flow.house import House
from vigie.flow.notices.locate import Place
from vigie.flow.queues import route
from vigie.journal.record import plain_action
from vigie.law import Proposal
from vigie.law.categories import Category
from vigie.store.models import (
    Case,
    CaseEvent,
    CaseEventKind,
    CaseKind,
    CaseState,
    DecisionKind,
    DecisionRecord,
    ItemContent,
    Notice,
    NoticeItem,
    NoticeKind,
    Queue,
)

UNSEEN: Final = 0
"""Version of an item that never came through the machines' door."""
CHILD: Final = Queue.CHILD.value
INTIMATE: Final = "intimate"
_WAITING: Final = (CaseKind.PROPOSAL, CaseKind.MATCH, CaseKind.NOTICE, CaseKind.INTIMATE)
_OFFERED: Final = (Proposal.ONE_CLICK, Proposal.CONFIRM)


def put_before_person(
    house: House,
    item: NoticeItem,
    place: Place,
    category: Category,
    now: int,
    *,
    seen: DecisionRecord | None = None,
) -> Case:
    """Give a location of a notice its case: the open one, or a new one.

    `seen` is what the archive says of an item of which the store holds no record;
    it is never saved itself. Inside `transaction.writing`. The case is routed at
    once, so that its clock and queue are right before anybody looks.
    """
    case = _open_case(place, child=category.anonymous)
    if case is None:
        case = _new_case(house, item, place, category, now, seen)
    elif category.code == INTIMATE and case.kind != CaseKind.INTIMATE:
        _to_victims_path(case)
    item.case = case
    item.save(update_fields=["case"])
    CaseEvent.objects.create(case=case, kind=CaseEventKind.NOTICE, note=item.notice.label, at=now)
    return route.reroute(house, case)


def _open_case(place: Place, *, child: bool) -> Case | None:
    """Return the case about the item that waits, within the same world."""
    found = Case.objects.filter(
        state=CaseState.OPEN,
        kind__in=_WAITING,
        decision__service=place.service,
        decision__item_id=place.item_id,
    )
    found = found.filter(decision__cls=CHILD) if child else found.exclude(decision__cls=CHILD)
    return found.order_by("-decision__version", "-pk").first()


def _to_victims_path(case: Case) -> None:
    """Take a case out of the general queues: from now on its members decide it."""
    case.kind, case.queue, case.category = CaseKind.INTIMATE, Queue.INTIMATE, INTIMATE
    case.claimed_by, case.claimed_until, case.assigned_to = None, 0, None
    case.save(
        update_fields=["kind", "queue", "category", "claimed_by", "claimed_until", "assigned_to"]
    )


def _new_case(
    house: House,
    item: NoticeItem,
    place: Place,
    category: Category,
    now: int,
    seen: DecisionRecord | None,
) -> Case:
    head = head_about(place, child=category.anonymous)
    known = head or head_about(place, child=False) or seen
    if known is None and not category.anonymous:
        keep_address(place, now)
    proposed = proposal(house, item.notice, category)
    row = _decision(item.notice, place, head, known, proposed, now)
    return Case.objects.create(
        decision=row,
        kind=_kind(category),
        queue=_queue(category),
        state=CaseState.OPEN,
        ground={"offence": proposed.grounds[0].offence} if proposed else {},
        territories=list(proposed.territories) if proposed else [],
        action=proposed.action.value if proposed else "",
        proposals=[msgspec.to_builtins(proposed)] if proposed else [],
        facts=_child_facts(item, now) if category.anonymous else {},
        opened_at=now,
        category=category.code,
        language=row.language,
    )


def _kind(category: Category) -> CaseKind:
    return CaseKind.INTIMATE if category.code == INTIMATE else CaseKind.NOTICE


def _queue(category: Category) -> Queue:
    if category.anonymous:
        return Queue.CHILD
    return Queue.INTIMATE if category.code == INTIMATE else Queue.GENERAL


def _child_facts(item: NoticeItem, now: int) -> dict[str, Any]:
    """Return what a case of class `child` holds: addresses, hashes, times; no words."""
    notice = item.notice
    return {
        "hashes": [],
        "lists": [],
        "at": now,
        "location": item.location,
        "account": None,
        "notice": notice.label,
        "what": notice.explanation,
    }


def head_about(place: Place, *, child: bool) -> DecisionRecord | None:
    """Return the last word about the newest version of an item, in one world."""
    rows = DecisionRecord.objects.filter(
        service=place.service,
        item_id=place.item_id,
        duplicate_of__isnull=True,
        superseded_by__isnull=True,
        stale=False,
    )
    rows = rows.filter(cls=CHILD) if child else rows.exclude(cls=CHILD)
    return rows.order_by("-version", "-number").first()


def keep_address(place: Place, now: int) -> None:
    """Keep the address of an item that Vigie never saw, so that the next notice finds it."""
    ItemContent.objects.get_or_create(
        service=place.service,
        item_id=place.item_id,
        version=UNSEEN,
        defaults={
            "url": place.location,
            "url_key": locations.key(place.location),
            "kept_since": now,
        },
    )


def proposal(house: House, notice: Notice, category: Category) -> Action | None:
    """Return what the category's provisions would allow: a person confirms each element.

    None for a report under the terms and where no provision is known.
    """
    if notice.kind == NoticeKind.TERMS:
        return None
    entries = [
        house.law.entries[one]
        for named in category.offences.values()
        for one in named
        if one in house.law.entries and house.law.entries[one].proposal in _OFFERED
    ]
    if category.anonymous:
        action, where = ActionKind.REMOVED, house.everywhere
    else:
        reached = {place for entry in entries for place in entry.territories}
        action = ActionKind.DISABLED
        where = tuple(sorted(reached & set(house.settings.countries)))
    used = [e for e in entries if EVERYWHERE in e.territories or set(e.territories) & set(where)]
    if not used or not where:
        return None
    return Action(
        action=action,
        territories=where,
        by="proposal",
        state="proposed",
        grounds=tuple(Ground(offence=entry.id) for entry in used),
    )


def _decision(
    notice: Notice,
    place: Place,
    head: DecisionRecord | None,
    known: DecisionRecord | None,
    proposed: Action | None,
    now: int,
) -> DecisionRecord:
    """Write the record that puts the item before a person; what stood stands."""
    number = records.next_number()
    before = standing(head) if head is not None else ()
    made = Decision(
        decision_id=ids.decision_id(ids.STORE_WRITER, number, secrets.randbits(40)),
        item_id=place.item_id,
        version=known.version if known else UNSEEN,
        outcome=Outcome.REVIEW,
        actions=(*before, proposed) if proposed else before,
        snapshot=known.snapshot if known else 0,
        supersedes=head.decision_id if head else None,
        language=(known.language or None) if known else None,
        at=iso(now),
    )
    row = _written(notice, place, made, head, known, number, now)
    if head is not None:
        head.superseded_by = row.number
        head.save(update_fields=["superseded_by"])
    return row


def _written(
    notice: Notice,
    place: Place,
    made: Decision,
    head: DecisionRecord | None,
    known: DecisionRecord | None,
    number: int,
    now: int,
) -> DecisionRecord:
    author, child = known.author if known else "", notice.category == CHILD
    plain: dict[str, Any] = {
        "decision_id": made.decision_id,
        "outcome": made.outcome.value,
        "verb": "notice",
        "notice": notice.number,
        "actions": [plain_action(action) for action in made.actions],
    }
    if made.supersedes:
        plain["supersedes"] = made.supersedes
    item = {"id": place.item_id, "version": made.version, "service": place.service}
    draft = records.draft(
        "decision.made", now, msgspec.to_builtins(plain), {"item": {**item, "author": author}}
    )
    index = records.append_one(draft)
    return DecisionRecord.objects.create(
        number=number,
        decision_id=made.decision_id,
        record_id=draft.record_id,
        log_index=index,
        kind=DecisionKind.NOTICE,
        service=place.service,
        item_id=place.item_id,
        version=made.version,
        surface=known.surface if known else "",
        author=author,
        language=made.language or "",
        outcome=made.outcome.value,
        cls=CHILD if child else "",
        offences=offences(made),
        territories=places(made.actions),
        policies=[],
        media=known.media if known else [],
        at=now,
        snapshot=made.snapshot,
        body=msgspec.json.decode(msgspec.json.encode(made)),
        supersedes=head,
        has_content=not child and (known is None or known.has_content),
    )
