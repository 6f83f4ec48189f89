# SPDX-License-Identifier: Apache-2.0
"""Counsel's notes leave no word anywhere: not in the store, the log, exports, search or files."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from tests.support import proceedings
from tests.support.people import Agora
from vigie.core.errors import ConflictError, InvalidInputError, RefusedError, UnavailableError
from vigie.evidence import age
from vigie.flow import retain, subjects
from vigie.flow.matters import export, files, privileged
from vigie.flow.search import index
from vigie.flow.search_day import days, told
from vigie.store.models import LogEntry, Matter, PrivilegedNote, Record, User
from vigie.store.permissions import Role

SECRET = "Quittenkompott 7741: say nothing of the third server."
WORD = "Quittenkompott"
PASSWORD = "correct horse battery staple"


@pytest.fixture
def counsel(agora: Agora) -> User:
    return agora.person("a.sorel", Role.LEGAL, number=21)


@pytest.fixture
def key(agora: Agora) -> age.Pair:
    pair = age.generate()
    privileged.set_recipient(agora.house, pair.recipient)
    return pair


@pytest.fixture
def matter(agora: Agora, counsel: User) -> Matter:
    return files.open_matter(agora.house, counsel, "Preliminary inquiry")


@pytest.fixture
def here(client: Client, counsel: User) -> Client:
    client.post("/console/login", {"name": "a.sorel", "password": PASSWORD})
    return client


def store() -> str:
    """Every value of every table, as the database keeps it."""
    found = []
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            table = connection.ops.quote_name(model._meta.db_table)
            cursor.execute(f"SELECT * FROM {table}")
            for row in cursor.fetchall():
                found += [_text(value) for value in row]
    return "\n".join(found)


def _text(value: Any) -> str:
    if isinstance(value, memoryview | bytes):
        return bytes(value).decode("utf-8", "replace")
    return str(value)


def on_disk(folder: Path) -> bytes:
    """Every byte below a folder: journals, log, archive, sealed files, keys."""
    return b"\n".join(one.read_bytes() for one in folder.rglob("*") if one.is_file())


def test_a_note_leaves_no_word_anywhere(
    agora: Agora,
    matter: Matter,
    key: age.Pair,
    here: Client,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    where = f"/console/matters/{matter.number}/privileged"
    assert here.post(where, {"do": "write", "counsel_words": SECRET}).status_code == 200
    logged = caplog.text
    search = proceedings.opened(agora)
    index.tag(agora.house)
    retain.retain(agora.house)
    agora.publish()
    handed = [
        json.dumps(export.export_matter(agora.house, matter, "command line")),
        json.dumps(told.as_json(days.find(search.number))),
        here.get(where).content.decode(),
        here.get(f"/console/matters/{matter.number}").content.decode(),
        here.get("/console/goto", {"q": WORD}).content.decode().replace(f'value="{WORD}"', ""),
        here.get("/console/search", {"q": f'text ~ "{WORD}"'}).content.decode().split("<main")[0],
    ]
    for text in handed:
        assert SECRET not in text
    for text in handed[:4]:
        assert WORD not in text
    assert WORD not in store()
    assert WORD.encode() not in on_disk(agora.folder)
    assert WORD not in logged
    printed = capsys.readouterr()
    assert WORD not in printed.out + printed.err
    note = PrivilegedNote.objects.get()
    assert privileged.read_note(User.objects.get(username="a.sorel"), note.pk, key.secret) == SECRET


def test_the_net_of_this_test_would_catch_a_word(agora: Agora, counsel: User) -> None:
    """The control: an open note is found in the store, a file on the disk."""
    made = files.open_matter(agora.house, counsel, SECRET)
    assert WORD in store()
    (agora.folder / "left.txt").write_text(SECRET)
    assert WORD.encode() in on_disk(agora.folder)
    assert WORD in json.dumps(export.as_json(made))


def test_a_note_has_no_record_and_no_entry_of_the_log(
    agora: Agora, counsel: User, matter: Matter, key: age.Pair
) -> None:
    before = LogEntry.objects.count(), Record.objects.count()
    note = privileged.add_note(agora.house, counsel, matter.number, SECRET)
    privileged.read_note(counsel, note.pk, key.secret)
    assert (LogEntry.objects.count(), Record.objects.count()) == before


def test_only_that_notes_exist_is_listed_whatever_their_length(
    agora: Agora, counsel: User, matter: Matter, key: age.Pair
) -> None:
    short = privileged.add_note(agora.house, counsel, matter.number, "No.")
    longer = privileged.add_note(agora.house, counsel, matter.number, "No. " * 500)
    # age adds a few random bytes of its own to every file.
    assert abs(len(bytes(short.ciphertext)) - len(bytes(longer.ciphertext))) < 500
    assert [one.pk for one in privileged.existing(matter.number)] == [short.pk, longer.pk]
    assert export.as_json(matter)["privileged_notes"] == 2


@pytest.mark.parametrize("role", [one for one in Role if one is not Role.LEGAL])
def test_nobody_but_the_legal_role_writes_or_gets_one(
    agora: Agora, counsel: User, matter: Matter, key: age.Pair, role: Role
) -> None:
    note = privileged.add_note(agora.house, counsel, matter.number, SECRET)
    user = agora.person(f"p.{role}", role, number=50)
    with pytest.raises(RefusedError):
        privileged.add_note(agora.house, user, matter.number, "x")
    with pytest.raises(RefusedError):
        privileged.read_note(user, note.pk, key.secret)
    with pytest.raises(RefusedError):
        privileged.ciphertext(user, note.pk)


def test_the_server_holds_nothing_that_opens_a_note(
    agora: Agora, counsel: User, matter: Matter, tmp_path: Path
) -> None:
    out = tmp_path / "counsel" / "legal.key"
    privileged.create_key(agora.house, out)
    note = privileged.add_note(agora.house, counsel, matter.number, SECRET)
    assert b"AGE-SECRET-KEY" not in on_disk(agora.folder)
    assert out.stat().st_mode & 0o077 == 0
    assert privileged.read_note(counsel, note.pk, out.read_text()) == SECRET


def test_the_private_half_is_never_written_into_the_data_folder(agora: Agora) -> None:
    for place in (agora.folder / "legal.key", agora.folder / "keys" / "x" / "legal.key"):
        with pytest.raises(InvalidInputError):
            privileged.create_key(agora.house, place)
    assert not privileged.has_recipient(agora.house)


def test_a_key_that_is_there_is_not_written_over(agora: Agora, tmp_path: Path) -> None:
    out = tmp_path / "legal.key"
    out.write_text("mine")
    with pytest.raises(ConflictError):
        privileged.create_key(agora.house, out)
    assert out.read_text() == "mine"


def test_without_a_key_nothing_is_kept(agora: Agora, counsel: User, matter: Matter) -> None:
    with pytest.raises(UnavailableError) as refused:
        privileged.add_note(agora.house, counsel, matter.number, SECRET)
    assert refused.value.code == "no_legal_key"
    assert not PrivilegedNote.objects.exists()


def test_another_key_opens_nothing_and_a_changed_note_is_refused(
    agora: Agora, counsel: User, matter: Matter, key: age.Pair
) -> None:
    note = privileged.add_note(agora.house, counsel, matter.number, SECRET)
    with pytest.raises(UnavailableError):
        privileged.read_note(counsel, note.pk, age.generate().secret)
    with pytest.raises(InvalidInputError):
        privileged.read_note(counsel, note.pk, "no key")
    changed = bytearray(bytes(note.ciphertext))
    changed[-5] ^= 1
    PrivilegedNote.objects.filter(pk=note.pk).update(ciphertext=bytes(changed))
    with pytest.raises(UnavailableError):
        privileged.read_note(counsel, note.pk, key.secret)


def test_counsel_opens_a_note_on_the_page_with_the_key_file_for_one_answer(
    agora: Agora, counsel: User, matter: Matter, key: age.Pair, here: Client
) -> None:
    note = privileged.add_note(agora.house, counsel, matter.number, SECRET)
    where = f"/console/matters/{matter.number}/privileged"
    file = SimpleUploadedFile("legal.key", f"# public\n{key.secret}\n".encode())
    answer = here.post(where, {"do": "read", "note": str(note.pk), "key": file})
    assert SECRET in answer.content.decode()
    assert answer["Cache-Control"] == "no-store"
    assert SECRET not in here.get(where).content.decode()
    assert WORD not in store()
    assert key.secret not in store()
    missing = here.post(where, {"do": "read", "note": str(note.pk)})
    assert missing.status_code == 422


def test_the_file_of_a_note_opens_with_the_key_anywhere(
    agora: Agora, counsel: User, matter: Matter, key: age.Pair, here: Client
) -> None:
    note = privileged.add_note(agora.house, counsel, matter.number, SECRET)
    got = here.post(f"/console/matters/privileged/{note.pk}")
    assert got["Content-Disposition"].startswith("attachment")
    assert age.decrypt(got.content, [key.secret]).decode().strip() == SECRET


def test_a_note_that_was_interrupted_is_not_kept_behind_the_sign_in(
    agora: Agora, matter: Matter, key: age.Pair, here: Client
) -> None:
    where = f"/console/matters/{matter.number}/privileged"
    here.post("/console/logout")
    answer = here.post(where, {"do": "write", "counsel_words": SECRET})
    assert answer["Location"].startswith("/console/login")
    assert WORD not in store()
    assert not PrivilegedNote.objects.exists()


def test_a_persons_request_hands_out_no_note(
    agora: Agora, counsel: User, matter: Matter, key: age.Pair
) -> None:
    agora.proposal("p-1")
    privileged.add_note(agora.house, counsel, matter.number, SECRET)
    _answer, data = subjects.export_subject(agora.house, "a-9", "test", service="agora")
    assert b"age-encryption" not in data
    assert WORD.encode() not in data
