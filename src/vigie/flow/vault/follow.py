# SPDX-License-Identifier: Apache-2.0
"""A person's restriction preserves what it is about, before the platform is told.

The context is sealed in the transaction of the decision. Where the platform's
pictures are still to be fetched, the message to it waits for them, ten minutes at
most; `jobs` fetches and lets it go. A threat to life waits for nothing.
"""

from __future__ import annotations

from typing import Final

from django.db.models import QuerySet

from vigie.core.actions import ActionKind
from vigie.core.decision import Action
from vigie.flow.chain import standing
from vigie.flow.decided import Choice
from vigie.flow.house import House
from vigie.flow.transaction import writing
from vigie.flow.vault import preserve
from vigie.store.models import (
    DecisionRecord,
    Evidence,
    EvidenceKind,
    OutgoingTask,
    TaskKind,
    TaskState,
)

TAKES_AWAY: Final = frozenset({ActionKind.REMOVED, ActionKind.DISABLED})
TERRORIST: Final = "terrorist"
TERRORIST_RULE: Final = "tco_preservation"
RULE: Final = "complaint"
PATIENCE_MS: Final = 600_000
LEAVES: Final = "leaves_at"


def follow(house: House, row: DecisionRecord, head: DecisionRecord, choice: Choice) -> None:
    """Preserve before removal. Inside `transaction.writing`, after the decision was written."""
    new = [one for one in choice.acting if one not in standing(head) and one.action in TAKES_AWAY]
    offences = sorted({g.offence for one in new for g in one.grounds if g.offence})
    if not offences or row.cls == preserve.CHILD or not preserve.is_ready(house):
        return
    made = preserve.context(
        house, row, order=None, rule=_rule(house, offences), basis=_basis(house, offences, new)
    )
    if made.meta.get("pictures") == preserve.WAITING and not choice.at_once:
        _wait(house, row, made)


def turn(house: House) -> int:
    """Fetch and seal what decisions wait for, then let their messages go; return how many.

    Called by `jobs`, outside any transaction.
    """
    since = house.now() - PATIENCE_MS
    rows = Evidence.objects.filter(kind=EvidenceKind.CONTEXT, sealed_at__gte=since)
    waiting = list(rows.filter(meta__pictures=preserve.WAITING).order_by("number"))
    for made in waiting:
        preserve.pictures(house, made)
        _let_go(made)
    return len(waiting)


def _wait(house: House, row: DecisionRecord, made: Evidence) -> None:
    tasks = _messages(row)
    leaves = tasks.order_by("not_before").values_list("not_before", flat=True).first()
    if leaves is None:
        return
    made.meta = {**made.meta, LEAVES: leaves}
    made.save(update_fields=["meta"])
    until = house.now() + PATIENCE_MS
    tasks.filter(not_before__lt=until).update(not_before=until)


def _let_go(made: Evidence) -> None:
    leaves = made.meta.get(LEAVES)
    if leaves is None or made.decision is None:
        return
    with writing():
        tasks = _messages(made.decision).filter(not_before__gt=leaves)
        tasks.update(not_before=leaves)


def _messages(row: DecisionRecord) -> QuerySet[OutgoingTask]:
    return OutgoingTask.objects.filter(
        decision=row, kind=TaskKind.WEBHOOK, state=TaskState.WAITING, attempts=0
    )


def _rule(house: House, offences: list[str]) -> str:
    classes = {house.law.entries[one].cls for one in offences if one in house.law.entries}
    return TERRORIST_RULE if TERRORIST in classes else RULE


def _basis(house: House, offences: list[str], new: list[Action]) -> str:
    """Return what the decision rests on, as the row says it."""
    named = [house.law.entries[one].provision for one in offences if one in house.law.entries]
    places = sorted({place for one in new for place in one.territories})
    return f"{'; '.join(named or offences)} ({', '.join(places)})"[:2_000]
