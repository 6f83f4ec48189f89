# SPDX-License-Identifier: Apache-2.0
"""Matter files: who asked what, what was answered, approved by another person, handed over."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.support import proceedings
from tests.support.appeals import restricted
from tests.support.people import Agora
from vigie.core.errors import ConflictError, InvalidInputError, NotFoundError, RefusedError
from vigie.flow import sealed
from vigie.flow.matters import documents, export, files, texts
from vigie.flow.matters.files import EntryGiven
from vigie.flow.matters.texts import TextGiven
from vigie.store.append_only import AppendOnlyError
from vigie.store.models import Authority, LogEntry, Matter, MatterEntry, Record, User
from vigie.store.permissions import Permission, Role, permissions_of

PASSWORD = "correct horse battery staple"


@pytest.fixture
def counsel(agora: Agora) -> User:
    return agora.person("a.sorel", Role.LEGAL, number=21)


@pytest.fixture
def colleague(agora: Agora) -> User:
    return agora.person("b.weiss", Role.LEGAL, number=22)


@pytest.fixture
def matter(agora: Agora, counsel: User) -> Matter:
    return files.open_matter(agora.house, counsel, "Preliminary inquiry", reference="26/118")


def question(agora: Agora, user: User, matter: Matter) -> MatterEntry:
    given = EntryGiven(kind="question", title="Who decides?", happens_at=agora.clock.now_ms())
    return files.add_entry(agora.house, user, matter.number, given)


def answer(entry: MatterEntry, text: str = "People decide.", language: str = "fr") -> TextGiven:
    return TextGiven(kind="answer", text=text, language=language, question=entry.pk)


def test_opening_a_file_is_recorded_and_names_nobody_in_the_open(
    agora: Agora, counsel: User
) -> None:
    whose = Authority.objects.create(
        name="Parquet de Paris", country="FR", kind="prosecutor", created_by="x", created_at=1
    )
    made = files.open_matter(agora.house, counsel, "Inquiry into Agora", whose.pk, "26/118")
    plain = bytes(Record.objects.get(kind="matter.opened").content).decode()
    assert f'"matter":{made.number}' in plain
    assert "Parquet" not in plain
    assert "Inquiry" not in plain


def test_people_interviews_questions_and_notes_stand_in_the_file(
    agora: Agora, counsel: User, matter: Matter
) -> None:
    here, at = agora.house, agora.clock.now_ms()
    files.add_entry(
        here, counsel, matter.number, EntryGiven(kind="person", title="A. Roux, officer")
    )
    files.add_entry(
        here, counsel, matter.number, EntryGiven(kind="interview", title="First", happens_at=at)
    )
    question(agora, counsel, matter)
    assert list(matter.entries.order_by("pk").values_list("kind", flat=True)) == [
        "person",
        "interview",
        "question",
    ]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"kind": "gossip", "title": "x"}, "kind"),
        ({"kind": "note", "title": " "}, "title"),
        ({"kind": "interview", "title": "x"}, "happens_at"),
        ({"kind": "note", "title": "x", "text": "y" * 20_001}, "text"),
    ],
)
def test_an_entry_that_cannot_stand_is_refused_at_its_field(
    agora: Agora, counsel: User, matter: Matter, given: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInputError) as refused:
        files.add_entry(agora.house, counsel, matter.number, EntryGiven(**given))
    assert refused.value.field == field


def test_nobody_approves_what_they_wrote_and_nothing_leaves_unapproved(
    agora: Agora, counsel: User, colleague: User, matter: Matter
) -> None:
    here = agora.house
    first = texts.write_text(here, counsel, matter.number, answer(question(agora, counsel, matter)))
    with pytest.raises(ConflictError) as refused:
        texts.give(here, counsel, first.pk)
    assert refused.value.code == "not_approved"
    with pytest.raises(RefusedError) as own:
        texts.approve(here, counsel, first.pk)
    assert own.value.code == "own_text"
    texts.approve(here, colleague, first.pk)
    given = texts.give(here, counsel, first.pk)
    assert given.given_at is not None
    with pytest.raises(ConflictError):
        texts.give(here, counsel, first.pk)
    kinds = set(Record.objects.values_list("kind", flat=True))
    assert {"matter.approved", "matter.given"} <= kinds


def test_versions_never_change_and_the_newest_approved_one_counts(
    agora: Agora, counsel: User, colleague: User, matter: Matter
) -> None:
    here, asked = agora.house, question(agora, counsel, matter)
    first = texts.write_text(here, counsel, matter.number, answer(asked))
    second = texts.write_text(here, counsel, matter.number, answer(asked, "Two people decide."))
    assert (first.version, second.version) == (1, 2)
    other = texts.write_text(here, counsel, matter.number, answer(asked, language="de"))
    assert other.version == 1
    with pytest.raises(ConflictError):
        texts.approve(here, colleague, first.pk)
    texts.approve(here, colleague, second.pk)
    first.text = "Nobody decides."
    with pytest.raises(AppendOnlyError):
        first.save()


def test_an_answer_belongs_to_a_question_of_the_file(
    agora: Agora, counsel: User, matter: Matter
) -> None:
    note = files.add_entry(
        agora.house, counsel, matter.number, EntryGiven(kind="note", title="aside")
    )
    other = files.open_matter(agora.house, counsel, "Another")
    for entry, number in ((note, matter.number), (question(agora, counsel, matter), other.number)):
        with pytest.raises(InvalidInputError) as refused:
            texts.write_text(agora.house, counsel, number, answer(entry))
        assert refused.value.field == "question"


def test_a_public_statement_stands_on_the_portal_only_while_it_is_published(
    agora: Agora, counsel: User, colleague: User, matter: Matter, client: Client
) -> None:
    here = agora.house
    words = {"en": "We answer the court.", "fr": "Nous répondons au tribunal."}
    rows = {}
    for language, text in words.items():
        given = TextGiven(kind="statement", text=text, language=language)
        rows[language] = texts.write_text(here, counsel, matter.number, given)
        texts.approve(here, colleague, rows[language].pk)
    assert words["en"] not in client.get("/").content.decode()
    texts.give(here, counsel, rows["en"].pk)
    texts.give(here, counsel, rows["fr"].pk)
    assert words["en"] in client.get("/?lang=en").content.decode()
    french = client.get("/?lang=fr").content.decode()
    assert words["fr"] in french
    assert words["en"] not in french
    texts.withdraw(here, colleague, rows["fr"].pk)
    assert words["fr"] not in client.get("/?lang=fr").content.decode()
    with pytest.raises(ConflictError):
        texts.withdraw(here, colleague, rows["fr"].pk)
    assert Record.objects.filter(kind="matter.withdrawn").count() == 1


def test_documents_are_sealed_and_opening_one_is_recorded_first(
    agora: Agora, counsel: User, matter: Matter
) -> None:
    data = b"%PDF-1.4 a summons for 3 December"
    row = documents.add_document(
        agora.house, counsel, matter.number, data, "summons.pdf", "application/pdf"
    )
    kept = (agora.settings.data_dir / row.file).read_bytes()
    assert data not in kept
    before = LogEntry.objects.count()
    found, opened = documents.open_document(agora.house, counsel, row.pk)
    assert (found, opened) == (row, data)
    assert LogEntry.objects.count() == before + 1
    sealed.expire(agora.house)
    assert documents.open_document(agora.house, counsel, row.pk)[1] == data


def test_the_sweep_of_sealed_files_leaves_documents_of_files_alone(
    agora: Agora, counsel: User, matter: Matter
) -> None:
    import os

    row = documents.add_document(agora.house, counsel, matter.number, b"x", "x", "text/plain")
    path = agora.settings.data_dir / row.file
    os.utime(path, (0, 0))
    lost = path.with_name("ab" * 16)
    lost.write_bytes(b"of nobody")
    os.utime(lost, (0, 0))
    sealed.expire(agora.house)
    assert path.exists()
    assert not lost.exists()


@pytest.mark.parametrize("data", [b"", b"x" * (sealed.MAX_BYTES + 1)])
def test_an_empty_or_too_large_document_is_refused(
    agora: Agora, counsel: User, matter: Matter, data: bytes
) -> None:
    with pytest.raises(InvalidInputError):
        documents.add_document(agora.house, counsel, matter.number, data, "x", "text/plain")


def test_what_belongs_to_a_file_is_there_and_never_of_class_child(
    agora: Agora, counsel: User, matter: Matter
) -> None:
    decided = restricted(agora, agora.person("m.olsen", Role.SENIOR, number=11), "p-1")
    order, search = proceedings.order(agora), proceedings.opened(agora)
    here = agora.house
    links = {
        "decision": decided.label,
        "order": f"o-{order.number}",
        "search": str(search.number),
        "package": "vigie-2026-11-23-1",
    }
    for kind, target in links.items():
        files.link(here, counsel, matter.number, kind, target)
        files.link(here, counsel, matter.number, kind, target)
    kept = set(matter.links.values_list("target", flat=True))
    assert kept == {decided.label, f"O-{order.number}", "S-1", "vigie-2026-11-23-1"}
    child = agora.removal("p-3")
    for kind, target in (("decision", f"D-{child}"), ("order", "O-99"), ("gift", "1")):
        with pytest.raises(InvalidInputError):
            files.link(here, counsel, matter.number, kind, target)


def test_a_struck_entry_stays_readable_and_nothing_is_struck_while_a_search_stands(
    agora: Agora, counsel: User, matter: Matter
) -> None:
    here = agora.house
    note = files.add_entry(here, counsel, matter.number, EntryGiven(kind="note", title="aside"))
    search = proceedings.opened(agora)
    with pytest.raises(ConflictError) as refused:
        files.strike_entry(here, counsel, note.pk)
    assert refused.value.code == "search_stands"
    from vigie.flow.search_day import days

    days.close_search(here, "command line", search.number)
    files.strike_entry(here, counsel, note.pk)
    [shown] = export.as_json(matter)["entries"]
    assert shown["title"] == "aside"
    assert shown["struck_at"]
    asked = question(agora, counsel, matter)
    texts.write_text(here, counsel, matter.number, answer(asked))
    with pytest.raises(ConflictError):
        files.strike_entry(here, counsel, asked.pk)


def test_a_closed_file_takes_nothing_more(agora: Agora, counsel: User, matter: Matter) -> None:
    here = agora.house
    files.close_matter(here, counsel, matter.number)
    acts: list[Callable[[], object]] = [
        lambda: question(agora, counsel, matter),
        lambda: files.link(here, counsel, matter.number, "package", "x"),
        lambda: documents.add_document(here, counsel, matter.number, b"x", "x", ""),
        lambda: files.close_matter(here, counsel, matter.number),
    ]
    for act in acts:
        with pytest.raises(ConflictError):
            act()
    with pytest.raises(NotFoundError):
        files.close_matter(here, counsel, 99)


def test_an_export_is_recorded_and_holds_the_file(
    agora: Agora, counsel: User, colleague: User, matter: Matter
) -> None:
    asked = question(agora, counsel, matter)
    written = texts.write_text(agora.house, counsel, matter.number, answer(asked))
    texts.approve(agora.house, colleague, written.pk)
    made = export.export_matter(agora.house, matter, counsel)
    assert LogEntry.objects.get(index=made["log_index"]).record.kind == "matter.exported"  # type: ignore[union-attr]
    text = json.dumps(made)
    assert "People decide." in text
    assert "legal 22" in text
    assert "b.weiss" not in text


@pytest.mark.parametrize("role", list(Role))
def test_only_who_may_reads_and_keeps_files(agora: Agora, matter: Matter, role: Role) -> None:
    user = agora.person(f"p.{role}", role, number=50)
    held = permissions_of(role)
    if Permission.MATTER_READ in held:
        assert files.find(user, matter.number) == matter
    else:
        with pytest.raises(RefusedError):
            files.find(user, matter.number)
    if Permission.MATTER_EDIT in held:
        assert question(agora, user, matter).matter == matter
    else:
        with pytest.raises(RefusedError):
            question(agora, user, matter)


def test_the_pages_write_a_file_from_beginning_to_end(
    agora: Agora, counsel: User, colleague: User, client: Client
) -> None:
    def sent(path: str, **fields: Any) -> Any:
        answer = client.post(path, fields)
        assert answer.status_code == 302, answer.content.decode()[:3000]
        return answer

    client.post("/console/login", {"name": "a.sorel", "password": PASSWORD})
    where = sent("/console/matters", title="Inquiry", reference="26/118")["Location"]
    sent(where, do="entry", kind="question", title="Who decides?", happens_at="2026-11-20T10:00")
    asked = MatterEntry.objects.get()
    sent(where, do="text", text_kind="answer", question=asked.pk, language="de", words="Menschen.")
    sent(where, do="text", text_kind="statement", language="en", words="We answer.")
    own = client.post(where, {"do": "approve", "version": asked.answers.get().pk})
    assert own.status_code == 403
    sent(f"{where}/documents", file=SimpleUploadedFile("a.pdf", b"%PDF-1.4"))
    document = Matter.objects.get().documents.get()
    got = client.post(f"/console/matters/documents/{document.pk}")
    assert got.content == b"%PDF-1.4"
    assert got["Content-Disposition"].startswith("attachment")
    page = client.get(where).content.decode()
    for words in ("Who decides?", "Menschen.", "a.pdf", "waits for approval"):
        assert words in page
    client.post("/console/logout")
    client.post("/console/login", {"name": "b.weiss", "password": PASSWORD})
    for one in Matter.objects.get().texts.all():
        sent(where, do="approve", version=one.pk)
        sent(where, do="give", version=one.pk)
    assert "published" in client.get(where).content.decode()
    sent(where, do="link", link_kind="package", target="p-1")
    exported = client.post(f"{where}/export")
    assert json.loads(exported.content)["matter"] == "M-1"
    sent(where, do="close")
    assert "Add the entry" not in client.get(where).content.decode()


def test_words_of_strangers_are_text_on_the_page(
    agora: Agora, counsel: User, matter: Matter, client: Client
) -> None:
    given = EntryGiven(kind="note", title="<script>x</script>", text="<b>bold</b>")
    files.add_entry(agora.house, counsel, matter.number, given)
    client.post("/console/login", {"name": "a.sorel", "password": PASSWORD})
    page = client.get("/console/matters/1").content.decode()
    assert "<script>x" not in page
    assert "<b>bold" not in page


def test_a_file_is_shown_and_exported_at_the_command_line(
    agora: Agora,
    counsel: User,
    matter: Matter,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from vigie.cli import app, context

    monkeypatch.setattr(context, "open_house", lambda _folder: agora.house)
    asked = question(agora, counsel, matter)
    texts.write_text(agora.house, counsel, matter.number, answer(asked))
    assert app.run(["matter", "show", "M-1"]) == 0
    assert "People decide." in capsys.readouterr().out
    out = tmp_path / "m-1.json"
    assert app.run(["matter", "export", "1", "--out", str(out)]) == 0
    assert json.loads(out.read_text())["reference"] == "26/118"
    assert app.run(["matter", "list"]) == 0
    assert "Preliminary inquiry" in capsys.readouterr().out
