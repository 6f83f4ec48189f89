# SPDX-License-Identifier: Apache-2.0
"""The pages of a search day, and the same without a page: at the command line, server stopped."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from tests.support import proceedings
from tests.support.appeals import restricted
from tests.support.people import Agora
from vigie.flow.search_day import days, scope, unfound
from vigie.store.models import DecisionRecord, OfficerAccess, SearchDay, SearchEntry
from vigie.store.permissions import Role

PASSWORD = "correct horse battery staple"
GIVEN = {
    "authority_name": proceedings.COURT,
    "warrant": proceedings.WARRANT,
    "scope_text": proceedings.WORDS,
}


@pytest.fixture
def counsel(agora: Agora, client: Client) -> Client:
    agora.person("a.sorel", Role.LEGAL, number=21)
    client.post("/console/login", {"name": "a.sorel", "password": PASSWORD})
    return client


def sent(client: Client, path: str, **fields: Any) -> str:
    answer = client.post(path, fields)
    assert answer.status_code == 302, answer.content.decode()[:4000]
    return str(answer["Location"])


def test_a_day_from_the_door_to_the_closing(agora: Agora, counsel: Client) -> None:
    decided = restricted(agora, agora.person("m.olsen", Role.SENIOR, number=11), "p-1")
    where = sent(
        counsel,
        "/console/search-days",
        **GIVEN,
        persons="Cdt. A. Roux, OCLCH\nA. Petit, OCLCH",
        counsel="Me Klein",
        counsel_called_at="2026-11-22T20:50",
        items="p-1",
        service="agora",
    )
    search = SearchDay.objects.get()
    assert search.persons == ["Cdt. A. Roux, OCLCH", "A. Petit, OCLCH"]
    assert decided in scope.decisions(scope.of(search))
    sent(counsel, where, do="entry", kind="object", label="a laptop", serial="C02X", seal="4711")
    made = counsel.post(
        where, {"do": "officer", "officer": "Cdt. A. Roux", "hours": "4"} | {"language": "fr"}
    )
    assert "/console/login/once/" in made.content.decode()
    access = OfficerAccess.objects.get()
    again = counsel.post(where, {"do": "link", "access": str(access.pk)})
    assert "/console/login/once/" in again.content.decode()
    sent(counsel, where, do="scope", services="agora")
    sent(counsel, where, do="end", access=str(access.pk))
    page = counsel.get(where).content.decode()
    for words in ("C02X", "4711", "Me Klein", "Of the opening", "A. Petit"):
        assert words in page
    wrong = counsel.post(where, {"do": "close", "again": "S-9"})
    assert wrong.status_code == 422
    assert SearchDay.objects.get().closed_at is None
    sent(counsel, where, do="close", again=f"S-{search.number}", note="All left at 22:10.")
    page = counsel.get(where).content.decode()
    assert "Of the closing" in page
    assert "Close the search" not in page
    record = json.loads(counsel.get(f"{where}/record.json").content)
    assert record["entries"][0]["serial"] == "C02X"


def test_what_is_missing_is_said_and_what_was_typed_stays(agora: Agora, counsel: Client) -> None:
    answer = counsel.post("/console/search-days", GIVEN | {"warrant": "", "orders": "O-77"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert proceedings.COURT in page
    assert "O-77" in page
    for fields in (GIVEN | {"orders": "x"}, GIVEN | {"orders": "O-77"}, GIVEN | {"after": "soon"}):
        assert counsel.post("/console/search-days", fields).status_code == 422
    assert not SearchDay.objects.exists()


def test_a_wrong_line_is_refused_with_what_was_typed(agora: Agora, counsel: Client) -> None:
    search = proceedings.opened(agora)
    where = f"/console/search-days/{search.number}"
    for fields in (
        {"do": "entry", "kind": "object", "label": "a laptop without marks"},
        {"do": "entry", "kind": "event", "label": "x", "happened_at": "yesterday"},
        {"do": "officer", "officer": "Cdt. A. Roux", "hours": "9999", "language": "en"},
        {"do": "link", "access": "9"},
        {"do": "dance"},
    ):
        assert counsel.post(where, fields).status_code == 422, fields
    assert counsel.post(where, {"do": "end", "access": "9"}).status_code == 404
    assert counsel.get("/console/search-days/99").status_code == 404
    assert not SearchEntry.objects.exists()


def test_words_of_strangers_are_text_on_the_page(agora: Agora, counsel: Client) -> None:
    where = sent(counsel, "/console/search-days", **(GIVEN | {"scope_text": "<script>x</script>"}))
    sent(counsel, where, do="entry", kind="event", label="<img src=x>", note="<b>bold</b>")
    page = counsel.get(where).content.decode()
    for words in ("<script>x", "<img", "<b>bold"):
        assert words not in page


def test_the_checklist_is_one_page_for_everybody_of_the_desk(agora: Agora, client: Client) -> None:
    agora.person("n.moreau", Role.MODERATOR, number=3)
    client.post("/console/login", {"name": "n.moreau", "password": PASSWORD})
    page = client.get("/console/search-days/checklist").content.decode()
    assert "Nobody deletes, hides, locks" in page
    assert "vigie order search open" in page


def test_a_page_says_that_no_checkpoint_is_out_yet(
    agora: Agora, counsel: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from vigie.flow.search_day import signed

    monkeypatch.setattr(signed, "_sign", lambda _house: None)
    where = sent(counsel, "/console/search-days", **GIVEN)
    assert "not published yet" in counsel.get(where).content.decode()


def test_the_overview_says_that_a_search_stands(agora: Agora, counsel: Client) -> None:
    assert "nothing is deleted meanwhile" not in counsel.get("/console/overview").content.decode()
    search = proceedings.opened(agora)
    page = counsel.get("/console/overview").content.decode()
    assert "1 search by an authority stands: nothing is deleted meanwhile." in page
    assert "/console/search-days" in page
    days.close_search(agora.house, "command line", search.number)
    assert "nothing is deleted meanwhile" not in counsel.get("/console/overview").content.decode()


def test_what_the_scope_names_and_nobody_would_find_is_said(agora: Agora, counsel: Client) -> None:
    restricted(agora, agora.person("m.olsen", Role.SENIOR, number=11), "p-1")
    warning = "Of this no record is known within the scope"
    where = sent(
        counsel, "/console/search-days", **GIVEN, items="p-1\np-9", service="other", authors="a-9"
    )
    page = counsel.get(where).content.decode()
    assert warning in page
    assert "<bdi>p-9</bdi> in product other" in page
    assert "<bdi>p-1</bdi> in product other · known in: <bdi>agora</bdi>" in page
    assert "an author in product other" in page
    sent(counsel, where, do="scope", items="p-1", service="agora")
    assert warning not in counsel.get(where).content.decode()


def test_an_item_of_class_child_is_like_one_that_is_not_there(agora: Agora) -> None:
    number = agora.removal("p-8")
    service = DecisionRecord.objects.get(number=number).service
    named = scope.Scope(items=((service, "p-8"), ("other", "p-8")), services=("nobody",))
    assert unfound.of(named) == [
        unfound.Unfound("item", service, "p-8"),
        unfound.Unfound("item", "other", "p-8"),
        unfound.Unfound("service", "nobody", "nobody"),
    ]
