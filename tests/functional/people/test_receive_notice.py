# SPDX-License-Identifier: Apache-2.0
"""Notices: what is recorded at receipt, what does not fit, who sees it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.notices import FORM, case_of, give, refusal, settle
from tests.support.people import ORIGIN, Agora
from vigie import keys
from vigie.flow import tracking
from vigie.flow.decide import Verb
from vigie.flow.notices.status import by_code
from vigie.ledger.receipt import ReceiptSigner, parse_receipt_keys
from vigie.ledger.verify.promises import PENDING, verify_receipt
from vigie.store.models import (
    Case,
    CaseKind,
    CaseState,
    DecisionKind,
    DecisionRecord,
    ItemContent,
    Letter,
    LogEntry,
    Notice,
    NoticeKind,
    OutgoingTask,
    Queue,
    Record,
)

# Receipt


def test_a_whole_notice_is_complete_and_an_incomplete_one_says_what_is_missing(
    agora: Agora,
) -> None:
    assert give(agora).notice.complete
    less = give(agora, name="", email="", explanation=" ").notice
    assert not less.complete
    assert less.missing == ["explanation", "name", "email"]


def test_a_report_under_the_terms_misses_nothing_and_stays_distinct(agora: Agora) -> None:
    found = give(agora, kind=NoticeKind.TERMS, good_faith=False, name="", email="").notice
    assert (found.kind, found.complete, found.missing) == ("terms", True, [])
    record = json.loads(bytes(found.record.content))
    assert record["legal"] == "terms"
    assert case_of(give(agora, kind=NoticeKind.TERMS)).proposals == []


def test_the_receipt_promises_inclusion_and_the_verifier_believes_it(agora: Agora) -> None:
    given = give(agora)
    seed = keys.read(agora.settings.keys_dir, keys.KeyName.RECEIPT)
    known = parse_receipt_keys(f"{ReceiptSigner(ORIGIN, seed).vkey}\n".encode())
    data = json.dumps(given.receipt).encode()
    checked = verify_receipt(data, known, [], None, agora.clock.now_ms())
    assert checked.pinned
    assert [one.state for one in checked.promises] == [PENDING]
    entry = LogEntry.objects.get(index=given.notice.log_index)
    assert bytes(entry.entry) == checked.promises[0].entry
    assert entry.promised_until == checked.receipt.not_after


def test_the_published_checkpoint_is_given_with_the_receipt(agora: Agora) -> None:
    assert give(agora).checkpoint is None
    agora.publish()
    note = give(agora, name="B").checkpoint
    assert note is not None
    assert note.startswith(ORIGIN)


def test_nothing_personal_stands_in_the_open_record(agora: Agora) -> None:
    give(agora)
    text = b"".join(bytes(one) for one in Record.objects.values_list("content", flat=True))
    for word in (b"Ana", b"ana@", b"violence", b"agora.example"):
        assert word not in text


def test_the_code_is_long_readable_derived_and_not_stored(agora: Agora) -> None:
    given = give(agora)
    groups = given.code.split("-")
    assert [len(one) for one in groups] == [4] * 5
    assert len(tracking.ALPHABET) ** 20 >= 2**80
    assert by_code(agora.house, given.code) == given.notice
    assert by_code(agora.house, f" {given.code.lower().replace('-', ' ')} ") == given.notice
    values = Notice.objects.filter(pk=given.number).values().get()
    assert given.code not in json.dumps(values, default=str)


@pytest.mark.parametrize("code", ["", "x", "0000-0000-0000-0000-0000", "é" * 20, "A" * 10_000])
def test_a_forged_code_finds_nothing(agora: Agora, code: str) -> None:
    give(agora)
    assert by_code(agora.house, code) is None


def test_the_same_form_within_a_day_gives_the_first_receipt(agora: Agora) -> None:
    first = give(agora)
    again = give(agora)
    assert (again.again, again.number, again.code) == (True, first.number, first.code)
    assert again.receipt == first.receipt
    assert (Notice.objects.count(), Letter.objects.count()) == (1, 1)
    agora.clock.advance(86_400_000)
    assert not give(agora).again


@pytest.mark.parametrize(
    "other",
    [{"explanation": "Other words."}, {"name": "X"}, {"token": "t"}, {"category": "threat"}],
)
def test_a_form_that_differs_in_anything_is_never_given_the_first_ones_code(
    agora: Agora, other: dict[str, Any]
) -> None:
    first = give(agora)
    assert give(agora, **other).code != first.code


# What does not fit


def test_good_faith_must_be_stated_for_illegal_content(agora: Agora) -> None:
    problem = refusal(agora, good_faith=False)
    assert (problem.code, problem.field) == ("no_good_faith", "good_faith")


@pytest.mark.parametrize("given", [(), ("",), (" ", "\n")])
def test_a_notice_without_a_location_is_refused(agora: Agora, given: tuple[str, ...]) -> None:
    assert refusal(agora, locations=given).code == "no_location"


@pytest.mark.parametrize(
    "given",
    [
        "two words",
        "https://a.example/" + "x" * 2_000,
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "data:text/html,x",
        "file:///etc/hosts",
        "mailto:a@b.example",
        "https://",
        "http:///p",
        "https://[bad/p",
    ],
)
def test_what_is_no_address_is_refused(agora: Agora, given: str) -> None:
    assert refusal(agora, locations=(given,)).code == "no_address"


@pytest.mark.parametrize("given", ["p-100", "D-1", "b.example/p/1", "b.example:8080/p", "42"])
def test_numbers_of_items_and_addresses_without_a_scheme_are_taken(
    agora: Agora, given: str
) -> None:
    assert give(agora, locations=(given,)).notice.items.get().location == given


def test_an_item_that_a_platform_numbers_with_a_scheme_is_found(agora: Agora) -> None:
    assert refusal(agora, locations=("at://a/post/1",)).code == "no_address"
    agora.proposal("at://a/post/1")
    item = give(agora, locations=("at://a/post/1",)).notice.items.get()
    assert item.case is not None
    assert item.case.decision.item_id == "at://a/post/1"


def test_a_hundred_locations_are_taken_and_one_more_is_not(agora: Agora) -> None:
    many = tuple(f"https://agora.example/x/{n}" for n in range(100))
    problem = refusal(agora, locations=(*many, "https://agora.example/x/100"))
    assert problem.code == "too_many"
    assert "101" in problem.message
    assert give(agora, locations=many).notice.items.count() == 100


def test_two_spellings_of_one_address_are_one_location(agora: Agora) -> None:
    agora.proposal()
    spellings = ("https://agora.example/p/p-100", "http://WWW.agora.example/p/p-100/#c")
    assert give(agora, locations=spellings).notice.items.count() == 1


def test_ten_thousand_signs_are_taken_and_one_more_is_not(agora: Agora) -> None:
    assert refusal(agora, explanation="x" * 10_001).code == "text_too_long"
    assert len(give(agora, explanation="x" * 10_000).notice.explanation) == 10_000


@pytest.mark.parametrize("email", ["nobody", "a@b", "a b@example.org", "a@example.org\nBcc: x@y.z"])
def test_what_is_no_mail_address_is_refused(agora: Agora, email: str) -> None:
    assert refusal(agora, email=email).field == "email"


def test_hostile_and_foreign_text_is_kept_as_text(agora: Agora) -> None:
    words = "<script>alert(1)</script> \u202eabc שלום 👩‍💻 \0 \ud800"
    found = give(agora, explanation=words, name="\u200fليلى 👩‍💻\n<b>").notice
    found.refresh_from_db()
    assert found.explanation.startswith("<script>alert(1)</script>")
    assert "\0" not in found.explanation
    assert found.name == "\u200fليلى 👩‍💻 <b>"


# Class child


CHILD = {"category": "child", "name": "", "email": "", "explanation": ""}


@pytest.mark.parametrize(
    "extra", [{"name": "A"}, {"email": "a@example.org"}, {"explanation": "words"}]
)
def test_in_the_child_category_no_name_and_no_words_are_taken(
    agora: Agora, extra: dict[str, str]
) -> None:
    problem = refusal(agora, **(CHILD | extra))
    assert (problem.code, problem.field) == ("not_taken", *extra)


def test_a_child_notice_goes_to_its_own_queue_with_the_address_only(agora: Agora) -> None:
    agora.proposal()
    given = give(agora, **(CHILD | {"explanation": "picture"}))
    case = case_of(given)
    assert given.notice.complete
    assert (case.queue, case.decision.cls, case.category) == (Queue.CHILD, "child", "child")
    assert case.facts["location"] == FORM.locations[0]
    assert not case.decision.has_content
    assert given.notice.notifier == ""
    assert not Letter.objects.exists()


def test_a_child_notice_moves_nothing_in_the_general_queue(agora: Agora) -> None:
    number = agora.proposal()
    give(agora, **CHILD)
    general = DecisionRecord.objects.get(number=number)
    assert general.superseded_by is None
    assert Case.objects.get(decision=general).queue == Queue.GENERAL
    decided = settle(agora, Case.objects.get(decision=general), Verb.LEAVE)
    assert decided.cls == ""
    assert Case.objects.get(queue=Queue.CHILD).state == CaseState.OPEN


def test_an_unknown_address_in_class_child_keeps_no_content(agora: Agora) -> None:
    first = give(agora, **(CHILD | {"locations": ("https://else.example/1",)}))
    again = give(agora, **(CHILD | {"locations": ("https://else.example/1/",), "token": "2"}))
    assert not ItemContent.objects.exists()
    assert case_of(again).pk == case_of(first).pk


def test_a_picture_of_somebody_under_18_follows_the_rules_of_class_child(agora: Agora) -> None:
    given = give(agora, **(CHILD | {"category": "intimate"}), under_age=True)
    assert given.notice.category == "child"
    assert case_of(given).queue == Queue.CHILD


# Cases


def test_an_item_is_found_by_address_number_and_name(agora: Agora) -> None:
    number = agora.proposal()
    for n, location in enumerate(("http://www.agora.example/p/p-100/", f"D-{number}", "p-100")):
        item = give(agora, locations=(location,), token=str(n)).notice.items.get()
        assert item.item_id == "p-100"


def test_a_notice_joins_the_open_case_and_raises_it(agora: Agora) -> None:
    number = agora.proposal()
    case = Case.objects.get(decision__number=number)
    joined = case_of(give(agora, category="threat"))
    assert joined.pk == case.pk
    assert joined.priority > case.priority
    assert joined.due_at is not None
    assert joined.events.filter(kind="notice").count() == 1


def test_a_notice_about_a_decided_item_opens_a_case_and_what_stood_stands(agora: Agora) -> None:
    number = agora.proposal()
    settle(agora, Case.objects.get(decision__number=number), Verb.WITHHOLD)
    before = DecisionRecord.objects.order_by("-number")[0]
    case = case_of(give(agora))
    row = case.decision
    assert (row.kind, row.outcome, row.supersedes_id) == (DecisionKind.NOTICE, "review", before.pk)
    acting = [one for one in row.body["actions"] if one["state"] != "proposed"]
    assert acting == before.body["actions"]
    assert (case.kind, case.one_click) == (CaseKind.NOTICE, False)
    assert "de_130_hate" in row.offences
    assert not OutgoingTask.objects.filter(decision=row).exists()


def test_an_unknown_address_becomes_an_item_that_was_never_seen(agora: Agora) -> None:
    given = give(agora, locations=("https://Other.example/a/?x=1",))
    case = case_of(given)
    assert case.decision.item_id == "https://other.example/a?x=1"
    assert (case.decision.version, case.decision.supersedes_id) == (0, None)
    again = give(agora, locations=("https://other.example/a?x=1",), token="2")
    assert case_of(again).pk == case.pk


def test_an_address_longer_than_a_name_is_found_again(agora: Agora) -> None:
    long = "https://other.example/" + "y" * 900
    first = case_of(give(agora, locations=(long,)))
    assert case_of(give(agora, locations=(long,), token="2")).pk == first.pk


def test_an_intimate_notice_takes_an_open_case_to_the_victims_path(agora: Agora) -> None:
    agora.proposal()
    case = case_of(give(agora, category="intimate"))
    assert (case.kind, case.queue) == (CaseKind.INTIMATE, Queue.INTIMATE)
    assert Case.objects.count() == 1
