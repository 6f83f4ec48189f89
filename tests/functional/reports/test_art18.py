# SPDX-License-Identifier: Apache-2.0
"""Suspicion of a threat to life or safety: to the right authority, and with its receipt."""

from __future__ import annotations

import pytest

from vigie.core.errors import ConflictError, InvalidInputError, RefusedError
from vigie.flow.reports import art18, draft, verbs
from vigie.flow.reports.draft import ReportForm
from vigie.store.models import (
    Authority,
    AuthorityContact,
    ClockState,
    DutyClock,
    ReportKind,
    ReportState,
)

pytestmark = pytest.mark.django_db
FACTS = {"suspected_offence": "threat", "facts": "A message announces violence at a named place."}


@pytest.fixture
def legal(agora):
    return agora.person("l.anders", "legal", number=1)


@pytest.fixture
def second(agora):
    return agora.person("l.brandt", "legal", number=2)


@pytest.fixture
def directory(agora, legal, second):
    """The police of two States and Europol, each with a checked telephone."""
    found = {}
    for country, name in (
        ("FR", "Police of France"),
        ("DE", "Police of Germany"),
        ("EU", "Europol"),
    ):
        authority = Authority.objects.create(
            name=name, country=country, kind="police", created_by="legal 1", created_at=0
        )
        found[country] = AuthorityContact.objects.create(
            authority=authority,
            kind="phone",
            value="+3200000000",
            source="public list",
            entered_by=legal,
            entered_at=agora.house.now() - 2,
            checked_by=second,
            checked_at=agora.house.now() - 1,
        )
    return found


def write(agora, legal, country="FR", **more):
    form = ReportForm(kind=ReportKind.ART18, fields={**FACTS, **more}, country=country)
    return draft.draft(agora.house, legal, form)


@pytest.mark.parametrize(("country", "to"), [("FR", "FR"), ("DE", "DE"), ("", "EU"), ("IT", "EU")])
def test_it_goes_to_the_member_state_and_else_to_europol(country, to, agora, legal, directory):
    report = write(agora, legal, country)
    assert art18.contacts(agora.house, report) == [directory[to]]


def test_it_is_called_reported_only_with_its_receipt(agora, legal, second, directory):
    report = write(agora, legal)
    verbs.approve(agora.house, second, report)
    verbs.note_sent(agora.house, legal, report, directory["FR"], "by telephone, then by courier")
    report.refresh_from_db()
    assert report.state == ReportState.SENT
    assert DutyClock.objects.get(duty="dsa_art18").state == ClockState.RUNNING
    verbs.note_receipt(agora.house, legal, report, "PV 2026/118, officer 4711")
    report.refresh_from_db()
    assert report.state == ReportState.REPORTED
    assert DutyClock.objects.get(duty="dsa_art18").state == ClockState.MET


def test_a_receipt_before_it_was_handed_over_is_refused(agora, legal, second, directory):
    report = write(agora, legal)
    verbs.approve(agora.house, second, report)
    with pytest.raises(ConflictError):
        verbs.note_receipt(agora.house, legal, report, "PV 2026/118")


def test_a_contact_that_nobody_checked_is_no_way_out(agora, legal, second, directory):
    report = write(agora, legal)
    verbs.approve(agora.house, second, report)
    contact = directory["FR"]
    contact.checked_by = None
    contact.checked_at = None
    contact.save()
    with pytest.raises(RefusedError):
        verbs.note_sent(agora.house, legal, report, contact, "by telephone")


@pytest.mark.parametrize(
    ("more", "country", "field"),
    [
        ({"facts": " "}, "FR", "facts"),
        ({"suspected_offence": ""}, "FR", "suspected_offence"),
        ({"facts": "x" * 10_001}, "FR", "facts"),
        ({"invented": "x"}, "FR", "invented"),
        ({}, "US", "country"),
    ],
)
def test_what_is_not_complete_is_refused_with_its_field(more, country, field, agora, legal):
    with pytest.raises(InvalidInputError) as refused:
        write(agora, legal, country, **more)
    assert refused.value.field == field


def test_its_document_is_the_same_each_time_in_three_languages(agora, legal):
    report = write(agora, legal, account="u-7", urls="https://agora.test/p/1")
    for language in ("en", "fr", "de"):
        made = art18.document(agora.house, report, language)
        assert made.startswith(b"%PDF")
        assert made == art18.document(agora.house, report, language)


def test_its_clock_runs_from_when_the_operator_knew(agora, legal):
    knew = agora.house.now() - 600_000
    form = ReportForm(kind=ReportKind.ART18, fields=FACTS, awareness_at=knew)
    draft.draft(agora.house, legal, form)
    assert DutyClock.objects.get(duty="dsa_art18").started_at == knew


def test_a_decision_has_one_report_of_a_kind(agora, legal):
    from vigie.store.models import DecisionRecord

    decision = DecisionRecord.objects.get(number=agora.proposal())
    form = ReportForm(kind=ReportKind.ART18, fields=FACTS, decision=decision)
    draft.draft(agora.house, legal, form)
    with pytest.raises(ConflictError):
        draft.draft(agora.house, legal, form)
