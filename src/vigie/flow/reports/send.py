# SPDX-License-Identifier: Apache-2.0
"""Sending reports to the CyberTipline: each step stands in the store before the next.

A crash between two calls never yields two reports: the number is stored right
after it is given, and a report found open is taken back first. What the other
side answers then says whether it was finished (5102), is gone (5001) or begins
anew (0). What was never finished the other side deletes by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from email.utils import parseaddr
from pathlib import Path
from typing import Final

from django.db.models import Q, QuerySet

from vigie.core.errors import ConflictError, VigieError
from vigie.exchange.cybertip import xml
from vigie.exchange.cybertip.client import Client, CybertipError, Trouble
from vigie.exchange.cybertip.form import File, Report, Reporter, read_file, read_report
from vigie.flow.house import House
from vigie.flow.reports import verbs
from vigie.flow.transaction import writing
from vigie.flow.vault import access
from vigie.settings import Settings
from vigie.store.models import AuthorityReport, ReportFile, ReportKind, ReportState

FIRST_PAUSE_MS: Final = 60_000
LONGEST_PAUSE_MS: Final = 3_600_000
UPLOADED: Final = "uploaded"
DESCRIBED: Final = "described"
NOT_SENT: Final = "not_sent"
RETRACT: Final = "retract"
NO_SETTINGS: Final = "no_settings"
Connect = Callable[[], Client]


def send_due(house: House, connect: Connect | None = None, limit: int = 10) -> int:
    """Send what is due; return how many reports moved on.

    Without settings nothing is tried, and each says why it waits.
    """
    if connect is None and not is_set_up(house.settings):
        waiting = _due(house).filter(problem="").exclude(problem=RETRACT)
        return waiting.update(problem=NO_SETTINGS)
    moved = 0
    for row in list(_due(house).order_by("next_try", "number")[:limit]):
        moved += _one(house, row, connect or (lambda: client(house.settings)))
    return moved


def is_set_up(settings: Settings) -> bool:
    """Say whether reports can leave."""
    given = (settings.cybertip_url, settings.cybertip_user, settings.cybertip_password_file)
    return all(given) and bool(parseaddr(settings.cybertip_reporter)[1])


def client(settings: Settings) -> Client:
    """Return a client with the credentials of the settings."""
    password = Path(settings.cybertip_password_file).read_text("utf-8").strip()
    return Client(
        settings.cybertip_url,
        settings.cybertip_user,
        password,
        allow_private=settings.webhook_private,
    )


def reporter(settings: Settings) -> Reporter:
    """Read who answers for the reports."""
    name, mail = parseaddr(settings.cybertip_reporter)
    first, _, last = name.rpartition(" ")
    return Reporter(first_name=first or last, last_name=last, email=mail, company=settings.operator)


def _due(house: House) -> QuerySet[AuthorityReport]:
    rows = AuthorityReport.objects.filter(kind=ReportKind.CYBERTIP, next_try__lte=house.now())
    taken_back = Q(state=ReportState.FAILED, problem=RETRACT)
    return rows.filter(Q(state__in=(ReportState.READY, ReportState.OPEN)) | taken_back)


def _one(house: House, row: AuthorityReport, connect: Connect) -> int:
    """Take one report as far as it goes. What fails is kept with its reason."""
    try:
        with connect() as session:
            if row.problem == RETRACT:
                _retract(house, row, session)
            else:
                _deliver(house, row, session)
    except CybertipError as problem:
        _failed(house, row, problem)
        return 0
    except VigieError as problem:
        # The vault is closed, nobody unlocked it, or the report cannot be written any more.
        _stop(row, problem.code)
        return 0
    return 1


def _deliver(house: House, row: AuthorityReport, session: Client) -> None:
    if row.external_id and _was_finished(house, row, session):
        return
    report = read_report(row.fields, house.now())
    files = list(row.files.select_related("evidence").order_by("position"))
    rules = _schema(session)
    document = xml.report_xml(report, reporter(house.settings), note_of(report, files))
    _check(document, rules)
    for one in files:
        _check(xml.file_xml("1", "1", read_file(one.details)), rules)
    number = session.submit(document)
    _opened(house, row, number)
    for one in files:
        _send_file(house, row, one, session)
    receipt = session.finish(number)
    with writing():
        told = {"report_id": receipt.report_id, "files": list(receipt.files)}
        verbs.finish(house, row, told, by="vigie")


def _was_finished(house: House, row: AuthorityReport, session: Client) -> bool:
    """Ask what became of a report that was opened before; True: it was finished."""
    try:
        session.retract(row.external_id)
    except CybertipError as answer:
        if answer.trouble is Trouble.FINISHED:
            with writing():
                told = {"report_id": row.external_id, "files": [], "known_by": "5102"}
                verbs.finish(house, row, told, by="vigie")
            return True
        if answer.trouble is not Trouble.GONE:
            raise
    with writing():
        row.external_id, row.state = "", ReportState.READY
        row.save(update_fields=["external_id", "state"])
        row.files.update(external_id="", state="waiting")
    return False


def _retract(house: House, row: AuthorityReport, session: Client) -> None:
    """Take back what is open there; what was finished meanwhile is reported, and said so."""
    if _was_finished(house, row, session):
        return
    with writing():
        verbs.close_retracted(house, row)


def _opened(house: House, row: AuthorityReport, number: str) -> None:
    with writing():
        row.external_id, row.state, row.problem = number, ReportState.OPEN, ""
        row.sent_at = row.sent_at or house.now()
        row.save(update_fields=["external_id", "state", "problem", "sent_at"])
        verbs.note(row, verbs.SENT, house.now(), {}, {"external": number})


def _send_file(house: House, row: AuthorityReport, one: ReportFile, session: Client) -> None:
    """Upload a file that is in custody; of any other the report names the digests."""
    if one.evidence is None or one.evidence.shredded_at is not None:
        one.state = NOT_SENT
        one.save(update_fields=["state"])
        return
    data = access.read_for_report(house, one.evidence, row)
    name = f"file-{one.position + 1}"
    made = session.upload(row.external_id, name, data)
    one.external_id, one.state = made.file_id, UPLOADED
    one.save(update_fields=["external_id", "state"])
    session.describe(xml.file_xml(row.external_id, made.file_id, read_file(one.details)))
    one.state = DESCRIBED
    one.save(update_fields=["state"])


def note_of(report: Report, files: list[ReportFile]) -> str:
    """Return the additional information: what the person wrote, and files without bytes."""
    lines = [report.note] if report.note else []
    without = [one for one in files if one.evidence is None]
    if without:
        lines.append("Files of which the reporter keeps no bytes:")
        lines += [_line(read_file(one.details)) for one in without]
    return "\n".join(lines)


def _line(file: File) -> str:
    digests = " ".join(f"{kind}:{value}" for kind, value in sorted(file.hashes.items()))
    seen = "viewed by a person" if file.viewed else "not viewed by a person"
    return f"{digests} {file.url} ({seen})".strip()


def _schema(session: Client) -> xml.Rules:
    """Read the schema in force: never a frozen copy."""
    try:
        return xml.schema(session.xsd())
    except ValueError as problem:
        raise CybertipError(Trouble.STRANGE, "Its schema cannot be read.") from problem


def _check(document: bytes, rules: xml.Rules) -> None:
    if xml.problems(document, rules):
        raise ConflictError("The report breaks the schema in force.", code="schema")


def _failed(house: House, row: AuthorityReport, problem: CybertipError) -> None:
    if not problem.passes:
        _stop(row, problem.trouble.value)
        return
    row.attempts += 1
    pause = min(FIRST_PAUSE_MS << min(row.attempts - 1, 10), LONGEST_PAUSE_MS)
    row.next_try = house.now() + pause
    kept = row.problem if row.problem == RETRACT else problem.trouble.value
    row.problem = kept
    row.save(update_fields=["attempts", "next_try", "problem"])


def _stop(row: AuthorityReport, why: str) -> None:
    """Wait for a person: trying again would not help."""
    row.state, row.problem = ReportState.FAILED, why[:64]
    row.save(update_fields=["state", "problem"])
