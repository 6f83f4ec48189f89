# SPDX-License-Identifier: Apache-2.0
"""The pages of evidence: list, one record, two people, opening, shredding; class child apart."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.support.pictures import encode, pattern
from tests.support.vaults import SECRET
from vigie.flow import holds
from vigie.store.models import CustodyBasis, CustodyEvent, Evidence, SecondPersonRequest, VaultGrant

PASSWORD = "correct horse battery staple"


def browser(name: str) -> Client:
    made = Client()
    answer = made.post("/console/login", {"name": name, "password": PASSWORD})
    assert answer.status_code == 302
    return made


@pytest.fixture
def legal(first):
    return browser("l.anders")


def text(answer):
    return answer.content.decode()


def test_the_list_says_what_is_sealed_why_and_until_when(vault, legal):
    vault.seal(item_id="p-31")
    page = text(legal.get("/console/evidence"))
    assert "E-1" in page
    assert "p-31" in page
    assert "Art. 20(1)" in page
    assert SECRET.decode() not in page


def test_class_child_is_neither_in_the_list_nor_has_a_page(vault, legal, agora):
    row = vault.seal(item_id="p-32")
    Evidence.objects.filter(pk=row.pk).update(lane="child", cls="child")
    assert "p-32" not in text(legal.get("/console/evidence?state=all"))
    assert legal.get("/console/evidence/1").status_code == 404
    agora.person("k.one", "child_safety")
    room = browser("k.one")
    assert room.get("/console/evidence/1").status_code == 404
    page = text(room.get("/console/child-safety/evidence"))
    assert row.sha256 in page
    assert "<img" not in page
    assert legal.get("/console/child-safety/evidence").status_code == 403


def test_a_context_is_shown_as_plain_text(vault, legal):
    hostile = b'{"text": "<script>alert(1)</script>"}'
    vault.seal(kind="context", data=hostile)
    page = text(legal.post("/console/evidence/1/open", {"reason": "review"}))
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page
    assert CustodyEvent.objects.get(kind="opened").reason == "review"


def test_a_picture_comes_grey_and_blurred_and_drawn_anew(vault, legal):
    picture = encode(pattern(3, 64, 64))
    vault.seal(data=picture, mime="image/jpeg")
    answer = legal.post("/console/evidence/1/open", {"reason": "review"})
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    import base64

    assert base64.b64encode(picture).decode()[:60] not in text(answer)
    assert 'src="data:image/' in text(answer)


def test_a_file_leaves_as_bytes_that_no_browser_runs(vault, legal):
    vault.seal(data=b"<html>", mime="text/html")
    answer = legal.post("/console/evidence/1/open", {"reason": "review", "as": "file"})
    assert answer.content == b"<html>"
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment")


def test_without_a_reason_nothing_opens(vault, legal):
    vault.seal()
    answer = legal.post("/console/evidence/1/open", {"reason": ""})
    assert answer.status_code in {400, 422}
    assert not vault.asked


def test_two_people_open_what_is_marked(vault, legal, second):
    vault.seal(cls="intimate", kind="context", data=b'{"said": "once"}')
    page = text(legal.get("/console/evidence/1"))
    assert "Ask a second person" in page
    assert legal.post("/console/evidence/1/open", {"reason": "order"}).status_code == 403
    answer = legal.post("/console/evidence/1/act", {"do": "ask", "reason": "order O-3"})
    assert answer.status_code == 302
    request = SecondPersonRequest.objects.get()
    other = browser("l.brandt")
    assert "order O-3" in text(other.get("/console/evidence/1"))
    # The general page of second persons cannot: it proves nobody anew.
    generic = other.post(f"/console/second/{request.pk}", {"do": "confirm"})
    assert generic.status_code == 403
    sent = other.post(f"/console/evidence/requests/{request.pk}", {"do": "confirm"})
    assert sent.status_code == 302
    page = text(legal.post("/console/evidence/1/open", {"reason": "order O-3"}))
    assert "once" in page
    assert VaultGrant.objects.get().second == second


def test_an_old_proof_of_who_one_is_leads_to_the_page_that_asks_again(vault, legal):
    vault.seal()
    session = legal.session
    for record in session["account_authentication_methods"]:
        record["at"] -= 3_600
    session.save()
    answer = legal.post("/console/evidence/1/open", {"reason": "review"})
    assert answer.status_code == 302
    assert "confirm" in answer["Location"]
    assert not vault.asked


def test_a_hold_is_named_with_its_day(vault, legal, agora):
    vault.seal(item_id="p-40")
    holds.place_hold(
        agora.house, basis="order 12/26", owner="legal", review_at=1_800_000_000_000, item_id="p-40"
    )
    page = text(legal.get("/console/evidence/1"))
    assert "order 12/26" in page
    assert "2027" in page


def test_shredding_asks_for_the_number_and_waits_for_the_minimum(vault, legal, agora):
    row = vault.seal(rule="fr_press_law")
    wrong = legal.post(
        "/console/evidence/1/act", {"do": "shred", "reason": "withdrawn", "number": "2"}
    )
    assert wrong.status_code in {400, 422}
    sent = legal.post(
        "/console/evidence/1/act", {"do": "shred", "reason": "withdrawn", "number": "1"}
    )
    assert sent.status_code == 302
    row.refresh_from_db()
    assert row.shredded_at
    assert "Nobody can open it any more" in text(legal.get("/console/evidence/1"))
    vault.seal(rule="complaint")
    kept = legal.post(
        "/console/evidence/2/act", {"do": "shred", "reason": "withdrawn", "number": "2"}
    )
    assert kept.status_code == 409


def test_counsel_records_and_ends_a_basis(vault, legal, agora):
    form = {
        "do": "record",
        "basis": "written request 7 Js 1/26",
        "holder": "L. Anders",
        "country": "FR",
        "ends_at": "2027-05-01",
    }
    assert legal.post("/console/evidence/custody", form).status_code == 302
    page = text(legal.get("/console/evidence/custody"))
    assert "7 Js 1/26" in page
    recorded = CustodyBasis.objects.get()
    ended = legal.post("/console/evidence/custody", {"do": "end", "basis": str(recorded.pk)})
    assert ended.status_code == 302
    assert "over" in text(legal.get("/console/evidence/custody"))
    late = legal.post("/console/evidence/custody", form | {"ends_at": "2099-01-01"})
    assert late.status_code in {400, 422}
