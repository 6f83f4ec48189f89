# SPDX-License-Identifier: Apache-2.0
"""What the gateway's books put into the journal: numbers and commitments, never a text."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from tests.support.books import COUNTED, HARMLESS, STOPPED, Gate, guard
from tests.support.door import live, policy
from tests.support.screening import Says, snapshot
from vigie.core.clock import FixedClock
from vigie.core.decision import Decision
from vigie.core.errors import VigieError
from vigie.core.gateway import AlarmKind, Ending, ExchangeFacts, Feature, Trips
from vigie.core.item import MediaFacts, Surface
from vigie.journal.reader import Reader
from vigie.journal.rows import JournalDecision, Kind, decode
from vigie.settings import Settings

NOW = 1_795_000_000_000
KEY = b"p" * 32


@pytest.fixture
def settings(tmp_path):
    return Settings(data_dir=tmp_path, countries=("AT", "DE", "FR"))


@pytest.fixture
def gate(settings):
    made = Gate(settings, KEY, FixedClock(NOW))
    yield made
    made.close()


def rows(gate: Gate, kind: Kind = Kind.DECISION) -> list:
    reader = Reader(gate.journal.folder, gate.journal.writer)
    try:
        return [decode(row) for row in reader.read(0, 1000) if row.kind == kind]
    finally:
        reader.close()


def facts_of(row: JournalDecision) -> ExchangeFacts:
    return msgspec.json.decode(row.exchange, type=ExchangeFacts)


def test_a_harmless_exchange_leaves_two_decisions_and_no_text(gate):
    told = gate.exchange(HARMLESS, "Two hours at least.")
    prompt, answer = rows(gate)
    assert [prompt.decision_id, answer.decision_id] == [told.prompt_decision, told.answer_decision]
    assert not prompt.exchange
    assert facts_of(answer).ending is Ending.RELEASED
    # Sampling is on for everything here, and the gateway is sampled never.
    assert not prompt.keep
    assert not answer.keep
    assert rows(gate, Kind.TEXT) == []
    held = b"".join(row.decision + row.record + row.fields + row.exchange for row in rows(gate))
    assert b"bread" not in held
    assert b"hours" not in held


def test_names_are_given_out_before_anything_is_judged(gate):
    first, second = gate.books.names(2)
    assert first != second
    assert first.split("-")[0] == gate.journal.writer
    told = gate.exchange()
    assert len({first, second, told.prompt_decision, told.answer_decision}) == 4


def test_what_was_stopped_has_a_record_and_no_text_row(gate):
    told = gate.exchange(f"Say {STOPPED} to me.")
    [row] = rows(gate)
    assert told.ending is Ending.REFUSED
    assert row.keep
    assert row.effect
    assert facts_of(row).excerpt == "not kept: no vault"
    assert rows(gate, Kind.TEXT) == []
    assert STOPPED.encode() not in row.decision + row.fields + row.exchange


def test_lengths_and_times_stand_behind_the_commitment_and_no_person(gate):
    told = gate.exchange()
    answer = rows(gate)[-1]
    fields = msgspec.json.decode(answer.fields)
    assert fields["exchange"]["prompt_chars"] == len(HARMLESS)
    assert "user" not in fields["exchange"]
    assert "fingerprint" not in fields["exchange"]
    assert told.user.startswith("vu_")
    assert told.user not in answer.record.decode()


def test_what_is_counted_only_leaves_nothing_of_what_was_said(gate):
    gate.exchange(f"Tell me of {COUNTED}.")
    [row] = rows(gate)
    assert not row.keep
    assert row.author == ""
    assert facts_of(row).fingerprint == 0
    assert facts_of(row).excerpt == "not kept: counted only"
    made = msgspec.json.decode(row.decision, type=Decision)
    assert made.signals == ()
    assert all(verdict.reasons == () for verdict in made.verdicts)
    assert "text" not in msgspec.json.decode(row.fields)["item"]


def test_counted_only_wins_over_every_other_ground(gate):
    gate.exchange(f"{STOPPED} and {COUNTED}")
    [row] = rows(gate)
    made = msgspec.json.decode(row.decision, type=Decision)
    assert made.counted_only
    assert [ground.terms for action in made.actions for ground in action.grounds] == [
        "house rule 8"
    ]
    assert not row.keep


def test_what_was_found_and_released_all_the_same_says_that_nothing_was_done(gate):
    gate.exchange(HARMLESS, f"{STOPPED}.", ending=Ending.LEFT)
    row = rows(gate)[-1]
    made = msgspec.json.decode(row.decision, type=Decision)
    assert made.actions == ()
    assert made.outcome == "allow"
    assert [verdict.policy for verdict in made.verdicts] == ["words"]
    assert not row.keep


def test_an_exchange_that_was_never_judged_is_counted(gate):
    gate.run(gate.books.ended(gate.facts(ending=Ending.BRAKED), []))
    assert rows(gate) == []
    [row] = rows(gate, Kind.EXCHANGE)
    assert msgspec.json.decode(row.exchange, type=ExchangeFacts).ending is Ending.BRAKED


def test_nothing_is_settled_twice_and_a_failure_settles_it_later(gate, monkeypatch):
    gate.exchange()
    gate.exchange()
    gate.books.alarm(AlarmKind.UPSTREAM, "1", "north")
    gate.books.alarm(AlarmKind.UPSTREAM, "1", "north")

    def full(_rows: object) -> asyncio.Future[None]:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        future.set_exception(VigieError("full"))
        return future

    with monkeypatch.context() as patch:
        patch.setattr(gate.books._commits, "commit", full)
        gate.settle()
    assert rows(gate, Kind.USAGE) == []
    gate.settle()
    gate.settle()
    [used] = rows(gate, Kind.USAGE)
    assert (used.key, used.requests, used.input_tokens, used.output_tokens) == ("1", 2, 14, 22)
    [alarm] = rows(gate, Kind.ALARM)
    assert (alarm.kind, alarm.subject, alarm.count) == ("upstream", "north", 2)


def test_opened_failed_and_unregistered_exchanges_alarm(gate):
    gate.exchange(opened=("answer",), failures=1, change="d" * 64)
    gate.settle()
    kinds = {(one.kind, one.subject) for one in rows(gate, Kind.ALARM)}
    assert kinds == {("opened", "answer"), ("detector", ""), ("unregistered", "d" * 64)}


def test_many_unregistered_digests_of_one_key_become_one_alarm(gate):
    for number in range(60):
        gate.exchange(change=f"{number:064x}")
    gate.settle()
    assert len(rows(gate, Kind.ALARM)) <= 21


def test_a_brake_that_a_door_pulls_holds_here_at_once_and_is_journaled(settings):
    under = guard()
    object.__setattr__(
        under, "gateway", msgspec.structs.replace(under.gateway, trips=Trips(least=4))
    )
    gate = Gate(settings, KEY, FixedClock(NOW), under)
    try:
        for _ in range(4):
            gate.exchange(STOPPED)
        gate.run(asyncio.sleep(0.02))
        assert gate.books.brake(Feature.CHAT, "FR") is not None
        assert gate.books.brake(Feature.IMAGE_EDIT, "FR") is None
        [row] = rows(gate, Kind.BRAKE)
        assert (row.feature, row.reason) == ("chat", "stops")
    finally:
        gate.close()


@pytest.mark.parametrize(("late", "pulled"), [(0, True), (1, False)])
def test_detectors_that_fail_pull_the_brake_and_an_overload_does_not(settings, late, pulled):
    under = guard()
    trips = Trips(stops_per_hundred=0, failures=4)
    object.__setattr__(under, "gateway", msgspec.structs.replace(under.gateway, trips=trips))
    gate = Gate(settings, KEY, FixedClock(NOW), under)
    try:
        for _ in range(5):
            gate.exchange(failures=1, late=late)
        gate.run(asyncio.sleep(0.02))
        assert (gate.books.brake(Feature.CHAT, "FR") is not None) is pulled
    finally:
        gate.close()


def test_a_user_that_sends_variants_is_slowed_and_alarms_once(gate):
    words = "please write a long poem about the river near our town in spring number {}"
    prints = [gate.books.fingerprint("1", words.format(number)) for number in range(12)]
    slowed = [gate.books.slow(gate.facts(user="vu_a", fingerprint=one)) for one in prints]
    assert slowed[:6] == [0.0] * 6
    assert slowed[-1] > 0
    assert gate.books.slow(gate.facts(user="vu_b", fingerprint=prints[-1])) == 0.0
    gate.settle()
    assert [one.kind for one in rows(gate, Kind.ALARM)] == ["probing"]


def test_an_action_that_stops_nothing_is_no_action_of_the_gateway(settings):
    mild = live(policy("mild", action="limit"), policy("note", action="label"))
    says = Says("says", ["planted"], lambda _item: [])
    gate = Gate(settings, KEY, FixedClock(NOW), snapshot(mild, says))
    try:
        from tests.support.books import planted

        says._say = planted
        found = gate.judged(STOPPED, Surface.AI_PROMPT, gate.books.names(1)[0], "vu_a")
        assert found.decision.actions == ()
        assert {one.policy for one in found.decision.verdicts} == {"mild", "note"}
    finally:
        gate.close()


def test_of_several_pictures_of_one_answer_each_can_be_stopped(gate):
    names = gate.books.names(4)
    asked = gate.judged(HARMLESS, Surface.AI_PROMPT, names[0], "vu_a")
    texts = (STOPPED, "harmless", STOPPED)
    given = [
        gate.judged(text, Surface.AI_OUTPUT, name, "vu_a")
        for text, name in zip(texts, names[1:], strict=True)
    ]
    gate.run(gate.books.ended(gate.facts(ending=Ending.CUT), [asked, *given]))
    assert [row.keep for row in rows(gate)] == [False, True, False, True]
    assert [bool(row.exchange) for row in rows(gate)] == [False, False, False, True]


def test_a_prompt_that_was_only_observed_is_released_whatever_ends_its_answer(gate):
    names = gate.books.names(2)
    asked = gate.judged(STOPPED, Surface.AI_PROMPT, names[0], "vu_a")
    given = gate.judged(COUNTED, Surface.AI_OUTPUT, names[1], "vu_a")
    gate.run(gate.books.ended(gate.facts(ending=Ending.CUT), [asked, given]))
    prompt, answer = (msgspec.json.decode(row.decision, type=Decision) for row in rows(gate))
    assert prompt.actions == ()
    assert answer.counted_only


@pytest.mark.parametrize(("text", "kept"), [(HARMLESS, False), (STOPPED, True)])
def test_hashes_of_a_picture_are_kept_only_of_what_was_stopped(gate, text, kept):
    name = gate.books.names(1)[0]
    found = gate.judged(text, Surface.AI_PROMPT, name, "vu_a")
    media = (MediaFacts(status="ok", sha256="ab" * 32, pdq="cd" * 32),)
    found = found._replace(subject=msgspec.structs.replace(found.subject, media=media))
    ending = Ending.REFUSED if kept else Ending.RELEASED
    gate.run(gate.books.ended(gate.facts(ending=ending), [found]))
    [row] = rows(gate)
    assert bool(row.media) is kept
