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


def close_gone(house: House) -> int:
    """Close the locations whose item was erased before anybody decided; return how many.

    Inside `transaction.writing`. Their notifiers are answered as well.
    """
    now = house.now()
    waiting = NoticeItem.objects.filter(outcome="", case__state=CaseState.CANCELLED)
    items = list(waiting.select_related("notice"))
    for item in items:
        item.outcome, item.decided_at = GONE, now
        item.save(update_fields=["outcome", "decided_at"])
    for notice in {item.notice_id: item.notice for item in items}.values():
        _answer(house, notice, None)
    return len(items)


def _answer(house: House, notice: Notice, row: DecisionRecord | None) -> None:
    """Answer a notice once all of it is decided; `row`: the decision that closed it."""
    found = set(notice.items.values_list("outcome", flat=True))
    if "" in found:
        return
    notice.state = NoticeState.CLOSED if found == {GONE} else NoticeState.DECIDED
    notice.decided_at = house.now() if row is None else row.at
    notice.save(update_fields=["state", "decided_at"])
    if notice.email:
        _tell(house, notice, row)


def _tell(house: House, notice: Notice, row: DecisionRecord | None) -> None:
    """Write the decision letter; it leaves when nothing can be undone any more."""
    discreet = category_of(notice.category).discreet or notice.on_behalf
    context = {"url": status_address(house)}
    if not discreet:
        context |= {
            "number": notice.label,
            "outcome": outcome_words(notice),
            "redress": redress_words(notice.language),
        }
    delay = house.settings.undo_seconds * 1000 if row is not None else 0
    write_letter(
        house,
        template="neutral_decision" if discreet else "notice_decision",
        to=notice.email,
        language=notice.language,
        context=context,
        notice=notice,
        decision=row,
        not_before=house.now() + delay,
    )


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
