# SPDX-License-Identifier: Apache-2.0
"""An order is in the log and on the desk before anything of it is read."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from tests.support.order_papers import ADDRESS, PRODUCTION, REMOVAL, as_xml, filled, receive
from tests.support.people import NOW, Agora
from vigie.core.errors import InvalidInputError, RefusedError, UnavailableError
from vigie.exchange.papers import reader
from vigie.flow import sealed
from vigie.flow.orders import documents, read
from vigie.flow.orders import receive as receiving
from vigie.flow.orders.given import MAX_DOCUMENT, GivenDocument, OrderGiven
from vigie.law import orders as forms
from vigie.store.models import (
    ClockState,
    DutyClock,
    LogEntry,
    Order,
    OrderChannel,
    OrderDocument,
    Record,
    RecordKey,
)

pytestmark = pytest.mark.django_db
FORM = "tco_removal_order_annex_i"


def test_a_complete_removal_order_is_received_read_and_on_the_clock(agora: Agora) -> None:
    given = receive(agora, FORM, REMOVAL)
    order = Order.objects.get()
    assert (given.number, order.state, order.missing) == (1, "received", [])
    assert order.reference == "FR-2026-0007"
    places = list(order.locations.order_by("position").values_list("url", flat=True))
    assert places == REMOVAL["content_locations"]
    clock = DutyClock.objects.get(duty="tco_removal")
    assert (clock.due_at, clock.state) == (NOW + 3_600_000, ClockState.RUNNING)
    assert order.read_at == NOW


@pytest.mark.parametrize("form", [one.id for one in forms.received_here()])
def test_every_form_is_received_complete(agora: Agora, form: str) -> None:
    receive(agora, form, filled(form))
    order = Order.objects.get()
    assert order.missing == []
    assert order.read_at is not None
    about = forms.load()[form]
    if not about.binding:
        assert not order.clocks.exists()


@pytest.mark.parametrize("form", [one.id for one in forms.received_here()])
def test_every_form_lacks_what_is_left_out(agora: Agora, form: str) -> None:
    values = filled(form)
    needed = next(one.name for one in forms.load()[form].fields if one.req == "required")
    del values[needed]
    receive(agora, form, values)
    assert Order.objects.get().missing == [needed]


def test_the_log_has_the_digest_before_anything_is_read(
    agora: Agora, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[int, int]] = []

    def look(data: bytes, **_more: Any) -> Any:
        seen.append((LogEntry.objects.count(), Order.objects.count()))
        raise SystemError(data)

    monkeypatch.setattr(reader, "read", look)
    raw = as_xml(REMOVAL)
    given = receive(agora, FORM, None, raw)
    assert seen == [(1, 1)], "the reader ran before the entry stood in the log"
    record = Record.objects.get(kind=receiving.RECEIVED)
    kept = RecordKey.objects.get(record=record).fields
    assert kept["sha256"] == [hashlib.sha256(raw).hexdigest()]
    assert given.order.record_id == record.pk


def test_a_document_that_crashes_the_reader_is_in_the_log_and_on_the_desk(
    agora: Agora, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_given: Any, **_more: Any) -> Any:
        raise RuntimeError("the words of a stranger")

    monkeypatch.setattr(reader, "read", die)
    raw = b"%PDF-1.7 that kills every reader"
    given = receive(agora, FORM, None, raw)
    order = Order.objects.get()
    assert order.number == given.number
    assert order.read_at is None
    assert order.clocks.filter(duty="tco_removal", state=ClockState.RUNNING).exists()
    assert documents.fetch(agora.house, OrderDocument.objects.get()) == raw
    agora.clock.advance(read.RETRY_MS + 1)
    assert read.run(agora.house) == 1
    again = Order.objects.get()
    assert (again.odd, again.read_at) == ([read.Odd.UNREAD], agora.house.now())
    assert read.run(agora.house) == 0, "what was given up is not tried for ever"


def test_what_was_not_read_is_read_again_later(
    agora: Agora, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_given: Any, **_more: Any) -> Any:
        raise UnavailableError("Too many documents are waiting to be read.")

    with monkeypatch.context() as patch:
        patch.setattr(reader, "read", busy)
        receive(agora, FORM, None, as_xml(REMOVAL, FORM))
        agora.clock.advance(read.RETRY_MS + 1)
        assert read.run(agora.house) == 0
    assert Order.objects.get().read_at is None
    assert read.run(agora.house) == 1
    assert Order.objects.get().missing == []


def test_no_word_of_a_stranger_reaches_a_log_file(
    agora: Agora, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def die(*_given: Any, **_more: Any) -> Any:
        raise RuntimeError("Ana Lima")

    monkeypatch.setattr(reader, "read", die)
    receive(agora, FORM, REMOVAL)
    assert "RuntimeError" in caplog.text
    assert "Ana Lima" not in caplog.text


def test_a_document_is_sealed_and_never_lies_open_on_the_disk(agora: Agora) -> None:
    raw = as_xml(REMOVAL | {"detailed_reasons": "a-phrase-that-stands-nowhere-else"})
    receive(agora, FORM, None, raw)
    files = [one for one in (agora.folder / sealed.FOLDER).iterdir() if one.is_file()]
    assert files
    assert not any(b"a-phrase-that-stands-nowhere-else" in one.read_bytes() for one in files)


def test_the_receipt_promises_the_entry_and_names_nothing(agora: Agora) -> None:
    given = receive(agora, "epoc_annex_i", PRODUCTION)
    shown = json.dumps(given.receipt) + (given.checkpoint or "") + given.code
    assert "ana.lima" not in shown
    assert "Beispielstadt" not in shown
    assert given.receipt["openings"]
    assert receiving.by_code(given.code.lower().replace("-", " ")) == given.order
    assert receiving.by_code("0000-0000-0000-0000-0000") is None
    assert receiving.by_code("no code") is None


def test_the_same_bytes_twice_are_one_order_with_two_receipts(agora: Agora) -> None:
    raw = as_xml(REMOVAL, FORM)
    first, second = receive(agora, FORM, None, raw), receive(agora, FORM, None, raw)
    assert second.again
    assert second.order.same_as_id == first.number
    assert (second.order.state, second.order.outcome) == ("closed", "merged")
    assert first.code != second.code
    assert first.order.record_id != second.order.record_id
    assert Record.objects.filter(kind=receiving.RECEIVED).count() == 2
    assert DutyClock.objects.filter(duty="tco_removal").count() == 1
    assert OrderDocument.objects.filter(order=second.order).exists()


def test_the_same_bytes_of_another_form_are_another_order(agora: Agora) -> None:
    raw = as_xml(REMOVAL)
    receive(agora, FORM, None, raw)
    assert not receive(agora, "dsa_art9_order", None, raw).again


def test_a_road_that_proves_more_is_never_merged_into_one_that_proves_less(agora: Agora) -> None:
    raw = as_xml(REMOVAL, FORM)
    receive(agora, FORM, None, raw)
    assert not receive(agora, FORM, None, raw, channel=OrderChannel.EEVIDENCE).again
    assert receive(agora, FORM, None, raw, channel=OrderChannel.API).again


def test_what_was_closed_comes_anew(agora: Agora) -> None:
    raw = as_xml(REMOVAL, FORM)
    first = receive(agora, FORM, None, raw)
    Order.objects.filter(pk=first.number).update(state="closed")
    assert not receive(agora, FORM, None, raw).again


@pytest.mark.parametrize(
    ("form", "fields", "papers", "code"),
    [
        ("no_such_form", {"a": "b"}, (), "no_form"),
        ("dsa_art16_notice", {"a": "b"}, (), "no_form"),
        (FORM, {}, (), "empty"),
        (FORM, {}, (b"",), "document_size"),
        (FORM, {}, (b"x" * (MAX_DOCUMENT + 1),), "document_size"),
        (FORM, {}, (b"<a/>",) * 6, "too_many_documents"),
        (FORM, {}, (b"\x89PNG\r\n\x1a\n" + b"\0" * 64,), "document_kind"),
        (FORM, {"detailed_reasons": "x" * 5_000_000}, (), "text_too_long"),
    ],
)
def test_what_cannot_be_received_is_told_and_leaves_nothing(
    agora: Agora, form: str, fields: dict[str, Any], papers: tuple[bytes, ...], code: str
) -> None:
    with pytest.raises(InvalidInputError) as caught:
        receive(agora, form, fields, *papers)
    assert caught.value.code == code
    assert caught.value.field
    assert not Order.objects.exists()
    assert not LogEntry.objects.exists()


def test_without_the_key_of_the_seal_nothing_is_received(
    agora: Agora, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_given: Any) -> Any:
        raise UnavailableError("There is no key.")

    monkeypatch.setattr(sealed, "put", broken)
    with pytest.raises(UnavailableError):
        receive(agora, FORM, REMOVAL)
    assert not Order.objects.exists()


def test_what_a_list_of_class_child_knows_is_not_kept_and_still_logged(
    agora: Agora, monkeypatch: pytest.MonkeyPatch
) -> None:
    def known(*_given: Any) -> Any:
        raise RefusedError("A list of class child knows this.", code="known_child")

    monkeypatch.setattr(sealed, "put", known)
    receive(agora, FORM, None, b"%PDF-1.4 whatever")
    paper = OrderDocument.objects.get()
    assert (paper.file, paper.wrapped_key, paper.problem) == ("", "", documents.MATCHED)
    assert read.Odd.UNREAD in Order.objects.get().odd


def test_at_the_desk_the_clock_starts_when_it_came(agora: Agora) -> None:
    person = agora.person("l.moreau", "legal")
    came = NOW - 2 * 3_600_000
    given = receive(agora, FORM, REMOVAL, channel=OrderChannel.DESK, user=person, came_at=came)
    order = given.order
    assert (order.received_at, order.recorded_by) == (came, person)
    order.refresh_from_db()
    assert read.Odd.LATE in order.odd
    said = json.loads(Record.objects.get(kind=receiving.RECEIVED).canonical)
    assert said["came_at"] == came
    assert person.username not in json.dumps(said)


def test_only_who_may_records_at_the_desk(agora: Agora) -> None:
    with pytest.raises(RefusedError):
        receive(agora, FORM, REMOVAL, channel=OrderChannel.DESK)
    moderator = agora.person("m", "moderator")
    with pytest.raises(RefusedError):
        receive(agora, FORM, REMOVAL, channel=OrderChannel.DESK, user=moderator)
    legal = agora.person("l", "legal")
    with pytest.raises(InvalidInputError):
        receive(agora, FORM, REMOVAL, channel=OrderChannel.DESK, user=legal, came_at=NOW + 1)
    with pytest.raises(InvalidInputError):
        receive(agora, FORM, REMOVAL, came_at=NOW - 1)


def test_a_referral_has_no_clock_no_letter_and_no_order_in_its_words(agora: Agora) -> None:
    receive(agora, "referral", {"content_locations": [ADDRESS]})
    order = Order.objects.get()
    assert order.missing == ["issuing_authority", "reasons"]
    assert not order.clocks.exists()
    assert not order.letters.exists()
    form = forms.load()["referral"]
    assert not form.binding
    said = [*form.titles.values(), *(w for one in form.fields for w in one.labels.values())]
    words = " ".join(said).lower()
    assert "order" not in words.replace("ordered", "")
    assert "injonction" not in words
    assert "anordnung" not in words


def test_a_document_leaves_only_after_its_record(agora: Agora) -> None:
    receive(agora, FORM, None, as_xml(REMOVAL))
    paper = OrderDocument.objects.get()
    legal, stranger = agora.person("l", "legal"), agora.person("m", "moderator")
    with pytest.raises(RefusedError):
        documents.hand_out(agora.house, stranger, paper)
    assert documents.hand_out(agora.house, legal, paper) == as_xml(REMOVAL)
    said = json.loads(Record.objects.get(kind=documents.OPENED).canonical)
    assert (said["order"], said["document"]) == (1, paper.pk)


def test_a_name_of_a_stranger_is_no_path_and_no_typed_form(agora: Agora) -> None:
    papers = (
        GivenDocument("../../etc/\u202epasswd.xml", as_xml(REMOVAL)),
        GivenDocument("form.json", b"{}"),
        GivenDocument("إنذار 🚨.pdf", b"%PDF-1.4"),
    )
    given = OrderGiven(
        form=FORM, channel=OrderChannel.UPLOAD, documents=papers, sender="مكتب 🚨 \u202eABC"
    )
    receiving.receive_order(agora.house, given)
    names = list(OrderDocument.objects.order_by("pk").values_list("name", flat=True))
    assert names == ["passwd.xml", "document.json", "إنذار 🚨.pdf"]
