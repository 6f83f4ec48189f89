# SPDX-License-Identifier: Apache-2.0
"""The victim's path in the form: hashes in hidden fields, files never, words that do not blame."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from tests.support.people import Agora
from tests.support.victims import seen
from vigie.store.models import Case, Notice, PictureClaim, Queue

WHERE = "https://agora.example/p/p-100"
HERS = seen(1)
FIELD = f"88:{','.join(HERS.dihedral)}"


def begin(client: Client, **more: Any) -> None:
    answer = client.post("/notice/what", {"category": "intimate"} | more)
    assert answer.status_code == 302


def finish(client: Client) -> Notice:
    for step, given in (
        ("why", {"kind": "illegal", "explanation": ""}),
        ("you", {"name": "R. Lind", "email": "r.lind@example.org"}),
        ("send", {"good_faith": "1"}),
    ):
        answer = client.post(f"/notice/{step}", given)
        assert answer.status_code == 302, answer.content.decode()
    return Notice.objects.get()


def test_the_part_for_pictures_works_without_script_by_leaving_it_out(
    agora: Agora, client: Client
) -> None:
    begin(client)
    page = client.get("/notice/where").content.decode()
    assert "We do not need your picture." in page
    [field] = re.findall(r"<input[^>]*type=\"file\"[^>]*>", page)
    assert " name=" not in field
    assert 'enctype="multipart' not in page
    assert re.search(r"<div data-with-script hidden>", page)
    assert client.post("/notice/where", {"location": [WHERE]}).status_code == 302
    notice = finish(client)
    assert notice.hashes == []
    assert Case.objects.get().queue == Queue.INTIMATE


def test_hashes_go_with_the_form_and_are_followed(agora: Agora, client: Client) -> None:
    begin(client)
    answer = client.post("/notice/where", {"location": [WHERE], "hash": [FIELD]})
    assert answer.status_code == 302
    assert FIELD in client.get("/notice/where").content.decode()
    notice = finish(client)
    assert notice.hashes == [{"pdq": HERS.pdq, "quality": 88, "turns": list(HERS.dihedral[1:])}]
    assert PictureClaim.objects.get().pdq == HERS.pdq


def test_who_has_the_picture_need_not_know_where_it_is(agora: Agora, client: Client) -> None:
    begin(client)
    assert client.post("/notice/where", {"location": [""], "hash": [FIELD]}).status_code == 302
    notice = finish(client)
    assert not notice.items.exists()
    assert PictureClaim.objects.count() == 1


def test_neither_an_address_nor_a_hash_is_told_kindly(agora: Agora, client: Client) -> None:
    begin(client)
    answer = client.post("/notice/where", {"location": [""]})
    assert answer.status_code == 422
    assert "at least one address" in answer.content.decode()


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (FIELD.replace("88:", "49:", 1), "too little in it to be told from others"),
        ("<script>alert(1)</script>", "could not be read"),
        ("9" * 2_000, "could not be read"),
        (f"88:{','.join([HERS.pdq or ''] * 8)}", "could not be read"),
    ],
    ids=["flat", "script", "long", "forged turns"],
)
def test_a_hash_that_is_none_is_said_at_the_field(
    agora: Agora, client: Client, value: str, words: str
) -> None:
    begin(client)
    answer = client.post("/notice/where", {"location": [WHERE], "hash": [value]})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert words in page
    assert "<script>alert" not in page
    assert not Notice.objects.exists()


def test_twenty_one_pictures_are_one_too_many(agora: Agora, client: Client) -> None:
    begin(client)
    many = [f"90:{seen(n, size=(120, 90)).pdq}" for n in range(21)]
    answer = client.post("/notice/where", {"location": [WHERE], "hash": many})
    assert answer.status_code == 422
    assert "At most 20 pictures" in answer.content.decode()


def test_another_category_takes_no_hashes(agora: Agora, client: Client) -> None:
    begin(client, category="hate")
    assert "data-pictures" not in client.get("/notice/where").content.decode()
    client.post("/notice/where", {"location": [WHERE], "hash": [FIELD]})
    client.post("/notice/why", {"kind": "illegal", "explanation": "words"})
    client.post("/notice/you", {"name": "R. Lind", "email": "r.lind@example.org"})
    client.post("/notice/send", {"good_faith": "1"})
    assert Notice.objects.get().hashes == []
    assert not PictureClaim.objects.exists()


def test_of_somebody_under_18_no_hash_is_taken(agora: Agora, client: Client) -> None:
    begin(client, under_age="1")
    page = client.get("/notice/where").content.decode()
    assert "data-pictures" not in page
    client.post("/notice/where", {"location": [WHERE], "hash": [FIELD]})
    client.post("/notice/why", {"choice": "picture"})
    client.post("/notice/send", {"good_faith": "1"})
    notice = Notice.objects.get()
    assert (notice.category, notice.hashes) == ("child", [])
    assert not PictureClaim.objects.exists()


@pytest.mark.parametrize("language", ["en", "fr", "de"])
def test_the_page_that_explains_blames_nobody_and_can_be_left_quickly(
    agora: Agora, client: Client, language: str
) -> None:
    answer = client.get(f"/pictures?lang={language}")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "data-leave" in page
    assert "no-store" in answer.headers["Cache-Control"]
    for word in ("alleged", "prétendu", "angeblich", "revenge"):
        assert word not in page.lower()


def test_the_receipt_says_how_many_hashes_are_followed(agora: Agora, client: Client) -> None:
    begin(client)
    client.post("/notice/where", {"location": [WHERE], "hash": [FIELD]})
    notice = finish(client)
    page = client.get("/notice/mine").content.decode()
    assert "With 1 fingerprint we look for copies." in page
    assert (HERS.pdq or "") not in page
    assert "more than we can follow" not in page
    PictureClaim.objects.filter(notice=notice).update(state="over")
    assert "Send it again tomorrow" in client.get("/notice/mine").content.decode()
