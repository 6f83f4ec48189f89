# SPDX-License-Identifier: Apache-2.0
"""The CyberTipline, against a local peer that enforces schema, order and sizes."""

from __future__ import annotations

import hashlib

import pytest
from lxml import etree

from tests.functional.reports.conftest import FILE
from vigie.core.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    RefusedError,
)
from vigie.flow.reports import draft, send, verbs
from vigie.flow.reports.draft import FileForm, ReportForm
from vigie.flow.vault import access
from vigie.store.models import (
    ClockState,
    DutyClock,
    Evidence,
    Record,
    ReportFile,
    ReportKind,
    ReportState,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def written(reporting, officer, fields):
    form = ReportForm(kind=ReportKind.CYBERTIP, fields=fields, files=[FileForm(fields=FILE)])
    return draft.draft(reporting.house, officer, form)


@pytest.fixture
def ready(reporting, written, other):
    return verbs.approve(reporting.house, other, written)


def sent(agora, peer):
    return send.send_due(agora.house, peer.client)


def reread(report):
    report.refresh_from_db()
    return report


def kinds():
    return list(
        Record.objects.filter(kind__startswith="report.")
        .order_by("entry")
        .values_list("kind", flat=True)
    )


def test_a_report_is_called_reported_once_its_receipt_is_stored(reporting, ready, peer):
    assert sent(reporting, peer) == 1
    row = reread(ready)
    assert row.state == ReportState.REPORTED
    assert row.receipt["report_id"] in peer.reports
    assert peer.calls == ["xsd", "submit", "finish"]
    assert kinds()[-1] == "report.reported"
    clock = DutyClock.objects.get(duty="us_cybertip")
    assert clock.state == ClockState.MET
    assert DutyClock.objects.get(duty="us_cybertip_preserve").state == ClockState.RUNNING


def test_a_draft_leaves_nothing(reporting, written, peer):
    assert sent(reporting, peer) == 0
    assert peer.calls == []
    assert reread(written).state == ReportState.DRAFT


def test_files_without_bytes_are_named_by_digest_and_as_not_viewed(reporting, ready, peer):
    sent(reporting, peer)
    (held,) = peer.finished
    note = etree.fromstring(held.xml).findtext("additionalInfo")
    assert "pdq:" + "cd" * 32 in note
    assert "not viewed by a person" in note
    assert ReportFile.objects.get().state == send.NOT_SENT


@pytest.mark.parametrize("call", ["xsd", "submit", "upload", "fileinfo", "finish"])
def test_a_crash_after_any_call_never_yields_two_reports(call, reporting, ready, peer, monkeypatch):
    _with_bytes(ready, monkeypatch, b"x" * 100)
    peer.crash_after = call
    with pytest.raises(KeyboardInterrupt):
        sent(reporting, peer)
    for _ in range(3):
        sent(reporting, peer)
    assert reread(ready).state == ReportState.REPORTED
    assert len(peer.finished) == 1
    assert ready.receipt["report_id"] in peer.reports


def test_a_crash_before_the_receipt_was_stored_is_found_out_by_asking(reporting, ready, peer):
    peer.crash_after = "finish"
    with pytest.raises(KeyboardInterrupt):
        sent(reporting, peer)
    assert reread(ready).state == ReportState.OPEN
    sent(reporting, peer)
    assert reread(ready).receipt["known_by"] == "5102"
    assert len(peer.finished) == 1


def test_bytes_in_custody_are_sent_and_compared(reporting, ready, peer, monkeypatch):
    data = b"not a picture, bytes of a test"
    _with_bytes(ready, monkeypatch, data)
    sent(reporting, peer)
    (held,) = peer.finished
    assert list(held.files.values()) == [data]
    details = etree.fromstring(next(iter(held.described.values())))
    assert details.findtext("fileViewedByEsp") == "false"
    assert {one.get("hashType") for one in details.iterfind("originalFileHash")} == {
        "SHA256",
        "PDQ",
    }
    assert ReportFile.objects.get().state == send.DESCRIBED


def test_another_file_that_arrives_stops_the_report(reporting, ready, peer, monkeypatch):
    _with_bytes(ready, monkeypatch, b"x")
    peer.wrong_md5 = True
    assert sent(reporting, peer) == 0
    assert (reread(ready).state, ready.problem) == (ReportState.FAILED, "strange")
    assert not peer.finished


def test_bytes_that_nobody_unlocked_wait_for_two_officers(reporting, ready, peer, monkeypatch):
    _with_bytes(ready, monkeypatch, None)
    assert sent(reporting, peer) == 0
    assert (reread(ready).state, ready.problem) == (ReportState.FAILED, "not_unlocked")
    assert not peer.finished


@pytest.mark.parametrize(
    ("code", "state", "problem"),
    [
        (1000, ReportState.READY, "server"),
        (1001, ReportState.READY, "server"),
        (2000, ReportState.FAILED, "access"),
        (3000, ReportState.FAILED, "access"),
        (3100, ReportState.FAILED, "access"),
        (4100, ReportState.FAILED, "invalid"),
        (9999, ReportState.FAILED, "strange"),
    ],
)
def test_each_code_is_tried_again_or_put_before_a_person(
    code, state, problem, reporting, ready, peer
):
    body = f"<reportResponse><responseCode>{code}</responseCode></reportResponse>".encode()
    peer.answer_with["submit"] = (200, body)
    sent(reporting, peer)
    assert (reread(ready).state, ready.problem) == (state, problem)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"<reportResponse/>",
        b"no xml",
        (
            b"<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><reportResponse><responseCode>"
            b"0</responseCode><reportId>&e;</reportId></reportResponse>"
        ),
        b"<reportResponse><responseCode>0</responseCode></reportResponse>",
        b"x" * 3_000_000,
    ],
)
def test_an_answer_that_cannot_be_read_is_never_a_receipt(answer, reporting, ready, peer):
    peer.answer_with["finish"] = (200, answer)
    sent(reporting, peer)
    assert reread(ready).state != ReportState.REPORTED
    assert not reread(ready).receipt


def test_while_the_other_side_is_down_reports_wait_and_then_leave(reporting, ready, peer):
    peer.down = True
    for _ in range(5):
        sent(reporting, peer)
        reporting.clock.advance(86_400_000)
    assert (reread(ready).state, ready.problem) == (ReportState.READY, "unreached")
    peer.down = False
    sent(reporting, peer)
    assert reread(ready).state == ReportState.REPORTED


def test_what_fails_is_not_tried_again_at_once(reporting, ready, peer):
    peer.answer_with["submit"] = (500, b"")
    sent(reporting, peer)
    before = len(peer.calls)
    sent(reporting, peer)
    assert len(peer.calls) == before
    assert reread(ready).attempts == 1


def test_without_settings_a_report_waits_and_says_why(reporting, ready):
    assert send.send_due(reporting.house) == 1
    assert (reread(ready).state, ready.problem) == (ReportState.READY, "no_settings")


def test_wrong_credentials_stop_it(reporting, ready, peer):
    from vigie.exchange.cybertip.client import Client

    def wrong():
        return Client("https://report.example/ispws", "esp-test", "other", transport=peer)

    send.send_due(reporting.house, wrong)
    assert (reread(ready).state, ready.problem) == (ReportState.FAILED, "access")


def test_a_schema_that_changed_stops_it_before_anything_is_opened(reporting, ready, peer):
    peer.xsd = peer.xsd.replace(b'name="incidentSummary"', b'name="incidentSummary2"').replace(
        b'ref="incidentSummary"', b'ref="incidentSummary2"'
    )
    sent(reporting, peer)
    assert reread(ready).state == ReportState.FAILED
    assert "submit" not in peer.calls


def test_an_open_report_is_taken_back_there_before_it_counts_as_taken_back(
    reporting, ready, officer, peer
):
    peer.crash_after = "submit"
    with pytest.raises(KeyboardInterrupt):
        sent(reporting, peer)
    # The number was not stored: there is nothing to take back here, and it ends by itself there.
    verbs.retract(reporting.house, officer, ready, "a test")
    assert reread(ready).state == ReportState.RETRACTED
    assert not peer.finished


def test_a_report_open_on_both_sides_is_taken_back_on_both(reporting, ready, officer, peer):
    peer.answer_with["finish"] = (500, b"")
    sent(reporting, peer)
    assert reread(ready).state == ReportState.OPEN
    verbs.retract(reporting.house, officer, ready, "wrong account")
    assert reread(ready).state == ReportState.OPEN
    sent(reporting, peer)
    assert reread(ready).state == ReportState.RETRACTED
    assert peer.reports == {}
    assert DutyClock.objects.get(duty="us_cybertip").state == ClockState.ENDED


def test_what_was_finished_meanwhile_is_reported_not_taken_back(reporting, ready, officer, peer):
    peer.crash_after = "finish"
    with pytest.raises(KeyboardInterrupt):
        sent(reporting, peer)
    verbs.retract(reporting.house, officer, reread(ready), "wrong account")
    sent(reporting, peer)
    assert reread(ready).state == ReportState.REPORTED


def test_a_reported_one_cannot_be_taken_back_or_changed(reporting, ready, officer, peer, fields):
    sent(reporting, peer)
    with pytest.raises(ConflictError):
        verbs.retract(reporting.house, officer, reread(ready), "late")
    form = ReportForm(kind=ReportKind.CYBERTIP, fields=fields)
    with pytest.raises(ConflictError):
        draft.change(reporting.house, officer, ready, form)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"incident_at": 99_999_999_999_999}, "incident_at"),
        ({"incident_type": "Something else"}, "incident_type"),
        ({"urls": [], "account": ""}, "urls"),
        ({"note": "x" * 3_001}, "note"),
        ({"urls": ["https://agora.test/" + "x" * 2_100]}, "urls[0]"),
        ({"captures": [{"address": "192.0.2.7", "event": "Sneeze"}]}, "captures"),
        ({"unknown": 1}, "fields"),
    ],
)
def test_what_cannot_be_reported_is_refused_with_its_field(
    change, field, reporting, officer, fields
):
    form = ReportForm(kind=ReportKind.CYBERTIP, fields={**fields, **change})
    with pytest.raises(InvalidInputError) as refused:
        draft.draft(reporting.house, officer, form)
    assert refused.value.field == field


def test_control_characters_do_not_stop_a_report(reporting, officer, other, fields, peer):
    form = ReportForm(kind=ReportKind.CYBERTIP, fields={**fields, "note": "a\x00b\x1f é 漢"})
    row = draft.draft(reporting.house, officer, form)
    verbs.approve(reporting.house, other, row)
    sent(reporting, peer)
    (held,) = peer.finished
    assert etree.fromstring(held.xml).findtext("additionalInfo") == "ab é 漢"


def test_others_of_the_desk_neither_write_nor_see_it(reporting, written):
    moderator = reporting.person("m.one", "moderator", number=30)
    with pytest.raises(RefusedError):
        draft.check_may(moderator, None)
    auditor = reporting.person("a.one", "auditor", number=31)
    with pytest.raises(NotFoundError):
        draft.find(auditor, written.number)


def test_the_log_holds_no_word_of_a_report(reporting, ready, peer):
    sent(reporting, peer)
    words = b"".join(row.canonical for row in Record.objects.filter(kind__startswith="report."))
    for secret in (b"u-7", b"192.0.2.7", b"agora.test", b"abab"):
        assert secret not in words


def _with_bytes(report, monkeypatch, data):
    """Put bytes behind the file, or bytes that nobody unlocked."""
    file = report.files.get()
    monkeypatch.setattr(
        ReportFile, "evidence", Evidence(number=1, evidence_id="e" * 32, sealed_at=0)
    )
    assert file.pk

    def read(_house, _evidence, _report):
        if data is None:
            raise RefusedError("locked", code="not_unlocked")
        return data

    monkeypatch.setattr(access, "read_for_report", read)
    assert hashlib.sha256(data or b"").digest()
