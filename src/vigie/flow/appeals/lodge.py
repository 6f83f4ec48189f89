# SPDX-License-Identifier: Apache-2.0
"""A complaint is lodged: free, for six months at least, confirmed at once (Art. 20 DSA)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Max

from vigie.flow import promised, records, tracking
from vigie.flow.appeals.form import AppealForm, check_form, check_open
from vigie.flow.appeals.words import is_discreet
from vigie.flow.chain import root_of
from vigie.flow.house import House
from vigie.flow.letters import write_letter
from vigie.flow.queues import route
from vigie.flow.transaction import writing
from vigie.store.models import (
    Appeal,
    Case,
    CaseKind,
    CaseState,
    DecisionRecord,
    Queue,
)

LODGED: Final = "appeal.lodged"
SUBJECT: Final = "appeal"
PATH: Final = "/appeal"


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealReceipt:
    """What the person is given at once."""

    appeal: Appeal
    code: str
    """With it they see where the complaint stands."""

    @property
    def number(self) -> int:
        """The short number."""
        return self.appeal.number

    @property
    def receipt(self) -> dict[str, Any]:
        """The promise of inclusion with its opening, as `vigie-verify` reads it."""
        return self.appeal.receipt


def lodge_appeal(house: House, form: AppealForm) -> AppealReceipt:
    """Take a complaint; returns its receipt.

    Raises InvalidInputError for a field that does not fit, ConflictError where
    nothing can be contested any more or it is contested already. Record, case
    and confirmation commit together.
    """
    check_form(form)
    with writing():
        decision = check_open(house, form)
        appeal = _write(house, form, decision)
        _confirm(house, appeal)
    return AppealReceipt(appeal=appeal, code=code_of(house, appeal))


def code_of(house: House, appeal: Appeal) -> str:
    """Return the tracking code of a complaint; derived, never stored."""
    return tracking.code_of(house, SUBJECT, appeal.record_id)


def by_code(code: str) -> Appeal | None:
    """Return the complaint of a tracking code, however it was typed; None for any other."""
    if not tracking.normal(code):
        return None
    return Appeal.objects.filter(code_digest=tracking.digest_of(code)).first()


def status_address(house: House) -> str:
    """Return where a code is typed in; the code itself stands in no address."""
    return f"{house.settings.base_url}{PATH}"


def _write(house: House, form: AppealForm, decision: DecisionRecord) -> Appeal:
    now = house.now()
    number = (Appeal.objects.aggregate(last=Max("number"))["last"] or 0) + 1
    email = form.email.strip() or (form.notice_item.notice.email if form.notice_item else "")
    draft = _draft(house, form, decision, number, email)
    return Appeal.objects.create(
        number=number,
        by=form.by,
        decision=decision,
        notice_item=form.notice_item,
        measure=form.measure,
        case=_case(house, form, decision, now),
        first_decider=form.measure.decided_by if form.measure else decision.decided_by,
        grounds=form.grounds.strip(),
        hearing=form.hearing,
        email=email,
        language=form.language,
        channel=form.channel,
        code_digest=tracking.digest_of(tracking.code_of(house, SUBJECT, draft.record_id)),
        received_at=now,
        record_id=draft.record_id,
        log_index=records.append_one(draft),
        receipt=promised.promise(house, [draft], now),
    )


def _draft(
    house: House, form: AppealForm, decision: DecisionRecord, number: int, email: str
) -> records.Draft:
    now = house.now()
    plain: dict[str, Any] = {
        "appeal": number,
        "by": form.by.value,
        "channel": form.channel.value,
        "decision_id": decision.decision_id,
    }
    if form.measure is not None:
        plain["measure"] = form.measure.pk
    if form.notice_item is not None:
        plain["notice"] = form.notice_item.notice_id
    personal = {"grounds": form.grounds.strip(), "email": email, "hearing": form.hearing}
    until = promised.until(house, now)
    return records.draft(LODGED, now, plain, personal, promised_until=until)


def _case(house: House, form: AppealForm, decision: DecisionRecord, now: int) -> Case:
    """Put it before people: in the queue of appeals, class `child` in its own room."""
    child = decision.cls == "child"
    earlier = Case.objects.filter(decision=root_of(decision)).exclude(kind=CaseKind.APPEAL).first()
    case = Case.objects.create(
        decision=decision,
        kind=CaseKind.APPEAL,
        queue=Queue.CHILD if child else Queue.APPEALS,
        state=CaseState.OPEN,
        policy=earlier.policy if earlier else "",
        category=_category(form, earlier),
        language=decision.language,
        opened_at=now,
    )
    return route.reroute(house, case)


def _category(form: AppealForm, earlier: Case | None) -> str:
    if form.notice_item is not None:
        return form.notice_item.notice.category
    return earlier.category if earlier else ""


def _confirm(house: House, appeal: Appeal) -> None:
    """Confirm receipt by mail, where an address was given."""
    if not appeal.email:
        return
    context = {"code": code_of(house, appeal), "url": status_address(house)}
    discreet = is_discreet(appeal)
    write_letter(
        house,
        template="neutral_receipt" if discreet else "appeal_receipt",
        to=appeal.email,
        language=appeal.language,
        context=context if discreet else context | {"number": appeal.label},
        appeal=appeal,
    )
