# SPDX-License-Identifier: Apache-2.0
"""Documents that are malformed, hostile or strange: received, logged, never believed."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from pypdf import PdfReader, PdfWriter

from tests.support.order_papers import (
    ADDRESS,
    PRODUCTION,
    REMOVAL,
    as_json,
    as_pdf,
    as_xml,
    filled,
    pdf_bomb,
    receive,
)
from tests.support.people import NOW, Agora
from vigie.core.clock import iso
from vigie.exchange.papers.found import Problem
from vigie.flow import desk_settings
from vigie.flow.decided import by_number
from vigie.flow.orders import planted, read
from vigie.flow.orders.read import Odd
from vigie.law import orders as forms
from vigie.store.models import (
    Authority,
    ClockState,
    DutyClock,
    LogEntry,
    Order,
    OrderData,
    OrderDocument,
    OrderLetter,
    Record,
    Silence,
)

pytestmark = pytest.mark.django_db
FORM = "tco_removal_order_annex_i"
EPOC = "epoc_annex_i"
LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE order [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;">]><order xmlns="urn:vigie:order:1"><reference>&c;</reference></order>"""
OUTSIDE = b"""<?xml version="1.0"?><!DOCTYPE order [<!ENTITY x SYSTEM "file:///etc/passwd">]>
<order xmlns="urn:vigie:order:1"><reference>&x;</reference></order>"""


def locked() -> bytes:
    """Return a PDF that only a password opens."""
    writer = PdfWriter(PdfReader(io.BytesIO(as_pdf("secret"))))
    writer.encrypt("a password", algorithm="AES-256")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (b"<order xmlns='urn:vigie:order:1'><a>", Problem.MALFORMED),
        (LAUGHS, Problem.FORBIDDEN_XML),
        (OUTSIDE, Problem.FORBIDDEN_XML),
        (OUTSIDE.decode().replace('"1.0"', '"1.0" encoding="utf-16"').encode("utf-16"), "any"),
        (b"<html><body>an order</body></html>", Problem.UNKNOWN_XML),
        (b"<order>no namespace</order>", Problem.UNKNOWN_XML),
        (b"<a>" * 5_000 + b"</a>" * 5_000, Problem.MALFORMED),
        (b"%PDF-1.7 nothing of it is true", Problem.MALFORMED),
        (b"%PDF-1.4\n" + b"1 0 obj << /Kids [1 0 R] /Type /Pages >> endobj " * 50, "any"),
        (locked(), Problem.ENCRYPTED),
        (as_pdf("a", pages=301), Problem.TOO_MANY_PAGES),
        (b'{"a": 1, "a": 2}', Problem.MALFORMED),
        (b'{"a": NaN}', Problem.MALFORMED),
        (b'{"a": ' * 200_000, Problem.MALFORMED),
        (b"{", Problem.MALFORMED),
        (b"PK\x03\x04 a letter of a word processor", Problem.UNKNOWN_KIND),
        (b"\0" * 1000, Problem.UNKNOWN_KIND),
    ],
)
def test_a_document_that_cannot_be_read_is_on_the_desk(
    agora: Agora, raw: bytes, problem: str
) -> None:
    receive(agora, FORM, None, raw)
    order, paper = Order.objects.get(), OrderDocument.objects.get()
    assert paper.problem == problem or (problem == "any" and paper.problem)
    assert Odd.UNREAD in order.odd
    assert "reference" in order.missing
    assert order.state == "received"
    assert not OrderLetter.objects.exists(), "of what nobody read nobody knows what it lacks"
    assert DutyClock.objects.filter(duty="tco_removal", state=ClockState.RUNNING).exists()
    assert Record.objects.filter(kind="order.received").count() == 1


def test_a_page_that_unpacks_to_a_gigabyte_takes_nothing_with_it(agora: Agora) -> None:
    raw = pdf_bomb(1 << 30)
    assert len(raw) < 10_000_000
    receive(agora, FORM, None, raw)
    paper = OrderDocument.objects.get()
    assert paper.problem in {Problem.TOO_LARGE, Problem.TOO_LONG, Problem.CRASHED}
    assert Order.objects.get().read_at == NOW


def test_an_unreadable_certificate_keeps_its_strictest_clock(agora: Agora) -> None:
    receive(agora, EPOC, None, b"%PDF-1.7 broken")
    running = set(DutyClock.objects.filter(state=ClockState.RUNNING).values_list("duty", flat=True))
    assert {"eevidence_epoc", "eevidence_epoc_emergency"} <= running


def test_a_certificate_that_was_read_keeps_its_own_clock_alone(agora: Agora) -> None:
    receive(agora, EPOC, PRODUCTION)
    running = set(DutyClock.objects.filter(state=ClockState.RUNNING).values_list("duty", flat=True))
    assert "eevidence_epoc" in running
    assert "eevidence_epoc_emergency" not in running


def test_an_emergency_has_eight_hours(agora: Agora) -> None:
    receive(agora, EPOC, PRODUCTION | {"time_limit": "emergency"})
    order = Order.objects.get()
    assert order.emergency
    clock = DutyClock.objects.get(duty="eevidence_epoc_emergency", state=ClockState.RUNNING)
    assert clock.due_at == NOW + 8 * 3_600_000


def test_xml_json_and_pdf_fields_say_the_same(agora: Agora) -> None:
    values = {name: value for name, value in REMOVAL.items() if not isinstance(value, list)}
    lists = {"content_locations": ADDRESS, "reasons": "incites"}
    papers = (
        as_xml(REMOVAL, FORM),
        as_json({"form": FORM, "fields": REMOVAL}),
        as_pdf("An order", fields=values | lists),
    )
    for raw in papers:
        receive(agora, FORM, None, raw)
    orders = list(Order.objects.order_by("number"))
    assert [one.missing for one in orders] == [[], [], []]
    assert len({one.reference for one in orders}) == 1
    assert orders[0].fields == orders[1].fields


def test_running_text_becomes_no_value_and_stands_beside_the_form(agora: Agora) -> None:
    receive(agora, FORM, None, as_pdf("Remove this now:", ADDRESS, "Reference FR-2026-0007"))
    order, paper = Order.objects.get(), OrderDocument.objects.get()
    assert order.fields == {}
    assert not order.locations.exists()
    assert ADDRESS in paper.text
    assert not paper.problem
    assert not OrderLetter.objects.exists()


def test_a_number_on_a_letterhead_is_known_to_come_from_an_order(agora: Agora) -> None:
    receive(agora, FORM, None, as_pdf("Duty officer: +49 30 555 123 987"))
    assert planted.orders_naming("phone", "+4930555123987") == [1]
    assert planted.orders_naming("phone", "+4930555123000") == []


def test_a_language_that_was_not_declared_is_missing_a_translation(agora: Agora) -> None:
    receive(agora, "dsa_art9_order", filled("dsa_art9_order") | {"language": "fr"})
    order = Order.objects.get()
    assert order.missing == ["language"]
    assert Odd.LANGUAGE in order.odd
    desk_settings.set(agora.house, None, "order_languages", "en fr")
    receive(
        agora, "dsa_art9_order", filled("dsa_art9_order") | {"language": "fr", "reference": "2"}
    )
    assert Order.objects.get(number=2).missing == []


def test_each_kind_of_form_has_its_own_declared_languages(agora: Agora) -> None:
    desk_settings.set(agora.house, None, "removal_languages", "de")
    receive(agora, FORM, REMOVAL)
    receive(agora, EPOC, PRODUCTION)
    assert [one.missing for one in Order.objects.order_by("number")] == [["language"], []]


def test_an_unknown_sender_is_said_and_a_known_one_is_not_proven_by_its_name(agora: Agora) -> None:
    receive(agora, FORM, REMOVAL)
    assert Odd.UNKNOWN_SENDER in Order.objects.get(number=1).odd
    Authority.objects.create(
        name="Office central, France", country="FR", kind="police", created_by="x", created_at=1
    )
    receive(agora, FORM, REMOVAL | {"reference": "FR-2"})
    order = Order.objects.get(number=2)
    assert Odd.UNKNOWN_SENDER not in order.odd
    assert (order.authority_id, order.proof) == (None, "none")


def test_what_was_past_due_when_it_came_is_said_and_stays_open(agora: Agora) -> None:
    values = filled("dsa_art9_order") | {"deadline": iso(NOW - 86_400_000)}
    receive(agora, "dsa_art9_order", values)
    order = Order.objects.get()
    assert Odd.LATE in order.odd
    clock = order.clocks.get(duty="order_named_time")
    assert clock.due_at <= NOW
    assert clock.state in {ClockState.RUNNING, ClockState.MISSED}


def test_a_time_that_the_document_names_gives_no_more_time_than_the_law(agora: Agora) -> None:
    values = filled("court_removal_order") | {"deadline": iso(NOW + 3_600_000)}
    receive(agora, "court_removal_order", values)
    assert Order.objects.get().clocks.get(duty="order_named_time").due_at == NOW + 3_600_000


def test_an_order_of_another_year_is_looked_at(agora: Agora) -> None:
    receive(agora, FORM, REMOVAL | {"issued_at": "2019-01-01"})
    assert Odd.OLD in Order.objects.get().odd


def test_unknown_fields_are_told_and_keep_nothing_from_being_read(agora: Agora) -> None:
    receive(agora, FORM, None, as_json(REMOVAL | {"grant_access": "yes", "__proto__": {"a": 1}}))
    order = Order.objects.get()
    assert Odd.UNKNOWN_FIELDS in order.odd
    assert order.missing == []
    assert "grant_access" not in order.fields


@pytest.mark.parametrize(
    "name",
    [
        "مكتب المدعي العام 🚨",
        "\u202eecnarF ,lartnec eciffO",
        "👩‍👧‍👦" * 40,
        "<script>alert(1)</script>",
        "x" * 900,
        "a\0b\ud800c",
        "Ļ̵̛ơ̷r̶e̵m̸" * 20,
    ],
)
def test_a_strange_name_is_kept_as_text_and_breaks_nothing(agora: Agora, name: str) -> None:
    receive(agora, FORM, REMOVAL | {"issuing_authority": name, "reference": name})
    order = Order.objects.get()
    assert order.read_at == NOW
    assert "\0" not in order.sender
    assert len(order.sender) <= 300
    assert len(order.reference) <= 200
    order.sender.encode("utf-8")


def test_five_megabytes_of_text_in_a_document_are_bounded(agora: Agora) -> None:
    receive(agora, FORM, None, as_xml(REMOVAL | {"detailed_reasons": "x" * 5_000_000}))
    order = Order.objects.get()
    assert order.missing == ["detailed_reasons"]
    assert len(json.dumps(order.fields)) < 20_000


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("content_locations", ["javascript:alert(1)"]),
        ("content_locations", ["https://agora.example/p/1"] * 2 + [f"p-{n}" for n in range(600)]),
        ("issued_at", "yesterday at noon"),
        ("issued_at", "0001-01-01T00:00:00+14:00"),
        ("issuing_state", "France"),
        ("reasons", ["because"]),
        ("language", "the usual one"),
        ("reference", {"nested": ["value"]}),
        ("cross_border", "perhaps"),
    ],
)
def test_what_is_not_of_its_type_is_kept_as_written_and_missing(
    agora: Agora, field: str, value: Any
) -> None:
    receive(agora, FORM, REMOVAL | {field: value})
    assert Order.objects.get().missing == [field]


def test_a_removal_order_that_lacks_something_gets_annex_iii_for_a_person_to_send(
    agora: Agora,
) -> None:
    values = {name: value for name, value in REMOVAL.items() if name != "redress"}
    receive(agora, FORM, values)
    order = Order.objects.get()
    letter = OrderLetter.objects.get()
    assert (letter.kind, letter.state) == ("annex_iii", "written")
    assert order.state == "clarifying"
    assert order.clocks.get(duty="tco_removal").state == ClockState.RUNNING, "written is not sent"


def test_a_certificate_that_lacks_something_gets_its_own_annex_iii(agora: Agora) -> None:
    values = {name: value for name, value in PRODUCTION.items() if name != "offence"}
    receive(agora, EPOC, values)
    assert OrderLetter.objects.get().kind == "eevidence_annex_iii"


def test_a_form_that_nobody_read_in_full_gets_no_letter_by_itself(agora: Agora) -> None:
    values = filled("fr_judicial_requisition")
    del values["identifiers"]
    receive(agora, "fr_judicial_requisition", values)
    assert forms.load()["fr_judicial_requisition"].confidence == "medium"
    assert not OrderLetter.objects.exists()
    assert Order.objects.get().state == "received"


def test_data_rows_are_what_was_asked_and_nothing_is_granted(agora: Agora) -> None:
    values = PRODUCTION | {"data_categories": ["subscriber", "content"], "identifiers": "a\nb"}
    receive(agora, EPOC, values | {"traffic_content_condition": "three_years"})
    rows = OrderData.objects.order_by("pk")
    assert [(one.account, one.category, one.covered) for one in rows] == [
        ("a", "subscriber", True),
        ("a", "content", False),
        ("b", "subscriber", True),
        ("b", "content", False),
    ], "a prosecutor alone cannot order content data"
    assert not any(one.granted for one in rows)


def test_a_period_given_in_days_holds_its_last_day(agora: Agora) -> None:
    values = PRODUCTION | {"period_from": "2026-11-01", "period_until": "2026-11-02"}
    receive(agora, EPOC, values)
    row = OrderData.objects.get()
    assert row.period_from is not None
    assert row.period_until is not None
    assert row.period_until - row.period_from == 2 * 86_400_000 - 1


def test_silence_begins_with_the_order_and_ends_within_ninety_days(agora: Agora) -> None:
    receive(agora, EPOC, PRODUCTION)
    receive(agora, FORM, REMOVAL | {"nondisclosure": True})
    receive(agora, FORM, REMOVAL | {"reference": "no silence"})
    orders = list(Order.objects.order_by("number"))
    assert [one.silent for one in orders] == [True, True, False]
    assert all(one.ends_at <= NOW + 90 * 86_400_000 for one in Silence.objects.all())


def test_two_documents_that_differ_are_nobodys_value(agora: Agora) -> None:
    other = REMOVAL | {"content_locations": ["https://agora.example/p/another"]}
    receive(agora, FORM, None, as_xml(REMOVAL, FORM), as_xml(other, FORM))
    order = Order.objects.get()
    assert Odd.CONTRADICTION in order.odd
    assert order.missing == ["content_locations"]


def test_what_is_typed_beside_a_document_never_widens_it(agora: Agora) -> None:
    typed = REMOVAL | {"content_locations": ["https://agora.example/p/another"]}
    receive(agora, FORM, typed, as_xml(REMOVAL, FORM))
    order = Order.objects.get()
    assert {Odd.CONTRADICTION, Odd.TYPED_BESIDE} <= set(order.odd)
    assert order.fields["content_locations"] == REMOVAL["content_locations"]


def test_a_document_of_another_form_is_said(agora: Agora) -> None:
    receive(agora, FORM, None, as_xml(REMOVAL, "dsa_art9_order"))
    assert Odd.OTHER_FORM in Order.objects.get().odd


def test_a_person_fills_in_what_no_machine_could_read(agora: Agora) -> None:
    receive(agora, FORM, None, as_pdf("a scan"))
    legal = agora.person("l", "legal")
    order = read.note_fields(agora.house, legal, Order.objects.get(), REMOVAL)
    assert order.missing == []
    assert order.locations.count() == 2
    last = Record.objects.filter(kind="order.read").order_by("-at", "-pk")
    said = [json.loads(one.canonical) for one in last]
    assert {one["by"] for one in said} == {"vigie", by_number(legal)}
    assert LogEntry.objects.count() >= 3
