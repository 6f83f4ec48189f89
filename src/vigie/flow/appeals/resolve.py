# SPDX-License-Identifier: Apache-2.0
"""A complaint is answered by a person who had no part in the first decision (Art. 20 DSA).

Never by a program. An author's complaint that is upheld reverses everything
that followed, in one transaction; a notifier's is upheld by the restriction
that the same person decided on the item while hearing it (`reopen`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from vigie.core.errors import ConflictError, InvalidInputError, RefusedError
from vigie.flow import records
from vigie.flow.appeals import reopen
from vigie.flow.appeals.lodge import status_address
from vigie.flow.appeals.persons import is_barred
from vigie.flow.appeals.reverse import check_keep, reverse
from vigie.flow.appeals.words import is_discreet, outcome_words
from vigie.flow.chain import head_of, standing
from vigie.flow.decided import by_number
from vigie.flow.house import House
from vigie.flow.letters import write_letter
from vigie.flow.notices.words import redress_words
from vigie.flow.strikes import count, told
from vigie.flow.transaction import writing
from vigie.store.models import (
    Appeal,
    AppealBy,
    AppealState,
    Case,
    CaseState,
    MeasureState,
    User,
)
from vigie.store.permissions import Permission

MAX_TEXT: Final = 2_000
MAX_ANSWER: Final = 5_000
RESOLVED: Final = "appeal.resolved"
OUTCOMES: Final = (AppealState.GRANTED, AppealState.PARTLY, AppealState.REFUSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """How a person answers a complaint."""

    outcome: AppealState
    reason: str
    """For the record; never shown to anybody outside."""
    answer: str
    """What the person reads, in the reviewer's own words."""
    keep: tuple[str, ...] = ()
    """With `partly`: where it stays restricted."""
    heard: str = ""
    """How the person was heard, or why not; needed where they wished it."""
    seen: int | None = None
    """The last decision about the item as the reviewer saw it; None: not compared."""


def resolve_appeal(house: House, user: User, appeal: Appeal, asked: Resolution) -> Appeal:
    """Answer a complaint; returns it as it is then.

    Raises RefusedError for everybody who took part in what is contested and
    without the permission, ConflictError where somebody answered first or the
    item was decided meanwhile, InvalidInputError for what is missing.
    """
    check_resolution(asked)
    with writing():
        row = check_appeal(user, appeal)
        check_heard(row, asked)
        check_seen(row, asked)
        _carry_out(house, user, row, asked)
        now = house.now()
        row.state, row.resolved_at, row.resolved_by = asked.outcome, now, user.username
        row.answer, row.heard = asked.answer.strip(), asked.heard.strip()
        row.save()
        _close(row.case, user, row, now)
        _record(house, user, row, asked)
        _write_person(house, row)
    return row


def check_resolution(asked: Resolution) -> None:
    """Raise InvalidInputError where an answer is not whole in itself."""
    if asked.outcome not in OUTCOMES:
        raise InvalidInputError("Choose an outcome.", code="no_outcome", field="outcome")
    if not asked.reason.strip():
        raise InvalidInputError("A decision has a reason.", code="no_reason", field="reason")
    if not asked.answer.strip():
        raise InvalidInputError(
            "The person is told why.",
            code="no_answer",
            field="answer",
            fix="Art. 20(5) DSA asks for a reasoned decision.",
        )
    for name, text, most in (
        ("reason", asked.reason, MAX_TEXT),
        ("answer", asked.answer, MAX_ANSWER),
        ("heard", asked.heard, MAX_TEXT),
    ):
        if len(text) > most:
            raise InvalidInputError(f"At most {most} characters.", code="text_too_long", field=name)


def check_appeal(user: User, appeal: Appeal) -> Appeal:
    """Return the appeal as it is now, if this person may answer it."""
    row = Appeal.objects.select_related("case", "decision", "measure", "notice_item").get(
        pk=appeal.pk
    )
    if not may_hear(user, row):
        raise RefusedError("Your role may not decide on complaints.")
    if is_barred(user, row):
        raise RefusedError(
            "You took part in what is contested: somebody else hears it.", code="own_decision"
        )
    if row.state != AppealState.LODGED:
        raise ConflictError("This complaint was answered.", code="decided_meanwhile")
    return row


def may_hear(user: User, appeal: Appeal) -> bool:
    """Say whether a role allows it; class `child` is heard in its own room only."""
    if appeal.decision.cls == "child":
        return user.has_perm(Permission.CHILD_READ) and user.has_perm(Permission.CASE_DECIDE)
    return user.has_perm(Permission.APPEAL_DECIDE)


def check_heard(row: Appeal, asked: Resolution) -> None:
    """Raise where the person wished to be heard and nothing is said of it."""
    if row.hearing and not asked.heard.strip():
        raise InvalidInputError(
            "The person wished to be heard.",
            code="not_heard",
            field="heard",
            fix="Say how they were heard, or why not.",
        )


def check_seen(row: Appeal, asked: Resolution) -> None:
    """Raise ConflictError where the item was decided since the reviewer looked."""
    head = head_of(row.decision)
    if asked.seen is not None and head.number != asked.seen:
        raise ConflictError(
            f"The item was decided meanwhile ({head.label}).",
            code="decided_meanwhile",
            fix="Look at the new decision first.",
        )


def _carry_out(house: House, user: User, row: Appeal, asked: Resolution) -> None:
    """Do what the outcome means, and note on the appeal what it was."""
    granted = asked.outcome != AppealState.REFUSED
    if row.measure is not None:
        _measure(house, row, asked)
    elif row.by == AppealBy.NOTIFIER:
        _notifier(house, user, row, granted=granted)
    elif granted:
        _author(house, user, row, asked)


def _author(house: House, user: User, row: Appeal, asked: Resolution) -> None:
    keep: Sequence[str] = asked.keep if asked.outcome == AppealState.PARTLY else ()
    if asked.outcome == AppealState.PARTLY:
        check_keep(row.decision, keep)
    made = reverse(house, user, row.decision, asked.reason.strip(), keep)
    row.outcome_decision, row.reversed = made.decision, made.taken


def _measure(house: House, row: Appeal, asked: Resolution) -> None:
    if asked.outcome == AppealState.PARTLY:
        raise InvalidInputError(
            "A measure stands or is lifted.", code="not_in_part", field="outcome"
        )
    if asked.outcome == AppealState.GRANTED and row.measure is not None:
        if row.measure.state == MeasureState.IN_FORCE:
            told.end(house, row.measure, MeasureState.LIFTED, f"complaint {row.label} upheld")
        row.reversed = {"measures": [row.measure.pk]}


def _notifier(house: House, user: User, row: Appeal, *, granted: bool) -> None:
    """A notifier is right where the reviewer has restricted the item meanwhile."""
    if not granted:
        reopen.close_again(row)
        return
    head, item = head_of(row.decision), row.notice_item
    mine = head.decided_by == user.username and head.at >= row.received_at
    if not mine or not standing(head) or item is None:
        raise ConflictError(
            "Nothing is restricted yet.",
            code="not_restricted",
            fix="Decide the item first, then answer the complaint.",
        )
    row.outcome_decision = head
    row.reversed = {"restricted": sorted({p for one in standing(head) for p in one.territories})}
    if item.outcome != "restricted":
        item.outcome, item.decision, item.decided_at = "restricted", head, house.now()
        item.save(update_fields=["outcome", "decision", "decided_at"])
    if item.notice.unfounded:
        item.notice.unfounded = False
        item.notice.save(update_fields=["unfounded"])
        count.uncount_notice(house, item.notice)


def _close(case: Case, user: User, row: Appeal, now: int) -> None:
    case.state, case.closed_at = CaseState.DECIDED, now
    case.decided_by, case.outcome_decision = user.username, row.outcome_decision
    case.claimed_by, case.claimed_until = None, 0
    case.save(
        update_fields=[
            "state", "closed_at", "decided_by", "outcome_decision", "claimed_by", "claimed_until",
        ]
    )  # fmt: skip


def _record(house: House, user: User, row: Appeal, asked: Resolution) -> None:
    plain: dict[str, Any] = {
        "appeal": row.number,
        "outcome": row.state,
        "decision_id": row.decision.decision_id,
        "reversed": sorted(row.reversed),
    }
    if row.outcome_decision is not None:
        plain["by_decision"] = row.outcome_decision.decision_id
    personal = {
        "reason": asked.reason.strip(),
        "answer": row.answer,
        "heard": row.heard,
        "by": by_number(user),
    }
    records.append_one(records.draft(RESOLVED, house.now(), plain, personal))


def _write_person(house: House, row: Appeal) -> None:
    """Tell the person by mail that there is an answer; the answer itself stands on the page."""
    if not row.email:
        return
    discreet = is_discreet(row)
    context = {"url": status_address(house)}
    if not discreet:
        context |= {
            "number": row.label,
            "outcome": outcome_words(row),
            "redress": redress_words(row.language),
        }
    write_letter(
        house,
        template="neutral_decision" if discreet else "appeal_outcome",
        to=row.email,
        language=row.language,
        context=context,
        appeal=row,
    )
