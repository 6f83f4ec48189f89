# SPDX-License-Identifier: Apache-2.0
"""Writing a report: from the moment the operator knew, its clock runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.db.models import Max, QuerySet
from django.utils.translation import gettext_noop as _

from vigie.core.errors import ConflictError, InvalidInputError, NotFoundError, RefusedError
from vigie.exchange.cybertip import form as cybertip
from vigie.flow import records
from vigie.flow.decided import by_number
from vigie.flow.house import House
from vigie.flow.orders import clocks
from vigie.flow.reports import art18
from vigie.flow.transaction import writing
from vigie.store.models import (
    AuthorityReport,
    DecisionRecord,
    Evidence,
    ReportFile,
    ReportKind,
    ReportState,
    User,
)
from vigie.store.permissions import Permission

CREATED: Final = "report.created"
CHANGED: Final = "report.changed"
SUBJECT: Final = "report"
CHILD: Final = "child"
DUTIES: Final = {ReportKind.CYBERTIP: "us_cybertip", ReportKind.ART18: "dsa_art18"}
OPEN: Final = (ReportState.DRAFT, ReportState.FAILED)
"""A person may still change it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileForm:
    """A file of a report: its bytes go along only where they are in custody."""

    fields: Mapping[str, Any]
    evidence: Evidence | None = None

    def __post_init__(self) -> None:
        """Take out what no database holds."""
        object.__setattr__(self, "fields", _storable(self.fields))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportForm:
    """What a person writes."""

    kind: ReportKind
    fields: Mapping[str, Any]
    decision: DecisionRecord | None = None
    files: Sequence[FileForm] = field(default_factory=tuple)
    country: str = ""
    """Member State concerned, of a notification under Art. 18."""
    awareness_at: int | None = None
    """When the operator knew; none: now."""

    def __post_init__(self) -> None:
        """Take out what no database holds."""
        object.__setattr__(self, "fields", _storable(self.fields))


def _storable(value: Any) -> Any:
    """Return a value without U+0000, which PostgreSQL's texts cannot hold, at any depth."""
    if isinstance(value, str):
        return value.replace("\x00", "")
    if isinstance(value, Mapping):
        return {name: _storable(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_storable(one) for one in value]
    return value


def draft(house: House, user: User, form: ReportForm) -> AuthorityReport:
    """Write a report down and start its clock; nothing leaves.

    Raises InvalidInputError with the field, RefusedError without the permission,
    ConflictError where the decision has an open report of the kind.
    """
    check_may(user, form.decision)
    check(house, form)
    now = house.now()
    aware = min(now, form.awareness_at or now)
    with writing():
        _check_none_open(form)
        number = next_number()
        plain = {"report": number, "of": form.kind.value, "aware": aware}
        personal = {
            "fields": dict(form.fields),
            "decision": form.decision.label if form.decision is not None else "",
            "files": [dict(one.fields) for one in form.files],
            "by": by_number(user),
        }
        made = records.draft(CREATED, now, plain, personal)
        records.append_one(made)
        report = AuthorityReport.objects.create(
            number=number,
            kind=form.kind.value,
            decision=form.decision,
            country=form.country,
            fields=dict(form.fields),
            awareness_at=aware,
            created_by=user,
            created_at=now,
            record_id=made.record_id,
        )
        _files(report, form.files)
        clocks.start(
            house, duty=DUTIES[form.kind], subject=SUBJECT, number=number, at=aware, owner=user
        )
    return report


def change(house: House, user: User, report: AuthorityReport, form: ReportForm) -> AuthorityReport:
    """Write a draft anew; the version before stays provable by its record.

    Raises as `draft`, and ConflictError where it is no draft any more.
    """
    check_may(user, report.decision)
    check(house, form)
    now = house.now()
    with writing():
        row = held(report)
        check_open(row)
        row.fields, row.country = dict(form.fields), form.country
        row.state, row.problem, row.approved_by = ReportState.DRAFT, "", None
        row.save(update_fields=["fields", "country", "state", "problem", "approved_by"])
        plain = {"report": row.number}
        personal = {"fields": row.fields, "by": by_number(user)}
        records.append_one(records.draft(CHANGED, now, plain, personal))
    return row


def check(house: House, form: ReportForm) -> None:
    """Raise InvalidInputError where a report cannot be written like this."""
    if form.kind is ReportKind.CYBERTIP:
        cybertip.read_report(dict(form.fields), house.now())
        cybertip.read_files([dict(one.fields) for one in form.files])
    else:
        art18.check(form.fields, form.country)


def check_may(user: User, decision: DecisionRecord | None) -> None:
    """Raise RefusedError where a person may not write or send such a report."""
    if not user.has_perm(Permission.REPORT_SEND):
        raise RefusedError(_("You may not write reports to authorities."), code="no_permission")
    child = decision is not None and decision.cls == CHILD
    if child and not user.has_perm(Permission.CHILD_READ):
        raise NotFoundError(_("There is no such report."), code="no_report")


def check_open(report: AuthorityReport) -> None:
    """Raise ConflictError where a report can no longer be changed."""
    if report.state not in OPEN:
        raise ConflictError(_("This report is no draft any more."), code="report_state")


def visible(user: User) -> QuerySet[AuthorityReport]:
    """Return the reports that a person may see: the CyberTipline's in the room of child safety."""
    rows = AuthorityReport.objects.select_related("decision", "created_by", "approved_by")
    if not user.has_perm(Permission.REPORT_SEND):
        return rows.none()
    if user.has_perm(Permission.CHILD_READ):
        return rows
    return rows.exclude(kind=ReportKind.CYBERTIP).exclude(decision__cls=CHILD)


def find(user: User, number: int) -> AuthorityReport:
    """Return one report that a person may see; NotFoundError otherwise."""
    row = visible(user).filter(pk=number).first()
    if row is None:
        raise NotFoundError(_("There is no such report."), code="no_report")
    return row


def held(report: AuthorityReport) -> AuthorityReport:
    """Return the row as it is now, held until the commit."""
    return AuthorityReport.objects.select_for_update(of=("self",)).get(pk=report.pk)


def next_number() -> int:
    """Return the number that the next report gets."""
    return (AuthorityReport.objects.aggregate(last=Max("number"))["last"] or 0) + 1


def _check_none_open(form: ReportForm) -> None:
    if form.decision is None:
        return
    others = AuthorityReport.objects.filter(decision=form.decision, kind=form.kind.value)
    if others.exclude(state=ReportState.RETRACTED).exists():
        raise ConflictError(
            _("This decision has a report already."),
            code="report_exists",
            fix=_("Open it from the list of reports."),
        )


def _files(report: AuthorityReport, files: Sequence[FileForm]) -> None:
    for position, one in enumerate(files):
        read = dict(one.fields)
        if one.evidence is not None and one.evidence.shredded_at is not None:
            raise InvalidInputError(_("This evidence was shredded."), field="files")
        ReportFile.objects.create(
            report=report,
            position=position,
            evidence=one.evidence,
            hashes=read.get("hashes", {}),
            url=read.get("url", ""),
            viewed=bool(read.get("viewed", False)),
            details=read,
        )
