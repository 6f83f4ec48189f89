# SPDX-License-Identifier: Apache-2.0
"""A person asks what is kept of them, or that it goes."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest

from tests.support.people import Agora
from vigie.core.errors import ConflictError, InvalidInputError, NotFoundError
from vigie.core.ids import random_id
from vigie.flow import holds, personal, records, retain, subjects
from vigie.flow.transaction import writing
from vigie.jobs.purge import finish
from vigie.store.models import (
    Appeal,
    Case,
    DecisionRecord,
    ImportedRecord,
    ItemContent,
    Notice,
    NoticeItem,
    PendingPurge,
    Record,
    SecondPersonRequest,
    Statement,
    Strike,
)

DAY = 86_400_000
MAIL = "Ada.Lovelace@example.org"


def entry(agora: Agora, kind: str) -> tuple[str, int]:
    with writing():
        draft = records.draft(kind, agora.house.now(), {})
        return draft.record_id, records.append_one(draft)


def notice(agora: Agora, number: int, state: str = "decided", **more: Any) -> Notice:
    record, index = entry(agora, "notice.received")
    values = {
        "number": number,
        "state": state,
        "channel": "portal",
        "category": "hate",
        "explanation": "She writes why.",
        "name": "Ada",
        "email": MAIL,
        "notifier": "n" * 32,
        "code_digest": random_id(),
        "fingerprint": "f",
        "received_at": agora.house.now(),
        "decided_at": agora.house.now(),
        "record_id": record,
        "log_index": index,
    }
    made = Notice.objects.create(**values | more)
    NoticeItem.objects.create(notice=made, position=0, location="https://x", item_id="p-100")
    return made


def strike(agora: Agora, kind: str, subject: str, days: int) -> Strike:
    now = agora.house.now()
    return Strike.objects.create(
        subject_kind=kind, subject=subject, policy="denial", weight=1, at=now,
        expires_at=now + days * DAY,
    )  # fmt: skip


def author(agora: Agora) -> str:
    return agora.house.pseudonym("agora", "a-9")


def test_an_author_reads_everything_and_nothing_of_others(agora: Agora) -> None:
    agora.proposal("p-1")
    agora.proposal("p-2", text="Somebody else wrote this.", author="a-10")
    strike(agora, "author", author(agora), 30)
    answer, package = subjects.export_subject(agora.house, "a-9", "legal", service="agora")
    files = zipfile.ZipFile(io.BytesIO(package))
    assert answer.counts == {"items": 1, "decisions": 1, "strikes": 1}
    items = json.loads(files.read("items.json"))
    assert items[0]["item_id"] == "p-1"
    assert all(b"Somebody else" not in files.read(name) for name in files.namelist())
    assert json.loads(files.read("index.json"))["log_index"] == answer.log_index
    told = Record.objects.get(kind="subject.exported")
    assert b"p-1" not in told.canonical


def test_class_child_gives_no_words_to_anybody(agora: Agora) -> None:
    agora.removal("p-9")
    _answer, package = subjects.export_subject(agora.house, "a-9", "legal", service="agora")
    files = zipfile.ZipFile(io.BytesIO(package))
    assert all(b"caption" not in files.read(name) for name in files.namelist())


def test_nobody_known_is_told_so(agora: Agora) -> None:
    with pytest.raises(NotFoundError):
        subjects.export_subject(agora.house, "nobody", "legal")
    with pytest.raises(InvalidInputError) as empty:
        subjects.export_subject(agora.house, "  ", "legal")
    assert empty.value.field == "id"


def test_erasing_an_author_leaves_what_a_duty_keeps_and_says_so(agora: Agora) -> None:
    agora.proposal("p-1")
    Case.objects.update(state="decided")
    strike(agora, "author", author(agora), 30)
    old = strike(agora, "author", author(agora), -1)
    answer = subjects.erase_subject(agora.house, "a-9", "legal", service="agora")
    assert answer.counts == {"items": 1, "decisions": 1, "strikes": 1}
    assert list(answer.kept) == ["strikes"]
    assert "Art. 23" in answer.kept["strikes"]
    old.refresh_from_db()
    assert old.subject == ""
    assert not ItemContent.objects.exists()
    assert DecisionRecord.objects.get().author == ""
    assert Record.objects.get(kind="content.erased").entry.index == answer.log_index


def test_what_a_case_is_open_about_is_decided_before_it_is_erased(agora: Agora) -> None:
    agora.proposal("p-1")
    agora.proposal("p-2")
    Case.objects.filter(decision__item_id="p-2").update(state="decided")
    answer = subjects.erase_subject(agora.house, "a-9", "legal", service="agora")
    assert answer.counts == {"items": 1, "decisions": 1}
    assert "decided first" in answer.kept["items of open cases"]
    assert ItemContent.objects.get().item_id == "p-1"
    assert Case.objects.filter(state="open").count() == 1
    purge = PendingPurge.objects.get()
    assert finish(purge, agora.house, ()) == 0
    assert ItemContent.objects.get().item_id == "p-1"
    Case.objects.update(state="decided")
    again = subjects.erase_subject(agora.house, "a-9", "legal", service="agora")
    assert again.counts == {"items": 1, "decisions": 1}
    assert not again.kept


def test_a_hold_stops_the_whole_erasure(agora: Agora) -> None:
    agora.proposal("p-100")
    Case.objects.update(state="decided")
    notice(agora, 1)
    held = holds.place_hold(
        agora.house, basis="order", owner="legal", review_at=agora.house.now() + DAY,
        item_id="p-100", service="agora", by="legal",
    )  # fmt: skip
    for who in ("a-9", MAIL):
        with pytest.raises(ConflictError):
            subjects.erase_subject(agora.house, who, "legal", service="agora")
    assert Notice.objects.get().name == "Ada"
    holds.lift_hold(agora.house, held.pk, by="legal")
    assert subjects.erase_subject(agora.house, MAIL, "legal").counts == {"notices": 1}


def test_a_notifier_is_found_by_mail_in_any_case_and_goes_with_all_papers(agora: Agora) -> None:
    decided = notice(agora, 1)
    waiting = notice(agora, 2, state="received", decided_at=None)
    strike(agora, "notifier", "n" * 32, -1)
    answer = subjects.erase_subject(agora.house, "ada.lovelace@EXAMPLE.org", "legal")
    assert answer.counts == {"strikes": 1, "notices": 1}
    assert "notices" in answer.kept
    decided.refresh_from_db()
    waiting.refresh_from_db()
    assert (decided.name, decided.email, decided.explanation) == ("", "", "")
    assert waiting.name == "Ada"
    again = subjects.erase_subject(agora.house, MAIL, "legal")
    assert (again.counts, again.log_index) == ({}, None)


def test_a_complaint_and_its_statement_go_with_the_author(agora: Agora) -> None:
    number = agora.proposal("p-1")
    record, index = entry(agora, "appeal.lodged")
    Appeal.objects.create(
        number=1, by="author", state="refused", decision_id=number, case=Case.objects.get(),
        grounds="I only quoted it.", email=MAIL, channel="portal", code_digest="c",
        received_at=1, record_id=record, log_index=index,
    )  # fmt: skip
    Case.objects.update(state="decided")
    Statement.objects.create(
        decision_id=number, state="issued", content={"en": {}}, prepared_at=1, token_digest="t"
    )
    answer = subjects.erase_subject(agora.house, "a-9", "legal", service="agora")
    assert answer.counts["complaints"] == answer.counts["statements"] == 1
    assert Appeal.objects.get().grounds == ""
    assert Statement.objects.get().content == {}


def test_history_taken_over_goes_too(agora: Agora) -> None:
    record, _ = entry(agora, "history.imported")
    ImportedRecord.objects.create(
        kind="strike", source="old tool", external_id="7", author=author(agora), at=1,
        data={"note": "x"}, record_id=record,
    )  # fmt: skip
    answer = subjects.erase_subject(agora.house, "a-9", "legal", service="agora")
    assert answer.counts == {"history taken over": 1}
    assert ImportedRecord.objects.get().author == ""


def test_every_part_blanks_only_what_its_table_has() -> None:
    for part in personal.PARTS:
        names = {column.name for column in part.model._meta.get_fields()}
        assert set(part.blank) <= names
        assert part.kept is None or part.why


def test_terms_blank_notices_and_complaints_half_a_year_later(agora: Agora) -> None:
    notice(agora, 1)
    notice(agora, 2, state="received", decided_at=None)
    strike(agora, "author", author(agora), 30)
    retain.retain(agora.house)
    assert Notice.objects.exclude(name="").count() == 2
    agora.clock.advance(400 * DAY)
    retain.retain(agora.house)
    assert [row.pk for row in Notice.objects.exclude(name="")] == [2]
    assert Strike.objects.get().subject == ""


def test_what_a_second_person_was_asked_is_blanked_in_the_end(agora: Agora) -> None:
    asker = agora.person("a.sker")
    row = SecondPersonRequest.objects.create(
        kind="decision.restrict", payload={"told": "words"}, summary="s", reason="r",
        asked_by=asker, asked_at=agora.house.now(), decided_at=agora.house.now(), state="confirmed",
    )  # fmt: skip
    retain.retain(agora.house)
    row.refresh_from_db()
    assert row.payload
    agora.clock.advance(400 * DAY)
    retain.retain(agora.house)
    row.refresh_from_db()
    assert (row.payload, row.reason, row.summary) == ({}, "", "s")


def test_a_hold_keeps_a_notice_beyond_its_term(agora: Agora) -> None:
    notice(agora, 1)
    holds.place_hold(
        agora.house, basis="order", owner="legal", review_at=agora.house.now() + DAY,
        item_id="p-100", service="agora", by="legal",
    )  # fmt: skip
    agora.clock.advance(400 * DAY)
    retain.retain(agora.house)
    assert Notice.objects.get().name == "Ada"
