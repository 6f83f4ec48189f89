# SPDX-License-Identifier: Apache-2.0
"""What somebody writes when they contest a decision, and whether they still can."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from django.db.models import QuerySet

from vigie.core.errors import ConflictError, InvalidInputError
from vigie.flow.house import House
from vigie.flow.letters import check_address
from vigie.flow.orders import hidden
from vigie.law.wording import LANGUAGES
from vigie.store.models import (
    Appeal,
    AppealBy,
    AppealState,
    DecisionRecord,
    Measure,
    MeasureState,
    NoticeItem,
    Statement,
    StatementState,
)

MAX_GROUNDS: Final = 10_000
DAY_MS: Final = 86_400_000
REFUSED: Final = "not_restricted"
"""Outcome of a notice that its sender can contest."""
_OPEN: Final = (StatementState.PREPARED, StatementState.ISSUED)


class Channel(StrEnum):
    """By which door it came."""

    PORTAL = "portal"
    API = "api"


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealForm:
    """One complaint. Exactly one of the three things is contested."""

    grounds: str
    """Why it should be decided otherwise, in the person's own words."""
    statement: Statement | None = None
    notice_item: NoticeItem | None = None
    measure: Measure | None = None
    email: str = ""
    hearing: bool = False
    language: str = "en"
    channel: Channel = Channel.PORTAL

    @property
    def by(self) -> AppealBy:
        """Who contests."""
        if self.notice_item is not None:
            return AppealBy.NOTIFIER
        if self.measure is not None and self.measure.subject_kind == AppealBy.NOTIFIER:
            return AppealBy.NOTIFIER
        return AppealBy.AUTHOR


def check_form(form: AppealForm) -> None:
    """Raise InvalidInputError for the first field that does not fit."""
    contested = (form.statement, form.notice_item, form.measure)
    if sum(one is not None for one in contested) != 1:
        raise InvalidInputError("Name the one thing that is contested.", field="decision_id")
    if not form.grounds.strip():
        raise InvalidInputError(
            "Say why we should decide otherwise.", code="no_grounds", field="grounds"
        )
    if len(form.grounds) > MAX_GROUNDS:
        raise InvalidInputError(
            f"At most {MAX_GROUNDS} characters.", code="text_too_long", field="grounds"
        )
    if form.email:
        check_address(form.email)
    if form.language not in LANGUAGES:
        raise InvalidInputError(
            "This language is not spoken here.",
            field="language",
            fix=f"Choose from: {', '.join(LANGUAGES)}.",
        )


def closes_at(house: House, form: AppealForm) -> int:
    """Return until when it can be contested: six months from being told, at least."""
    term = house.settings.statement_days * DAY_MS
    if form.statement is not None:
        return (form.statement.issued_at or form.statement.prepared_at) + term
    if form.notice_item is not None:
        return (form.notice_item.decided_at or 0) + term
    return (form.measure.token_expires_at or 0) if form.measure is not None else 0


def check_open(house: House, form: AppealForm) -> DecisionRecord:
    """Return what is contested.

    Raises ConflictError with a code of its own where there is nothing to
    contest, where the time is over, or where it is contested already.
    """
    decision = _contested(form)
    if hidden.is_hidden(decision.number):
        raise _nothing("Nothing was restricted by it.")
    if house.now() >= closes_at(house, form):
        raise ConflictError(
            "The time for a complaint is over.",
            code="too_late",
            fix="An out-of-court body or a court can still be asked.",
        )
    earlier = appeals_of(form).order_by("-number").first()
    if earlier is not None and earlier.state != AppealState.WITHDRAWN:
        waits = earlier.state == AppealState.LODGED
        raise ConflictError(
            f"This is contested already ({earlier.label})."
            if waits
            else f"This complaint was decided ({earlier.label}).",
            code="appeal_open" if waits else "appeal_decided",
            fix=None if waits else "An out-of-court body or a court can still be asked.",
        )
    return decision


def appeals_of(form: AppealForm) -> QuerySet[Appeal]:
    """Return the complaints about the same thing by the same side."""
    if form.measure is not None:
        return Appeal.objects.filter(measure=form.measure)
    if form.notice_item is not None:
        return Appeal.objects.filter(notice_item=form.notice_item, measure=None)
    decision = form.statement.decision_id if form.statement is not None else None
    return Appeal.objects.filter(decision=decision, by=AppealBy.AUTHOR, measure=None)


def _contested(form: AppealForm) -> DecisionRecord:
    if form.statement is not None:
        if form.statement.state not in _OPEN:
            raise _nothing("This restriction no longer holds.")
        if form.statement.exception:
            raise _nothing("An authority ordered it; its order is what can be contested.")
        return form.statement.decision
    if form.measure is not None:
        return _of_measure(form.measure)
    item = form.notice_item
    if item is None or item.decision is None or item.outcome != REFUSED:
        raise _nothing("Nothing was refused here.")
    return item.decision


def _of_measure(measure: Measure) -> DecisionRecord:
    """Return the newest decision on which a measure rests."""
    if measure.state not in (MeasureState.IN_FORCE, MeasureState.EXPIRED):
        raise _nothing("This measure is not in force.")
    found = DecisionRecord.objects.filter(strikes__pk__in=measure.strikes).order_by("-number")
    decision = found.first()
    if decision is None:
        raise _nothing("There is no decision behind this measure.")
    return decision


def _nothing(words: str) -> ConflictError:
    return ConflictError(words, code="nothing_to_contest")
