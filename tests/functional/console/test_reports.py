# SPDX-License-Identifier: Apache-2.0
"""Pages of reports: written, approved, handed over, receipted; class child by its role alone."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.support.people import Agora
from vigie.store.models import AuthorityReport, ReportState

pytestmark = pytest.mark.django_db
FACTS = {"suspected_offence": "threat", "facts": "Violence is announced at a named place."}


def signed_in(agora: Agora, name: str, role: str) -> Client:
    """Return a browser in which somebody is signed in."""
    agora.person(name, role)
    client = Client()
    client.post("/console/login", {"name": name, "password": "correct horse battery staple"})
    return client


@pytest.fixture
def legal(agora: Agora) -> Client:
    return signed_in(agora, "l.moreau", "legal")


def test_a_threat_is_written_down_and_nothing_is_said_to_have_left(legal: Client) -> None:
    page = legal.post("/console/reports/new/art18", FACTS | {"country": "FR"}, follow=True)
    row = AuthorityReport.objects.get()
    assert (row.state, row.country) == (ReportState.DRAFT, "FR")
    words = page.content.decode()
    assert "R-1" in words
    assert "reported, receipt stored" not in words


def test_what_is_missing_is_said_and_what_was_typed_stays(legal: Client) -> None:
    answer = legal.post("/console/reports/new/art18", {"facts": "Kept words."})
    assert answer.status_code == 422
    assert "Kept words." in answer.content.decode()
    assert not AuthorityReport.objects.exists()


def test_it_is_approved_and_its_document_can_be_had(agora: Agora, legal: Client) -> None:
    legal.post("/console/reports/new/art18", FACTS)
    other = signed_in(agora, "l.brandt", "legal")
    page = other.post("/console/reports/1/act", {"do": "approve"}, follow=True).content.decode()
    assert "approved, not handed over" in page
    assert "no checked contact" in page
    document = other.get("/console/reports/1/document?language=de")
    assert document.content.startswith(b"%PDF")
    assert document["Cache-Control"] == "no-store"


def test_the_legal_role_sees_no_report_of_class_child(agora: Agora, legal: Client) -> None:
    child = signed_in(agora, "c.ames", "child_safety")
    form = {
        "incident_type": "Child Sex Trafficking",
        "incident_at": "2026-11-20T10:00:00",
        "urls": "https://agora.test/p/1",
        "files": "sha256:" + "ab" * 32 + " https://agora.test/p/1",
    }
    page = child.post("/console/reports/new/cybertip", form, follow=True).content.decode()
    assert "sha256:" + "ab" * 32 in page
    assert AuthorityReport.objects.get().files.get().hashes == {"sha256": "ab" * 32}
    assert legal.get("/console/reports/1").status_code == 404
    assert "R-1" not in legal.get("/console/reports").content.decode()
    assert legal.get("/console/reports/new/cybertip").status_code == 403


def test_a_report_about_a_case_of_the_room_begins_with_its_hashes(agora: Agora) -> None:
    child = signed_in(agora, "c.ames", "child_safety")
    number = agora.removal()
    page = child.get(f"/console/reports/new/cybertip?decision={number}").content.decode()
    assert "sha256:" in page or "pdq:" in page
    assert child.get("/console/reports/new/nothing").status_code == 404


def test_it_can_be_changed_and_taken_back(legal: Client) -> None:
    legal.post("/console/reports/new/art18", FACTS)
    changed = FACTS | {"facts": "More is known.", "do": "change"}
    legal.post("/console/reports/1/act", changed)
    assert AuthorityReport.objects.get().fields["facts"] == "More is known."
    legal.post("/console/reports/1/act", {"do": "retract", "why": "It was a film quote."})
    assert AuthorityReport.objects.get().state == ReportState.RETRACTED
