# SPDX-License-Identifier: Apache-2.0
"""Each notifier is answered when all locations of the notice are decided (Art. 16(5) DSA).

Several notices may wait on one case; each gets its own answer. An undo takes
back what has not left the house; a later change of the decision is told again.
"""

from __future__ import annotations

from typing import Final

from vigie.flow.chain import standing
from vigie.flow.house import House
from vigie.flow.letters import write_letter
from vigie.flow.notices.form import category_of
from vigie.flow.notices.receive import status_address
from vigie.flow.notices.words import outcome_words, redress_words
from vigie.store.models import (
    Case,
    CaseState,
    DecisionRecord,
    Notice,
    NoticeItem,
    NoticeState,
    OutgoingTask,
    TaskKind,
    TaskState,
)

RESTRICTED: Final = "restricted"
NOT_RESTRICTED: Final = "not_restricted"
GONE: Final = "gone"
"""The item was erased before anybody decided."""
LETTERS: Final = ("notice_decision", "neutral_decision")


def answer_notices(house: House, row: DecisionRecord, case: Case | None) -> None:
    """Close the locations that wait on a case and answer every notifier who is through.

    Inside `transaction.writing`, after the decision was written.
    """
    if case is None:
        return
    items = list(NoticeItem.objects.filter(case=case).select_related("notice"))
    if case.state == CaseState.OPEN:
        _take_back(items)
        return
    outcome = RESTRICTED if standing(row) else NOT_RESTRICTED
    changed = [item for item in items if item.outcome != outcome]
    for item in changed:
        item.outcome, item.decision, item.decided_at = outcome, row, row.at
        item.save(update_fields=["outcome", "decision", "decided_at"])
    for notice in {item.notice_id: item.notice for item in changed}.values():
        _answer(house, notice, row)


def close_gone(house: House, item: NoticeItem) -> None:
    """Close a location whose item was erased: nothing can be decided any more."""
    item.outcome, item.decided_at = GONE, house.now()
    item.save(update_fields=["outcome", "decided_at"])
    if not item.notice.items.filter(outcome="").exists():
        only_gone = not item.notice.items.exclude(outcome=GONE).exists()
        _close(item.notice, house.now(), NoticeState.CLOSED if only_gone else NoticeState.DECIDED)


def _answer(house: House, notice: Notice, row: DecisionRecord) -> None:
    """Answer a notice once all of it is decided."""
    if notice.items.filter(outcome="").exists():
        return
    _close(notice, row.at, NoticeState.DECIDED)
    if not notice.email:
        return
    delay = house.settings.undo_seconds * 1000
    discreet = category_of(notice.category).discreet or notice.on_behalf
    context = {"url": status_address(house)}
    if not discreet:
        context |= {
            "number": notice.label,
            "outcome": outcome_words(notice),
            "redress": redress_words(notice.language),
        }
    write_letter(
        house,
        template="neutral_decision" if discreet else "notice_decision",
        to=notice.email,
        language=notice.language,
        context=context,
        notice=notice,
        decision=row,
        not_before=row.at + delay,
    )


def _close(notice: Notice, now: int, state: NoticeState) -> None:
    notice.state, notice.decided_at = state, now
    notice.save(update_fields=["state", "decided_at"])


def _take_back(items: list[NoticeItem]) -> None:
    """After an undo the locations wait again; a letter that has not left is cancelled."""
    for item in items:
        item.outcome, item.decision, item.decided_at = "", None, None
        item.save(update_fields=["outcome", "decision", "decided_at"])
    notices = [item.notice_id for item in items]
    Notice.objects.filter(pk__in=notices).update(state=NoticeState.RECEIVED, decided_at=None)
    OutgoingTask.objects.filter(
        kind=TaskKind.MAIL,
        state=TaskState.WAITING,
        attempts=0,
        letter__notice__in=notices,
        letter__template__in=LETTERS,
    ).update(state=TaskState.CANCELLED)
