# SPDX-License-Identifier: Apache-2.0
"""Documents of strangers: what is read of them, what is refused, and what holds the reader."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from vigie.core.errors import UnavailableError
from vigie.exchange.apart import environment
from vigie.exchange.papers import found, reader, worker, xml
from vigie.exchange.papers.found import Found, Problem, UnreadableError

PROFILE = b"""<order xmlns="urn:vigie:order:1" form="a_form">
  <section id="A"><reference> FR-7 </reference></section>
  <urls><item>https://a.example/1</item><item>https://a.example/2</item></urls>
  <reasons>one</reasons><reasons>two</reasons>
  <Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><reference>not this</reference></Signature>
</order>"""
NAMESPACES = (
    'xmlns="http://uri.etsi.org/03120/common/2019/10/Core" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xmlns:task="http://uri.etsi.org/03120/common/2020/09/Task" '
    'xmlns:auth="http://uri.etsi.org/03120/common/2020/09/Authorisation" '
    'xmlns:delivery="http://uri.etsi.org/03120/common/2019/10/Delivery"'
)


def message(objects: str) -> bytes:
    """Return an envelope of TS 103 120 around objects."""
    return (
        f"<HI1Message {NAMESPACES}><Header><SenderIdentifier><CountryCode>FR</CountryCode>"
        "<UniqueIdentifier>OFFICE</UniqueIdentifier></SenderIdentifier></Header>"
        f"<Payload>{objects}</Payload></HI1Message>"
    ).encode()


def test_the_profile_is_one_element_a_field() -> None:
    said = worker.read(PROFILE)
    assert said.form == "a_form"
    assert said.values == {
        "reference": "FR-7",
        "urls": ["https://a.example/1", "https://a.example/2"],
        "reasons": ["one", "two"],
    }


def test_an_envelope_gives_reference_sender_period_and_identifiers() -> None:
    said = worker.read(
        message(
            "<HI1Object xsi:type='auth:AuthorisationObject'><auth:AuthorisationReference>W-1"
            "</auth:AuthorisationReference><auth:StartTime>2020-01-01T00:00:00Z</auth:StartTime>"
            "</HI1Object><HI1Object xsi:type='task:LDTaskObject'><task:RequestDetails>"
            "<task:StartTime>2026-01-01T00:00:00Z</task:StartTime><task:RequestValues>"
            "<task:RequestValue><task:FormatType><task:FormatName>IPv4Address</task:FormatName>"
            "</task:FormatType><task:Value>192.0.2.1</task:Value></task:RequestValue>"
            "</task:RequestValues></task:RequestDetails></HI1Object>"
        )
    )
    assert said.values == {
        "issuing_state": "FR",
        "sender_id": "OFFICE",
        "reference": "W-1",
        "period_from": "2026-01-01T00:00:00Z",
        "identifiers": "IPv4Address 192.0.2.1",
    }


@pytest.mark.parametrize(
    "inside",
    [
        "<delivery:XMLData>" + PROFILE.decode() + "</delivery:XMLData>",
        "<delivery:Data>" + base64.b64encode(PROFILE).decode() + "</delivery:Data>",
        "<delivery:Contents>" + base64.b64encode(PROFILE).decode() + "</delivery:Contents>",
    ],
)
def test_what_an_envelope_encloses_goes_before_it(inside: str) -> None:
    said = worker.read(message(f"<delivery:Delivery>{inside}</delivery:Delivery>"))
    assert said.values["reference"] == "FR-7"
    assert said.values["issuing_state"] == "FR"


def test_an_envelope_stands_whatever_is_in_it() -> None:
    inside = base64.b64encode(b"\xff\xd8 no document").decode()
    said = worker.read(message(f"<delivery:Data>{inside}</delivery:Data>"))
    assert said.values["issuing_state"] == "FR"
    assert said.problem == Problem.UNKNOWN_KIND


def test_interception_is_not_for_this_desk() -> None:
    with pytest.raises(UnreadableError) as caught:
        worker.read(message("<HI1Object xsi:type='task:LITaskObject'/>"))
    assert caught.value.problem is Problem.INTERCEPTION


def test_envelopes_in_envelopes_come_to_an_end() -> None:
    inner = PROFILE
    for _ in range(6):
        inner = message(f"<delivery:Data>{base64.b64encode(inner).decode()}</delivery:Data>")
    assert "reference" not in worker.read(inner).values


@pytest.mark.parametrize("coding", ["utf-8", "utf-16", "utf-16-le", "utf-32"])
def test_a_document_type_is_refused_in_every_coding(coding: str) -> None:
    text = '<?xml version="1.0"?><!DOCTYPE order [<!ENTITY a "b">]><order>&a;</order>'
    with pytest.raises(UnreadableError) as caught:
        xml.parse(text.encode(coding))
    assert caught.value.problem is Problem.FORBIDDEN_XML


def test_a_coding_that_hides_its_declarations_expands_nothing() -> None:
    text = '<?xml version="1.0" encoding="UTF-7"?>'
    hidden = "+ADwAIQ-DOCTYPE order [+ADwAIQ-ENTITY a +ACI-b+ACI-+AD4-]+AD4-"
    try:
        root = xml.parse(f"{text}{hidden}+ADw-order+AD4AJg-a;+ADw-/order+AD4-".encode())
    except UnreadableError:
        return
    assert root.text in (None, "")


def test_values_are_counted() -> None:
    many = "".join(f"<a>{n}</a>" for n in range(found.MAX_VALUES + 1))
    with pytest.raises(UnreadableError) as caught:
        worker.read(f'<order xmlns="urn:vigie:order:1">{many}</order>'.encode())
    assert caught.value.problem is Problem.TOO_MUCH


def test_json_is_fields_or_form_and_fields() -> None:
    assert worker.read(b'{"reference": "a"}').values == {"reference": "a"}
    said = worker.read(b'\xef\xbb\xbf{"form": "x", "fields": {"reference": "a"}}')
    assert (said.form, said.values) == ("x", {"reference": "a"})


def test_the_reader_says_why_and_never_raises() -> None:
    assert reader.read(b"\x7fELF").problem == Problem.UNKNOWN_KIND
    assert reader.read(PROFILE).values["reference"] == "FR-7"


def test_a_reader_that_uses_up_its_time_is_ended() -> None:
    deep = b'{"a":' + b"[" * 900_000 + b"1" * 4_000 + b"]" * 900_000 + b"}"
    assert reader.read(deep, seconds=1).problem


def test_a_reader_without_memory_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    big = b'{"a": "' + b"x" * 60_000_000 + b'"}'
    said = reader.read(big, megabytes=200)
    assert said.problem in {Problem.TOO_LARGE, Problem.CRASHED}


def test_a_reader_that_dies_is_a_problem_of_the_document(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader.PROCESS, "module", "vigie.exchange.papers.no_such_module")
    assert reader.read(PROFILE).problem == Problem.CRASHED


def test_a_reader_that_hangs_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader.PROCESS, "wall", 0.01)
    assert reader.read(PROFILE).problem == Problem.TOO_LONG


def test_too_many_documents_at_once_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader.PROCESS, "wait", 0.01)
    free = reader.PROCESS.places
    places = [free.acquire(timeout=1) for _ in range(reader.PROCESS.at_once)]
    try:
        with pytest.raises(UnavailableError):
            reader.read(PROFILE)
    finally:
        for _ in places:
            free.release()


def test_the_reader_is_told_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIGIE_DATABASE_URL", "postgresql://u:secret@host/db")
    assert "secret" not in str(environment())


def test_a_longer_text_is_cut() -> None:
    said = Found(text="x" * (found.MAX_TEXT + 10))
    assert len(reader._bounded(said).text) == found.MAX_TEXT


def test_examples_of_the_standard_are_read_or_refused_by_name(test_data: Path) -> None:
    examples = sorted((test_data / "vectors" / "etsi" / "examples").glob("*.xml"))
    assert examples
    problems = {one.name: worker.answer(one.read_bytes()).problem for one in examples}
    assert problems["ldtask.xml"] == ""
    assert problems["request1.xml"] == Problem.INTERCEPTION
