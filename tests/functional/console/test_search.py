# SPDX-License-Identifier: Apache-2.0
"""The search page: shareable, masked, and never a word of class child."""

from __future__ import annotations

import csv
import io
import re
from html import unescape
from urllib.parse import quote

import pytest
from django.test import Client

from tests.support.people import SAID, Agora
from vigie.core.errors import ConflictError
from vigie.flow.decide import PersonDecision, Verb, decide
from vigie.flow.deletion import redact
from vigie.flow.search import index, saved
from vigie.store.models import (
    Case,
    DecisionRecord,
    Hold,
    ItemContent,
    SavedSearch,
    Strike,
    User,
)

PASSWORD = "correct horse battery staple"


def page(client: Client, text: str, target: str = "decisions", **more: str) -> str:
    answer = client.get("/console/search", {"q": text, "target": target, **more})
    assert answer.status_code == 200, answer.content.decode()[:500]
    return unescape(answer.content.decode())


def csv_of(client: Client, text: str, target: str = "decisions") -> list[dict[str, str]]:
    answer = client.get("/console/search/results.csv", {"q": text, "target": target})
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Cache-Control"] == "no-store"
    body = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    return list(csv.DictReader(io.StringIO(body)))


def numbers(text: str) -> set[str]:
    return set(re.findall(r'<td class="num nowrap">(D-\d+)</td>', text))


@pytest.fixture
def filled(agora: Agora) -> Agora:
    """Two proposals, a harmless post and a removal of class child, all tagged."""
    agora.proposal()
    agora.proposal("p-101", language="fr", author="a-8")
    agora.harmless()
    agora.removal()
    index.tag(agora.house)
    return agora


def signed_in(agora: Agora, name: str, role: str, **more: object) -> Client:
    agora.person(name, role=role, **more)
    client = Client()
    client.post("/console/login", {"name": name, "password": PASSWORD})
    return client


def test_an_expression_finds_what_fits_and_says_what_it_understood(
    filled: Agora, desk: Client
) -> None:
    text = page(desk, "policy = denial and item.language = de and at >= -7d")
    assert numbers(text) == {"D-1"}
    assert "policy that fired" in text
    assert "language of the item" in text
    assert "2026-11-15 21:00 UTC" in text
    assert "1 decision" in text


def test_each_part_can_be_left_out(filled: Agora, desk: Client) -> None:
    text = page(desk, "policy = denial and item.language = de")
    assert (
        f'href="/console/search?target=decisions&q={quote("policy = denial").replace("%20", "+")}"'
        in text
    )


def test_words_are_masked_in_results(filled: Agora, desk: Client) -> None:
    text = page(desk, "policy = denial")
    assert '<span class="mask">masked</span>' in text
    assert SAID[20:45] not in text


def test_a_role_without_content_sees_no_words(filled: Agora) -> None:
    auditor = signed_in(filled, "a.udit", "auditor")
    text = page(auditor, "policy = denial")
    assert numbers(text) == {"D-1", "D-2"}
    assert "words not shown to your role" in text
    assert SAID[:15] not in text
    assert "words_masked" not in csv_of(auditor, "policy = denial")[0]


@pytest.mark.parametrize("role", ["senior", "child_safety", "admin", "legal", "auditor"])
@pytest.mark.parametrize("target", ["decisions", "items", "authors"])
@pytest.mark.parametrize(
    "text", ["", "item = p-200", "decision.outcome = remove", "not policy = x"]
)
def test_class_child_is_found_by_nobody(filled: Agora, role: str, target: str, text: str) -> None:
    client = signed_in(filled, "somebody", role)
    shown = page(client, text, target)
    assert "D-4" not in shown
    assert not [row for row in csv_of(client, text, target) if row["number"] == "D-4"]


def test_what_cannot_be_read_stays_in_the_field_with_the_column(
    filled: Agora, desk: Client
) -> None:
    answer = desk.get("/console/search", {"q": 'polcy = "denial"', "target": "items"})
    text = unescape(answer.content.decode())
    assert answer.status_code == 422
    assert 'value="polcy = "denial""' in text
    assert "column 1: unknown field polcy" in text
    assert "Did you mean policy?" in text
    assert 'aria-invalid="true"' in text


def test_without_an_expression_there_are_examples_that_all_work(agora: Agora, desk: Client) -> None:
    text = desk.get("/console/search").content.decode()
    links = re.findall(r'<li><a href="(/console/search\?[^"]+)"><code>', text)
    assert len(links) == 5
    for link in links:
        assert desk.get(unescape(link)).status_code == 200


def test_items_and_authors_are_tabs_of_the_same_search(filled: Agora, desk: Client) -> None:
    items = page(desk, "policy = denial", "items")
    assert numbers(items) == {"D-1", "D-2"}
    authors = page(desk, "policy = denial", "authors")
    names = set(DecisionRecord.objects.filter(number__in=(1, 2)).values_list("author", flat=True))
    assert names == set(re.findall(r'class="hash" href="/console/authors/(\w+)"', authors))


def test_pages_are_links_with_a_cursor(agora: Agora, desk: Client, monkeypatch) -> None:
    for number in range(5):
        agora.harmless(f"p-{number}")
    index.tag(agora.house)
    monkeypatch.setattr("vigie.flow.search.query.PAGE", 2)
    first = page(desk, "item ~ p-")
    assert numbers(first) == {"D-5", "D-4"}
    assert "before=4" in first
    assert numbers(page(desk, "item ~ p-", before="4")) == {"D-3", "D-2"}
    assert "These are all." in page(desk, "item ~ p-", before="2")


def test_csv_names_persons_by_number_and_holds_no_formula(filled: Agora, desk: Client) -> None:
    user = filled.person("m.roth", role="moderator", number=7)
    decide(filled.house, PersonDecision(on=1, verb=Verb.LEAVE, reason="clear", user=user))
    index.tag(filled.house)
    ItemContent.objects.filter(item_id="p-300").update(text="=HYPERLINK(1)")
    redact(DecisionRecord.objects.filter(number=3), item_id="@SUM(1)")
    rows = {row["number"]: row for row in csv_of(desk, "")}
    assert set(rows) == {"D-1", "D-2", "D-3", "D-5"}
    assert rows["D-5"]["person"] == "7"
    assert rows["D-5"]["by"] == "person"
    assert rows["D-3"]["item"] == "'@SUM(1)"
    assert rows["D-1"]["words_masked"] != ""
    assert SAID[20:45] not in rows["D-1"]["words_masked"]
    assert "m.roth" not in str(rows)


def test_csv_holds_every_page(agora: Agora, desk: Client, monkeypatch) -> None:
    monkeypatch.setattr("vigie.flow.search.query.GROUP", 2)
    for number in range(5):
        agora.harmless(f"p-{number}")
    assert [row["number"] for row in csv_of(desk, "")] == [f"D-{n}" for n in (5, 4, 3, 2, 1)]


def test_a_role_without_the_right_cannot_search(agora: Agora, monkeypatch) -> None:
    client = signed_in(agora, "n.obody", "moderator")
    User.objects.filter(username="n.obody").update(role="unknown")
    for path in ("search?q=", "search/results.csv?q=", "goto?q=D-1", "authors/00"):
        assert client.get(f"/console/{path}").status_code == 403, path
    assert client.post("/console/search/saved", {"name": "x", "q": ""}).status_code == 403


def test_a_category_that_is_not_theirs_is_not_found(filled: Agora) -> None:
    Case.objects.filter(decision=1).update(category="hate")
    barred = signed_in(filled, "b.arred", "moderator", barred=["hate"])
    other = signed_in(filled, "o.ther", "moderator")
    assert numbers(page(other, "policy = denial")) == {"D-1", "D-2"}
    assert numbers(page(barred, "policy = denial")) == {"D-2"}
    assert [row["number"] for row in csv_of(barred, "policy = denial")] == ["D-2"]


def test_figures_of_a_colleague_are_refused(filled: Agora) -> None:
    client = signed_in(filled, "m.roth", "moderator", number=7)
    assert client.get("/console/search", {"q": "decision.reviewer = 8"}).status_code == 422
    assert client.get("/console/search", {"q": "decision.reviewer = 7"}).status_code == 200


def test_a_search_is_kept_shared_renamed_and_forgotten(filled: Agora, desk: Client) -> None:
    other = signed_in(filled, "m.roth", "moderator")
    given = {
        "name": " German  denial ",
        "target": "items",
        "q": "policy = DENIAL and item.language=de",
    }
    answer = desk.post("/console/search/saved", given)
    assert answer.status_code == 302
    row = SavedSearch.objects.get()
    assert (row.name, row.target, row.shared) == ("German denial", "items", False)
    assert row.expression == "policy = denial and item.language = de"
    assert "German denial" in desk.get("/console/search").content.decode()
    assert "German denial" not in other.get("/console/search").content.decode()
    change = f"/console/search/saved/{row.pk}"
    assert desk.post(change, {"verb": "share"}).status_code == 302
    shown = other.get("/console/search").content.decode()
    assert "German denial" in shown
    assert "c.vidal" not in shown
    for verb in ("rename", "unshare", "delete"):
        assert other.post(change, {"verb": verb, "name": "mine"}).status_code == 404
    assert desk.post(change, {"verb": "rename", "name": "Denial"}).status_code == 302
    assert SavedSearch.objects.get().name == "Denial"
    assert desk.post(change, {"verb": "delete"}).status_code == 302
    assert not SavedSearch.objects.exists()


@pytest.mark.parametrize("name", ["", "   ", "x" * 101, "a\x07b"])
def test_a_search_without_a_plain_name_is_not_kept(agora: Agora, desk: Client, name: str) -> None:
    given = {"name": name, "target": "items", "q": ""}
    assert desk.post("/console/search/saved", given).status_code == 422
    assert not SavedSearch.objects.exists()


def test_searches_of_one_person_have_a_limit(agora: Agora, monkeypatch) -> None:
    monkeypatch.setattr(saved, "MOST", 1)
    user = agora.person()
    saved.save(agora.house, user, "one", "items", "policy = a", shared=False)
    saved.save(agora.house, user, "one", "items", "policy = b", shared=False)
    with pytest.raises(ConflictError):
        saved.save(agora.house, user, "two", "items", "", shared=False)
    assert SavedSearch.objects.get().expression == "policy = b"


def test_the_page_of_an_author_shows_what_is_known_and_no_name(filled: Agora, desk: Client) -> None:
    author = DecisionRecord.objects.get(number=1).author
    now = filled.house.now()
    Strike.objects.create(
        subject_kind="author", subject=author, service="agora", policy="denial", weight=2,
        at=now, expires_at=now + 1_000, decision_id=1,
    )  # fmt: skip
    Hold.objects.create(
        subject="author", service="agora", author=author, basis="Art. 6 order", owner="legal",
        review_at=now, placed_at=now,
    )  # fmt: skip
    text = unescape(desk.get(f"/console/authors/{author}").content.decode())
    assert numbers(text) == {"D-1", "D-3"}
    assert "A duty to keep covers this author." in text
    assert "Art. 6 order" not in text
    assert "a-9" not in text
    assert '<a href="#strikes">2</a>' in text
    assert desk.get("/console/authors/feedfeed").status_code == 404


def test_the_author_of_a_child_decision_alone_is_not_shown(agora: Agora, desk: Client) -> None:
    agora.removal()
    author = DecisionRecord.objects.get(number=1).author
    assert desk.get(f"/console/authors/{author}").status_code == 404
    assert desk.get("/console/goto", {"q": author}).content.decode().count("/console/authors/") == 0


@pytest.mark.parametrize("typed", ["D-1", "d-1", "p-100"])
def test_one_thing_meant_is_opened(filled: Agora, desk: Client, typed: str) -> None:
    answer = desk.get("/console/goto", {"q": typed})
    assert (answer.status_code, answer["Location"]) == (302, "/console/decisions/1")


def test_going_to_an_author_a_policy_and_a_room(filled: Agora, desk: Client) -> None:
    author = DecisionRecord.objects.get(number=1).author
    answer = desk.get("/console/goto", {"q": author})
    assert answer["Location"] == f"/console/authors/{author}"
    found = desk.get("/console/goto", {"q": author[:8]}, headers={"Accept": "application/json"})
    assert [one["link"] for one in found.json()["results"]] == [f"/console/authors/{author}"]
    part = desk.get("/console/goto", {"q": "overv"}, headers={"HX-Request": "true"})
    assert '<a href="/console/overview">' in part.content.decode()
    assert "<html" not in part.content.decode()


@pytest.mark.parametrize(
    "typed", ["", "D-4", "p-200", "ab" * 32, "N-99", "<b>", "x" * 2_000, "\x00"]
)
def test_what_is_not_there_or_not_theirs_is_not_gone_to(
    filled: Agora, desk: Client, typed: str
) -> None:
    answer = desk.get("/console/goto", {"q": typed})
    assert answer.status_code == 200
    assert "/console/decisions/4" not in answer.content.decode()
    assert "<b>" not in answer.content.decode()


@pytest.mark.parametrize("part", [False, True])
def test_before_anything_is_typed_it_says_what_can_be_and_where_one_can_go(
    filled: Agora, desk: Client, part: bool
) -> None:
    headers = {"HX-Request": "true"} if part else {}
    page = desk.get("/console/goto", headers=headers).content.decode()
    page = page if part else page.split("<main", 1)[1].split("</main>", 1)[0]
    assert "A number (D-12 decision, N-12 notice, A-12 appeal, C-12 case)" in page
    assert '<a href="/console/decisions/1">D-1</a>' in page or '/console/decisions/1">D-1 <' in page
    assert "/console/decisions/4" not in page, "nothing of class child"
    assert 'href="/console/overview"' in page
    assert 'href="/console/settings"' not in page, "no room of another role"
