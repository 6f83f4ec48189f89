# SPDX-License-Identifier: Apache-2.0
"""The fold: journals become records, exactly once."""

from __future__ import annotations

import pytest

from tests.support import made
from tests.support.made import Door
from vigie.core.item import Author
from vigie.flow import records
from vigie.flow.fold import effects, rows, write
from vigie.flow.transaction import writing
from vigie.store.models import (
    Case,
    DecisionRecord,
    Effect,
    FoldConsumer,
    FoldPosition,
    ItemContent,
    LogEntry,
    PolicyRecord,
    PolicyVersion,
    Record,
    RecordKey,
    Statement,
)


def test_harmless_decision_leaves_no_record(door, fold_all):
    door.decide()
    assert fold_all().recorded == 0
    assert not DecisionRecord.objects.exists()
    assert not ItemContent.objects.exists()
    assert not LogEntry.objects.exists()


def test_proposal_becomes_record_entry_content_and_open_case(door, fold_all, house):
    sealed = door.propose()
    assert fold_all().recorded == 1
    decision = DecisionRecord.objects.get()
    assert decision.label == "D-1"
    assert decision.decision_id == sealed.decision_id
    assert decision.body["outcome"] == "review"
    assert decision.offences == [made.OFFENCE]
    record = Record.objects.get()
    assert record.canonical == sealed.record
    entry = LogEntry.objects.get()
    assert (entry.index, bytes(entry.entry)) == (0, sealed.entry)
    assert entry.promised_until == house.now() + house.settings.receipt_term * 1000
    assert bytes(RecordKey.objects.get().key)
    assert ItemContent.objects.get().text == made.TEXT
    case = Case.objects.get()
    assert (case.state, case.policy, case.territories) == ("open", "denial", ["FR"])
    assert case.ground == {"offence": made.OFFENCE}


def test_effect_prepares_a_statement_in_three_languages(door, fold_all, house):
    door.restrict()
    fold_all()
    effect = Effect.objects.get()
    assert (effect.state, effect.sent_at) == ("sent", house.now())
    statement = Statement.objects.get()
    assert statement.state == "prepared"
    assert statement.due_at == house.now() + 300_000
    assert {"en", "fr", "de"} <= set(statement.content)
    assert statement.database_records[0]["decision_visibility"] == [
        "DECISION_VISIBILITY_CONTENT_DEMOTED"
    ]


def test_same_rows_are_never_folded_twice(door, fold_all):
    for _ in range(3):
        door.propose()
    assert fold_all().recorded == 3
    assert fold_all().rows == 0
    assert DecisionRecord.objects.count() == LogEntry.objects.count() == 3


def test_position_lost_with_its_transaction_folds_nothing_twice(door, fold_all, house, monkeypatch):
    door.propose()

    def fails(*_args):
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(write, "move", fails)
        with pytest.raises(RuntimeError):
            fold_all()
    assert not FoldPosition.objects.exists()
    assert not DecisionRecord.objects.exists()
    assert fold_all().recorded == 1
    assert LogEntry.objects.count() == 1


def _position_first(batch, house):
    """What the fold must not be: the position is committed, then the records."""
    drafts = write.make_ready(batch, house)
    with writing():
        write.move(batch.writer, FoldConsumer.EFFECT, batch.until, house.now())
    with writing():
        recorded = write.write(batch, drafts, house, house.now())
    return effects.Folded(batch.rows, recorded, batch.oldest)


@pytest.mark.parametrize("as_built", [True, False], ids=["as built", "control"])
def test_a_fold_cut_anywhere_loses_nothing(door, fold_all, monkeypatch, as_built):
    """The control: with the position committed before the records, each cut loses one."""
    if not as_built:
        monkeypatch.setattr(effects, "_commit", _position_first)
    steps = [(records, "append"), (write._Tables, "flush"), (write, "_hour_keys")]
    cuts = [steps[n % len(steps)] for n in range(21)]
    made_here = []
    for place, name in cuts:
        made_here.append(door.propose().decision_id)
        with monkeypatch.context() as patch:
            patch.setattr(place, name, _cut(getattr(place, name)))
            with pytest.raises(InterruptedError):
                fold_all()
        fold_all()
    kept = set(DecisionRecord.objects.values_list("decision_id", flat=True))
    lost = [name for name in made_here if name not in kept]
    assert len(lost) == (0 if as_built else len(cuts))
    assert LogEntry.objects.count() == len(kept)


def _cut(step):
    """Let a step do its work, then end as a process that is killed would."""

    def run(*args):
        step(*args)
        raise InterruptedError

    return run


def test_position_outside_the_transaction_would_fold_twice_but_for_unique_ids(door, fold_all):
    """The control: with a position that is lost, ids alone keep records single."""
    door.propose()
    fold_all()
    FoldPosition.objects.all().delete()
    assert fold_all().rows > 0
    assert DecisionRecord.objects.count() == LogEntry.objects.count() == 1


def test_second_decision_on_a_version_is_a_duplicate_without_effect(door, fold_all, house):
    item = door.item(id="p-7")
    other = Door(house.settings, house.pseudonym_key, house.now())
    door.propose(item)
    fold_all()
    other.propose(item)
    fold_all()
    other.close()
    first, second = DecisionRecord.objects.order_by("number")
    assert second.duplicate_of_id == first.number
    assert Case.objects.count() == 1
    assert LogEntry.objects.count() == 2


def test_one_idempotency_key_answered_by_two_processes_acts_once(door, fold_all, house):
    other = Door(house.settings, house.pseudonym_key, house.now())
    door.restrict(door.item(id="p-1"), idempotency=b"k" * 16)
    door.restrict(door.item(id="p-2"), idempotency=b"k" * 16)
    other.restrict(door.item(id="p-3"), idempotency=b"k" * 16)
    fold_all()
    other.close()
    kept = DecisionRecord.objects.filter(duplicate_of__isnull=True)
    items = sorted(kept.values_list("item_id", flat=True))
    assert items in (["p-1", "p-2"], ["p-3"])
    assert Effect.objects.count() == len(items)
    assert DecisionRecord.objects.count() == 3


def test_listed_picture_leaves_a_bare_case_and_no_content(door, fold_all):
    door.restrict(**made.listed())
    fold_all()
    assert not ItemContent.objects.exists()
    case = Case.objects.get()
    assert case.queue == "child"
    assert set(case.facts) == {"hashes", "lists", "at", "location", "account"}
    assert case.facts["hashes"] == ["sha256:" + "ab" * 32]


def test_sample_is_kept_as_record_without_case(house, fold_all):
    door = Door(house.settings, house.pseudonym_key, house.now(), sample_rate=1.0)
    door.decide()
    fold_all()
    door.close()
    assert DecisionRecord.objects.get().sample
    assert not Case.objects.exists()


def test_confirmation_makes_sent_applied_place_by_place(door, fold_all, house):
    sealed = door.restrict()
    fold_all()
    door.confirm(sealed.decision_id, "FR")
    fold_all()
    effect = Effect.objects.get()
    assert (effect.state, set(effect.places)) == ("partly", {"FR"})
    door.confirm(sealed.decision_id)
    fold_all()
    effect = Effect.objects.get()
    assert (effect.state, effect.applied_at) == ("applied", house.now())
    assert Statement.objects.get().due_at == house.now()


def test_more_than_one_transaction_is_taken_in_order(door, fold_all):
    for number in range(450):
        (door.propose if number % 2 else door.decide)()
    assert fold_all().recorded == 225
    indexes = DecisionRecord.objects.order_by("number").values_list("log_index", flat=True)
    assert list(indexes) == list(range(225))


def test_row_that_the_database_refuses_stops_no_others_and_keeps_its_entry(
    door, fold_all, monkeypatch
):
    real = rows.decision_row

    def unfit(item, record_id):
        row = real(item, record_id)
        return (None, *row[1:]) if item.row.item_id == "p-bad" else row

    monkeypatch.setattr(rows, "decision_row", unfit)
    good = [door.propose(), door.propose()]
    bad = door.propose(door.item(id="p-bad"))
    good.append(door.propose())
    fold_all()
    known = set(DecisionRecord.objects.values_list("decision_id", flat=True))
    assert known == {one.decision_id for one in good}
    entries = {bytes(entry) for entry in LogEntry.objects.values_list("entry", flat=True)}
    assert entries >= {one.entry for one in [*good, bad]}
    assert Record.objects.filter(kind="record.refused").count() == 1
    assert fold_all().rows == 0


def test_statement_names_the_clause_in_the_language_of_its_reader(door, fold_all):
    policy = PolicyRecord.objects.create(policy_id="civility")
    title = {"en": "Be civil", "fr": "Restez courtois", "de": "Bleiben Sie höflich"}
    policy.current = PolicyVersion.objects.create(
        policy=policy,
        version=1,
        document={"terms": {"clause": "civility", "title": title}},
        source="",
        digest="",
        state="live",
        published_by="admin",
        published_at=0,
    )
    policy.save()
    door.restrict()
    fold_all()
    content = Statement.objects.get().content
    for language, words in title.items():
        assert words in str(content[language]["why"])
    assert title["de"] not in str(content["en"])


def test_longest_names_that_a_door_takes_are_recorded(door, fold_all):
    name = "n" * 512
    door.propose(door.item(id=name, service=name, author=Author(id=name)))
    assert fold_all().recorded == 1
    assert ItemContent.objects.get().author["id"] == name
