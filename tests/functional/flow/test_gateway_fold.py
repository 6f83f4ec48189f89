# SPDX-License-Identifier: Apache-2.0
"""Exchanges with the AI gateway, from its journal into the store, the archive and the log."""

from __future__ import annotations

import json
from dataclasses import replace

import msgspec
import pyarrow.parquet as pq
import pytest

from tests.support import made
from tests.support.books import COUNTED, HARMLESS, STOPPED, Gate
from tests.support.made import there
from vigie import keys as key_files
from vigie.core.actions import ActionKind, Outcome
from vigie.core.clock import FixedClock
from vigie.core.decision import COUNTED as COUNTED_NOTE
from vigie.core.decision import Action, Ground
from vigie.core.gateway import AlarmKind, Ending, Trips, week_of
from vigie.core.item import Surface
from vigie.flow.checkpoints import open_log, publish_checkpoint
from vigie.flow.proofs import prove_decision
from vigie.flow.statements import due_statements, issue_statement
from vigie.flow.webhooks import add_webhook
from vigie.gateway.prints import distance
from vigie.gateway.services import Judged
from vigie.jobs.folding import Folding
from vigie.journal import archive
from vigie.ledger.note import Signer
from vigie.ledger.policy import format_policy, parse_policy
from vigie.ledger.proof import verify_decision
from vigie.store.models import (
    Case,
    DecisionRecord,
    Effect,
    EffectState,
    GatewayAlarm,
    GatewayBrake,
    GatewayCase,
    GatewayDay,
    GatewayPrint,
    GatewayProfile,
    GatewayStop,
    GatewayUsage,
    ItemContent,
    OutgoingTask,
    Record,
    Statement,
    StatementState,
)


@pytest.fixture
def folding(house):
    given = Folding(house, pause=lambda _: None)
    yield given
    given.close()


def cells() -> dict[tuple[str, str], int]:
    rows = GatewayDay.objects.values_list("ending", "category", "exchanges")
    return {(ending, category): count for ending, category, count in rows}


def test_a_harmless_exchange_becomes_a_figure_a_print_and_two_archived_decisions(
    house, gate, folding
):
    told = gate.exchange()
    folding.drain()
    assert cells() == {("released", ""): 1}
    assert not DecisionRecord.objects.exists()
    assert not ItemContent.objects.exists()
    assert not OutgoingTask.objects.exists()
    kept = GatewayPrint.objects.get()
    assert kept.decision_id == told.answer_decision
    assert distance(kept.fingerprint % 2**64, told.fingerprint) == 0
    row = archive.find(house.settings.archive_dir, told.answer_decision)
    assert row is not None


def test_the_archive_says_what_happened_and_neither_who_nor_what(house, gate, folding):
    told = gate.exchange()
    folding.drain()
    [path] = [p for p in house.settings.archive_dir.rglob("*.parquet") if ".open" not in p.parts]
    rows = pq.read_table(path).to_pylist()
    prompt, answer = rows
    assert prompt["exchange"] is None
    said = json.loads(answer["exchange"])
    assert (said["model"], said["input_tokens"], said["ending"]) == ("marmot-1", 7, "released")
    held = repr(rows)
    assert "bread" not in held
    assert told.user not in held
    assert str(told.fingerprint) not in held


def test_what_was_stopped_is_applied_and_explained_at_once(house, gate, folding):
    add_webhook(house, "https://agora.example/hooks")
    told = gate.exchange(f"Say {STOPPED}.")
    folding.drain()
    stop = GatewayStop.objects.select_related("decision").get()
    assert (stop.stage, stop.category, stop.country) == ("prompt", "planted", "FR")
    assert stop.decision.decision_id == told.prompt_decision
    assert "user" not in stop.facts
    assert "fingerprint" not in stop.facts
    effect = Effect.objects.get()
    assert (effect.state, effect.applied_at) == (EffectState.APPLIED, house.now())
    assert [issue_statement(house, one) for one in due_statements(house.now())] == [True]
    statement = Statement.objects.get()
    assert (statement.state, statement.confirmed) == (StatementState.ISSUED, True)
    assert statement.content["en"]
    assert "problem" not in statement.content
    events = set(OutgoingTask.objects.values_list("event", flat=True))
    assert {"decision.made", "statement.issued"} <= events
    assert not Case.objects.exists()
    assert not ItemContent.objects.exists()
    assert not stop.decision.has_content


def test_what_is_counted_only_is_a_number_and_nothing_else(house, gate, folding):
    add_webhook(house, "https://agora.example/hooks")
    told = gate.exchange(f"Tell me of {COUNTED}.")
    folding.drain()
    assert cells() == {("refused", "planted"): 1}
    for model in (DecisionRecord, GatewayStop, GatewayCase, GatewayPrint, Statement, OutgoingTask):
        assert not model.objects.exists(), model
    row = there(archive.find(house.settings.archive_dir, told.prompt_decision))
    assert b'signals":[]' in row["decision"].replace(b" ", b"")


def test_repeated_stops_of_one_pseudonym_open_one_case(house, gate, folding, application):
    for _ in range(4):
        gate.exchange(STOPPED)
    folding.drain()
    assert not GatewayCase.objects.exists()
    gate.exchange(STOPPED)
    gate.exchange(STOPPED, user="somebody else")
    gate.exchange(STOPPED, user="")
    folding.drain()
    case = GatewayCase.objects.get()
    assert (case.stops, case.state, case.period) == (5, "open", week_of(house.now()))
    assert case.user == gate.books.user(application, "u-1")
    gate.exchange(STOPPED)
    folding.drain()
    case.refresh_from_db()
    assert case.stops == 6
    assert GatewayStop.objects.filter(case=case).count() == 6
    assert Record.objects.filter(kind="gateway.case_opened").count() == 1


def test_the_profile_says_how_many_stops_open_a_case(house, gate, folding):
    document = {"name": "default", "stops_per_case": 1}
    GatewayProfile.objects.create(name="default", document=document, changed_at=house.now())
    gate.exchange(STOPPED)
    folding.drain()
    assert GatewayCase.objects.get().stops == 1


def test_alarms_and_brakes_of_a_door_reach_the_store(house, gate, folding, application):
    conf = msgspec.structs.replace(gate.holder.snapshot.gateway, trips=Trips(least=3))
    gate.holder.snapshot = replace(gate.holder.snapshot, gateway=conf)
    gate.books.alarm(AlarmKind.UNREGISTERED, application, "d" * 64)
    gate.books.alarm(AlarmKind.UNREGISTERED, application, "d" * 64)
    gate.books.alarm(AlarmKind.UPSTREAM, "999999", "north")
    for _ in range(3):
        gate.exchange(STOPPED)
    gate.settle()
    folding.drain()
    alarms = {(one.kind, one.key_id, one.count) for one in GatewayAlarm.objects.all()}
    assert alarms == {("unregistered", int(application), 2), ("upstream", None, 1)}
    brake = GatewayBrake.objects.get()
    assert (brake.feature, brake.automatic, brake.countries) == ("chat", True, ["*"])


def test_exchanges_of_an_unknown_key_stop_nothing_from_being_folded(house, gate, folding):
    gate.run(gate.books.ended(gate.facts(application="999999", ending=Ending.BRAKED), []))
    gate.settle()
    gate.exchange(STOPPED, application="999999")
    door = made.Door(house.settings, house.pseudonym_key, house.now())
    door.propose()
    folding.drain()
    assert DecisionRecord.objects.count() == 2
    assert not GatewayStop.objects.exists()
    assert not GatewayUsage.objects.exists()
    door.close()


def test_refused_and_harmless_exchanges_are_proved_to_an_outsider(house, gate, folding):
    refused = gate.exchange(STOPPED).prompt_decision
    harmless = gate.exchange()
    counted = gate.exchange(COUNTED).prompt_decision
    folding.drain()
    log = open_log(house.settings)
    log.start(house.now())
    publish_checkpoint(log, house)
    seed = key_files.read(house.settings.keys_dir, key_files.KeyName.LOG)
    policy = parse_policy(format_policy([Signer(house.settings.log_origin, seed).vkey], {}))
    for name in (refused, harmless.prompt_decision, harmless.answer_decision, counted):
        proved = verify_decision(prove_decision(house, name), policy)
        assert (proved.segment is None) == (name == refused)


def scanned(folder, *words: bytes) -> list[str]:
    """Return the files of an installation that hold a word."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return [path.name for path in files if any(word in path.read_bytes() for word in words)]


def test_after_harmless_exchanges_no_file_of_the_installation_holds_a_word_of_them(
    house, gate, folding
):
    asked, said = "marzipanocturne", "quillowisp"
    for number in range(20):
        gate.exchange(f"{asked} {number}", f"{said} {number}", user="person@agora.example")
    gate.settle()
    words = (asked.encode(), said.encode(), b"person@agora.example")
    assert scanned(house.settings.data_dir, *words) == []
    folding.drain()
    assert scanned(house.settings.data_dir, *words) == []
    held = repr([list(model.objects.values()) for model in (GatewayDay, GatewayPrint, Record)])
    assert asked not in held
    # The control: a platform's item that waits for a person is there to be found.
    door = made.Door(house.settings, house.pseudonym_key, house.now())
    door.propose(door.item(text=asked))
    assert scanned(house.settings.data_dir, *words)
    door.close()


def test_of_something_stopped_no_file_holds_a_word_either_without_a_vault(house, gate, folding):
    gate.exchange(f"zephyrmantle {STOPPED}")
    gate.exchange(HARMLESS, f"zephyrmantle {STOPPED}")
    folding.drain()
    assert GatewayStop.objects.count() == 2
    assert scanned(house.settings.data_dir, b"zephyrmantle", STOPPED.encode()) == []


def test_a_door_that_dies_has_recorded_what_it_answered(house, folding, application):
    """Nothing is answered before its commit: the journal of a dead door is folded whole."""
    clock = FixedClock(house.now())
    gate = Gate(house.settings, house.pseudonym_key, clock, application=application)
    told = [gate.exchange() for _ in range(5)]
    half = gate.books.names(1)[0]
    asked = gate.judged(HARMLESS, Surface.AI_PROMPT, half, gate.books.user(application, "u"))
    gate.run(gate.books.prompt(asked))
    gate.close()
    folding.drain()
    names = {one.prompt_decision for one in told} | {one.answer_decision for one in told} | {half}
    for name in names:
        assert archive.find(house.settings.archive_dir, name) is not None


def test_items_of_a_platform_that_are_counted_only_reach_nobody_either(house, folding):
    """A platform may send its assistant's prompts as items: the same policy, no case, no text."""
    ground = Ground(terms="house rule 8")
    action = Action(
        action=ActionKind.DISABLED, territories=("FR",), by="proposal", state="proposed",
        grounds=(ground,), note=COUNTED_NOTE,
    )  # fmt: skip
    door = made.Door(house.settings, house.pseudonym_key, house.now(), sample_rate=1.0)
    door.decide(door.item(surface=Surface.AI_PROMPT), outcome=Outcome.REVIEW, actions=(action,))
    folding.drain()
    assert not Case.objects.exists()
    assert not ItemContent.objects.exists()
    assert not DecisionRecord.objects.exists()
    assert scanned(house.settings.data_dir, made.TEXT.encode()) == []
    door.close()


def test_what_a_dead_door_owed_is_said_once_and_what_a_living_one_owes_is_not(
    house, clock, application, folding
):
    gate = Gate(house.settings, house.pseudonym_key, clock, application=application)
    gate.exchange()
    gate.exchange(STOPPED)
    owed = gate.books.names(1)[0]
    gate.run(gate.books.prompt(gate.judged(HARMLESS, Surface.AI_PROMPT, owed, "vu_a")))
    folding.drain()
    assert not Record.objects.filter(kind="gateway.answers_lost").exists()
    gate.close()
    for _ in range(2):
        folding.drain()
        again = Folding(house, pause=lambda _: None)
        again.drain()
        again.close()
    said = json.loads(Record.objects.get(kind="gateway.answers_lost").canonical)
    assert (said["door"], said["count"], said["prompts"]) == (gate.journal.writer, 1, [owed])


def test_each_picture_that_was_stopped_is_explained_and_the_exchange_counts_once(
    house, gate, folding
):
    names = gate.books.names(3)
    given = [gate.judged(STOPPED, Surface.AI_OUTPUT, name, "vu_a") for name in names]
    told = gate.facts(ending=Ending.CUT, category="planted", user="vu_a", answer_decision=names[-1])
    gate.run(gate.books.ended(told, given))
    folding.drain()
    assert cells() == {("cut", "planted"): 1}
    assert GatewayStop.objects.count() == 1
    assert Effect.objects.filter(state=EffectState.APPLIED).count() == 3
    for one in due_statements(house.now()):
        assert issue_statement(house, one)
    assert Statement.objects.filter(state=StatementState.ISSUED, confirmed=True).count() == 3


def test_a_listed_picture_at_the_gateway_goes_the_way_of_listed_pictures(house, gate, folding):
    """By its hash alone; whose it was is the pseudonym that the application can resolve."""
    name = gate.books.names(1)[0]
    found = gate.judged(HARMLESS, Surface.AI_PROMPT, name, "vu_a")
    facts = made.listed()
    media = facts.pop("media")
    found = Judged(
        msgspec.structs.replace(found.subject, media=media),
        msgspec.structs.replace(found.decision, **facts),
    )
    told = gate.facts(ending=Ending.REFUSED, user="vu_a", prompt_decision=name)
    gate.run(gate.books.ended(told, [found]))
    folding.drain()
    case = Case.objects.get()
    assert (case.queue, case.facts["account"]) == ("child", "vu_a")
    assert case.facts["hashes"] == ["sha256:" + "ab" * 32]
    assert not ItemContent.objects.exists()
    assert GatewayStop.objects.get().excerpt == "not kept: counted only"
