# SPDX-License-Identifier: Apache-2.0
"""What a person does with a report: approve it, take it back, note what went and what came."""

from __future__ import annotations

from typing import Any, Final

from django.utils.translation import gettext_noop as _

from vigie.core.errors import ConflictError, InvalidInputError, RefusedError
from vigie.flow import records
from vigie.flow.decided import by_number
from vigie.flow.house import House
from vigie.flow.orders import clocks
from vigie.flow.orders.authorities import stands
from vigie.flow.reports import draft, preserved
from vigie.flow.transaction import writing
from vigie.store.models import AuthorityContact, AuthorityReport, ReportKind, ReportState, User

APPROVED: Final = "report.approved"
SENT: Final = "report.sent"
REPORTED: Final = "report.reported"
RETRACTED: Final = "report.retracted"
MAX_TEXT: Final = 1_000


def approve(house: House, user: User, report: AuthorityReport) -> AuthorityReport:
    """Let a report leave: `jobs` sends the CyberTipline's, a person hands over the other.

    One person writes and another approves where somebody else can; where it is
    urgent one person may do both, and the record says so. Raises ConflictError
    where it is no draft, InvalidInputError where it can no longer be written.
    """
    draft.check_may(user, report.decision)
    now = house.now()
    with writing():
        row = draft.held(report)
        draft.check_open(row)
        draft.check(house, _form(row))
        row.state, row.approved_by, row.problem = ReportState.READY, user, ""
        row.attempts, row.next_try = 0, now
        row.save(update_fields=["state", "approved_by", "problem", "attempts", "next_try"])
        alone = row.created_by_id == user.pk
        note(row, APPROVED, now, {"alone": alone}, {"by": by_number(user)})
    return row


def note_sent(
    house: House, user: User, report: AuthorityReport, contact: AuthorityContact, how: str
) -> AuthorityReport:
    """Note that a notification was handed over, to whom and how; it is not reported yet.

    Raises ConflictError in another state, InvalidInputError without a word on
    how, RefusedError for a contact that the directory does not stand for.
    """
    draft.check_may(user, report.decision)
    _check_text(how, "how")
    now = house.now()
    if not stands(contact, now):
        raise RefusedError(
            _("The directory does not stand for this contact."), code="contact_unchecked"
        )
    with writing():
        row = draft.held(report)
        _check_state(row, ReportKind.ART18, {ReportState.READY, ReportState.SENT})
        row.state, row.sent_at, row.contact = ReportState.SENT, now, contact
        row.save(update_fields=["state", "sent_at", "contact"])
        personal = {"contact": contact.value, "how": how.strip(), "by": by_number(user)}
        note(row, SENT, now, {}, personal)
    return row


def note_receipt(house: House, user: User, report: AuthorityReport, text: str) -> AuthorityReport:
    """Store the receipt of a notification: only now it is called reported.

    Raises ConflictError where it was not sent, InvalidInputError without text.
    """
    draft.check_may(user, report.decision)
    _check_text(text, "receipt")
    with writing():
        row = draft.held(report)
        _check_state(row, ReportKind.ART18, {ReportState.SENT})
        finish(house, row, {"text": text.strip()}, by=by_number(user))
    return row


def retract(house: House, user: User, report: AuthorityReport, why: str) -> AuthorityReport:
    """Take back a report that nobody received; what was finished is not taken back.

    A report that is open at the other side is taken back there by `jobs` first:
    it stays open here until that is known (`send.retract_there`).
    """
    draft.check_may(user, report.decision)
    _check_text(why, "why")
    now = house.now()
    with writing():
        row = draft.held(report)
        if row.state in {ReportState.REPORTED, ReportState.RETRACTED, ReportState.SENT}:
            raise ConflictError(
                _("What was handed over cannot be taken back here."),
                code="report_state",
                fix=_("Tell the authority, and note it in the file."),
            )
        if row.external_id:
            row.problem, row.next_try = "retract", now
            row.save(update_fields=["problem", "next_try"])
        else:
            close_retracted(house, row)
        note(row, "report.retraction", now, {}, {"why": why.strip(), "by": by_number(user)})
    return row


def close_retracted(house: House, row: AuthorityReport) -> None:
    """Mark a report as taken back, and end its clock. Inside `transaction.writing`."""
    row.state, row.problem, row.external_id = ReportState.RETRACTED, "", ""
    row.save(update_fields=["state", "problem", "external_id"])
    note(row, RETRACTED, house.now(), {}, {})
    clocks.end(house, draft.SUBJECT, row.number, why="retracted")


def finish(house: House, row: AuthorityReport, receipt: dict[str, Any], *, by: str) -> None:
    """Store a receipt: the report is made. Inside `transaction.writing`."""
    now = house.now()
    row.state, row.receipt, row.reported_at = ReportState.REPORTED, receipt, now
    row.problem = ""
    row.save(update_fields=["state", "receipt", "reported_at", "problem"])
    note(row, REPORTED, now, {"of": row.kind}, {"receipt": receipt, "by": by})
    duty = draft.DUTIES[ReportKind(row.kind)]
    clocks.meet(house, draft.SUBJECT, row.number, duty, at=now)
    preserved.begin(house, row, now)


def note(
    row: AuthorityReport, kind: str, now: int, plain: dict[str, Any], personal: dict[str, Any]
) -> None:
    """Write what happened to a report. Inside `transaction.writing`."""
    records.append_one(records.draft(kind, now, {"report": row.number, **plain}, personal))


def _form(row: AuthorityReport) -> draft.ReportForm:
    files = [
        draft.FileForm(fields=one.details, evidence=one.evidence)
        for one in row.files.select_related("evidence").order_by("position")
    ]
    return draft.ReportForm(
        kind=ReportKind(row.kind), fields=row.fields, files=files, country=row.country
    )


def _check_state(row: AuthorityReport, kind: ReportKind, states: set[ReportState]) -> None:
    if row.kind != kind or row.state not in states:
        raise ConflictError(_("This report is not in that state."), code="report_state")


def _check_text(text: str, field: str) -> None:
    if not text.strip() or len(text) > MAX_TEXT:
        raise InvalidInputError(
            _("Write it down in 1 to 1,000 characters."), code="no_text", field=field
        )
