# SPDX-License-Identifier: Apache-2.0
"""Attachments in the form: known kinds, small, sealed before anybody opens one."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.support.people import Agora
from tests.support.pictures import encode, pattern
from vigie.core.errors import UnavailableError
from vigie.flow import sealed
from vigie.flow.notices.attach import clean_name
from vigie.store.models import Notice, NoticeDraft, Record, SealedFile

WHERE = "https://agora.example/p/p-100"
JPEG = encode(pattern(5))
PDF = b"%PDF-1.7\n" + b"x" * 2_000
WORDS = {"kind": "illegal", "explanation": "It calls for violence."}


def upload(name: str, data: bytes, mime: str = "application/octet-stream") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, content_type=mime)


def begin(client: Client, category: str = "hate", **more: Any) -> None:
    client.post("/notice/what", {"category": category} | more)
    client.post("/notice/where", {"location": [WHERE]})


def why(client: Client, *files: SimpleUploadedFile, **more: Any) -> Any:
    return client.post("/notice/why", WORDS | {"file": list(files)} | more)


def finish(client: Client) -> Notice:
    client.post("/notice/you", {"name": "Ana Lima", "email": "ana@example.org"})
    assert client.post("/notice/send", {"good_faith": "1"}).status_code == 302
    return Notice.objects.get()


def test_files_are_sealed_at_once_and_belong_to_the_notice_that_follows(
    agora: Agora, client: Client
) -> None:
    begin(client)
    assert why(client, upload("shot.jpg", JPEG), upload("letter.pdf", PDF)).status_code == 302
    rows = list(SealedFile.objects.order_by("pk"))
    assert [(one.name, one.mime, one.notice) for one in rows] == [
        ("shot.jpg", "image/jpeg", None),
        ("letter.pdf", "application/pdf", None),
    ]
    for row, data in zip(rows, (JPEG, PDF), strict=True):
        stored = agora.settings.data_dir.joinpath(row.file).read_bytes()
        assert data[:64] not in stored
        assert sealed.peek(agora.house, row) == data
    notice = finish(client)
    assert set(SealedFile.objects.values_list("notice", flat=True)) == {notice.pk}
    assert Record.objects.filter(kind="notice.attached").count() == 1
    assert not NoticeDraft.objects.exists()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"MZ\x90\x00" + b"\0" * 500, "Only pictures"),
        (b"<html><script>alert(1)</script>", "Only pictures"),
        (b"\x00\x00\x00\x18ftypmp42" + b"x" * 100, "Only pictures"),
        (PDF + b"x" * 10_000_000, "up to 10 MB"),
    ],
    ids=["program", "page", "film", "large"],
)
def test_what_is_not_taken_is_said_at_the_field_and_the_words_stay(
    agora: Agora, client: Client, data: bytes, words: str
) -> None:
    begin(client)
    answer = why(client, upload("evidence.jpg", data, "image/jpeg"))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert words in page
    assert "It calls for violence." in page
    assert not SealedFile.objects.exists()


def test_five_files_are_the_limit_and_one_can_be_taken_away(agora: Agora, client: Client) -> None:
    begin(client)
    many = [upload(f"{n}.pdf", PDF + bytes([n])) for n in range(6)]
    answer = why(client, *many)
    assert answer.status_code == 422
    assert "At most five files" in answer.content.decode()
    assert SealedFile.objects.count() == 5
    first = SealedFile.objects.order_by("pk")[0]
    assert why(client, drop=str(first.pk)).status_code == 302
    page = client.get("/notice/why").content.decode()
    assert "0.pdf" not in page
    assert "4.pdf" in page
    finish(client)
    assert SealedFile.objects.filter(notice=None).get() == first


def test_nobody_attaches_the_file_of_somebody_else(agora: Agora, client: Client) -> None:
    begin(client)
    why(client, upload("shot.jpg", JPEG))
    mine = finish(client)
    other = Client()
    begin(other)
    foreign = SealedFile.objects.get()
    why(other, files=str(foreign.pk), id=str(foreign.pk))
    other.post("/notice/you", {"name": "B. Lund", "email": "b@example.org"})
    other.post("/notice/send", {"good_faith": "1"})
    assert Notice.objects.count() == 2
    foreign.refresh_from_db()
    assert foreign.notice_id == mine.pk


@pytest.mark.parametrize(
    ("category", "more"),
    [("child", {}), ("intimate", {}), ("intimate", {"under_age": "1"})],
    ids=["child", "intimate", "under 18"],
)
def test_no_file_is_asked_for_or_taken_where_a_picture_could_hurt(
    agora: Agora, client: Client, category: str, more: dict[str, str]
) -> None:
    begin(client, category, **more)
    page = client.get("/notice/why").content.decode()
    assert 'type="file"' not in page
    assert "multipart" not in page
    client.post(
        "/notice/why",
        {"kind": "illegal", "choice": "picture", "file": [upload("shot.jpg", JPEG)]},
    )
    assert not SealedFile.objects.exists()


def test_where_nothing_can_be_sealed_nothing_is_kept_and_the_notice_goes_on(
    agora: Agora, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_given: Any) -> None:
        raise UnavailableError("no decoder", code="busy")

    begin(client)
    monkeypatch.setattr("vigie.flow.notices.attach.sealed.seal", broken)
    answer = why(client, upload("shot.jpg", JPEG))
    assert answer.status_code == 422
    assert "send the notice without it" in answer.content.decode()
    assert why(client).status_code == 302
    assert finish(client).number == 1


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd.jpg"),
        ("C:\\Users\\ana\\shot.JPG", "shot.jpg"),
        ("a\u202egnp.exe", "agnp.jpg"),
        ("<script>.jpg", "script.jpg"),
        ("", "file.jpg"),
        ("...", "file.jpg"),
        ("x" * 300 + ".png", "x" * 100 + ".jpg"),
        ("été \u5bb6.png", "été \u5bb6.jpg"),
    ],
)
def test_names_lose_what_could_mislead(given: str, kept: str) -> None:
    assert clean_name(given, "image/jpeg") == kept
