# SPDX-License-Identifier: Apache-2.0
"""One human verb, whole: record, entry, effect, statement, case and message together."""

from __future__ import annotations

import threading
from functools import partial

import pytest
from django.db import connections

from tests.support.made import Door
from vigie.core.errors import ConflictError, InvalidInputError, RefusedError
from vigie.flow import decided
from vigie.flow.decide import PersonDecision, Verb, decide
from vigie.flow.statements import due_statements
from vigie.flow.webhooks import add_webhook
from vigie.law.restriction import Exemption
from vigie.store.models import (
    Case,
    DecidedMedia,
    DecisionRecord,
    DirtyPart,
    Effect,
    LogEntry,
    OutgoingTask,
    Statement,
    User,
)


@pytest.fixture
def moderator(house):
    return User.objects.create_user("c.vidal", None, role="moderator")


@pytest.fixture
def proposal(door, fold_all):
    door.propose()
    fold_all()
    return DecisionRecord.objects.get()


@pytest.fixture
def webhook(house, proposal):
    # After the fold: the only messages are those of a person's decision.
    return add_webhook(house, "https://agora.example/hooks")


def by(user, on, verb=Verb.WITHHOLD, **more):
    return PersonDecision(on=on, verb=verb, reason="The words deny it.", user=user, **more)


def test_withholding_commits_record_entry_effect_statement_case_and_message(
    house, webhook, proposal, moderator
):
    done = decide(house, by(moderator, proposal.number))
    assert (done.label, done.kind, done.outcome) == ("D-2", "person", "withhold")
    assert done.decision_id.startswith("s-2-")
    assert done.body["actions"][0]["territories"] == ["FR"]
    assert done.body["actions"][0]["by"] == "person"
    assert LogEntry.objects.get(index=done.log_index).record_id == done.record_id
    assert b"The words deny it" not in done.record.canonical
    assert b"c.vidal" not in done.record.canonical
    effect = Effect.objects.get()
    assert (effect.state, effect.territories) == ("waiting", ["FR"])
    assert Statement.objects.get().state == "prepared"
    assert Statement.objects.get().due_at is None
    case = Case.objects.get()
    assert (case.state, case.decided_by, case.outcome_decision_id) == ("decided", "c.vidal", 2)
    task = OutgoingTask.objects.get()
    assert task.not_before == house.now() + 30_000
    assert task.payload["data"]["decision_id"] == done.decision_id
    assert "text" not in str(task.payload)


def test_nothing_of_a_decision_stays_where_one_part_fails(
    house, webhook, proposal, moderator, monkeypatch
):
    def fails(*_args, **_kwargs):
        raise RuntimeError

    monkeypatch.setattr(decided, "_close", fails)
    with pytest.raises(RuntimeError):
        decide(house, by(moderator, proposal.number))
    assert DecisionRecord.objects.count() == LogEntry.objects.count() == 1
    assert not OutgoingTask.objects.exists()
    assert not Effect.objects.exists()
    assert Case.objects.get().state == "open"


def test_second_person_is_told_that_somebody_decided(house, proposal, moderator):
    other = User.objects.create_user("m.roth", None, role="moderator")
    decide(house, by(moderator, proposal.number))
    with pytest.raises(ConflictError) as refused:
        decide(house, by(other, proposal.number, Verb.LEAVE))
    assert refused.value.code == "decided_meanwhile"
    assert "c.vidal" in refused.value.message
    assert DecisionRecord.objects.count() == 2


def test_territory_outside_the_ground_is_refused(house, proposal, moderator):
    with pytest.raises(InvalidInputError) as refused:
        decide(house, by(moderator, proposal.number, territories=("FR", "DE")))
    assert refused.value.field == "territories"


def test_reason_is_asked_for(house, proposal, moderator):
    with pytest.raises(InvalidInputError):
        decide(
            house,
            PersonDecision(on=proposal.number, verb=Verb.LEAVE, reason=" ", user=moderator),
        )


def test_auditor_may_not_decide(house, proposal):
    auditor = User.objects.create_user("audit", None, role="auditor")
    with pytest.raises(RefusedError):
        decide(house, by(auditor, proposal.number))


def test_leaving_closes_the_case_and_tells_nobody(house, webhook, proposal, moderator):
    done = decide(house, by(moderator, proposal.number, Verb.LEAVE))
    assert done.outcome == "allow"
    assert Case.objects.get().state == "decided"
    assert not OutgoingTask.objects.exists()
    assert not Statement.objects.exists()


def test_undo_in_time_cancels_what_was_not_sent_and_opens_the_case(
    house, webhook, proposal, moderator
):
    first = decide(house, by(moderator, proposal.number))
    undone = decide(house, by(moderator, first.number, Verb.UNDO))
    assert undone.outcome == "review"
    assert OutgoingTask.objects.get().state == "cancelled"
    assert Effect.objects.get().state == "cancelled"
    assert Statement.objects.get().state == "cancelled"
    assert Case.objects.get().state == "open"
    again = decide(house, by(moderator, undone.number))
    assert again.outcome == "withhold"
    assert Case.objects.get().state == "decided"
    assert OutgoingTask.objects.filter(state="waiting").count() == 1


def test_undo_after_sending_sends_a_reversal(house, webhook, proposal, moderator, clock):
    first = decide(house, by(moderator, proposal.number))
    OutgoingTask.objects.update(state="delivered", attempts=1)
    Effect.objects.update(state="applied")
    Statement.objects.update(state="issued")
    clock.advance(60_000)
    undone = decide(house, by(moderator, first.number, Verb.UNDO))
    task = OutgoingTask.objects.get(decision=undone)
    assert task.event == "decision.superseded"
    assert task.payload["data"]["lifted"] == ["FR"]
    assert Effect.objects.get(decision=undone).action == "LIFTED"
    assert Statement.objects.get(decision=first).state == "lifted"


def test_lifting_restores_and_says_so(house, webhook, proposal, moderator):
    first = decide(house, by(moderator, proposal.number))
    OutgoingTask.objects.update(state="delivered", attempts=1)
    Effect.objects.update(state="applied")
    Statement.objects.update(state="issued")
    lifted = decide(house, by(moderator, first.number, Verb.LIFT))
    assert (lifted.outcome, lifted.territories) == ("allow", [])
    assert Statement.objects.get().state == "lifted"
    assert OutgoingTask.objects.get(decision=lifted).payload["data"]["lifted"] == ["FR"]
    with pytest.raises(ConflictError):
        decide(house, by(moderator, lifted.number, Verb.LIFT))


def test_machine_restriction_is_confirmed_or_lifted_by_a_person(house, door, fold_all, moderator):
    door.restrict()
    fold_all()
    machine = DecisionRecord.objects.get()
    confirmed = decide(house, by(moderator, machine.number, Verb.CONFIRM))
    assert (confirmed.outcome, confirmed.body["actions"][0]["by"]) == ("limit", "person")
    assert Effect.objects.count() == 1
    assert Statement.objects.get().state == "prepared"
    lifted = decide(house, by(moderator, confirmed.number, Verb.LIFT))
    assert lifted.outcome == "allow"
    assert Statement.objects.get().state == "lifted"


def test_imminent_danger_does_not_wait_for_an_undo(house, webhook, proposal, moderator):
    decide(house, by(moderator, proposal.number, imminent=True))
    assert OutgoingTask.objects.get().not_before == house.now()


@pytest.mark.parametrize("exemption", list(Exemption))
def test_under_an_exception_of_article_17_nobody_is_told_and_the_record_says_which(
    house, webhook, proposal, moderator, door, fold_all, clock, exemption
):
    done = decide(house, by(moderator, proposal.number, exemption=exemption))
    statement = Statement.objects.get()
    assert (statement.state, statement.exception) == ("exempt", exemption.value)
    assert (statement.token_digest, statement.due_at) == ("", None)
    assert statement.database_records == []
    assert "en" not in statement.content
    assert f'"exemption":"{exemption.value}"'.encode() in done.record.canonical
    door.confirm(done.decision_id)
    fold_all()
    clock.advance(3_600_000)
    assert due_statements(house.now()) == []
    assert not OutgoingTask.objects.filter(event="statement.issued").exists()


def test_without_an_exception_the_record_names_none(house, proposal, moderator):
    done = decide(house, by(moderator, proposal.number))
    assert Statement.objects.get().exception == ""
    assert b"exemption" not in done.record.canonical


def test_an_exception_is_named_only_where_something_is_restricted(house, proposal, moderator):
    asked = by(moderator, proposal.number, Verb.LEAVE, exemption=Exemption.NO_CONTACT)
    with pytest.raises(InvalidInputError) as refused:
        decide(house, asked)
    assert (refused.value.code, refused.value.field) == ("no_statement_owed", "exemption")


def test_decided_media_are_marked_for_the_next_snapshot_and_released(
    house, door, fold_all, moderator
):
    from vigie.core.item import MediaFacts

    door.propose(media=(MediaFacts(status="ok", sha256="cd" * 32),))
    fold_all()
    first = decide(house, by(moderator, DecisionRecord.objects.get().number))
    media = DecidedMedia.objects.get()
    assert (media.sha256, media.active, media.territories) == ("cd" * 32, True, ["FR"])
    assert DirtyPart.objects.filter(part="decided").exists()
    decide(house, by(moderator, first.number, Verb.UNDO))
    assert not DecidedMedia.objects.get().active


@pytest.mark.django_db(transaction=True)
def test_of_two_people_at_once_exactly_one_wins(settings, clock, transactional_db):
    from vigie.flow.house import build

    house = build(settings, clock)
    door = Door(settings, house.pseudonym_key, house.now())
    door.propose()
    from vigie.flow.fold.effects import fold
    from vigie.journal.reader import Reader

    reader = Reader(settings.journal_dir, door.writer)
    fold(reader, house, pause=lambda _: None)
    reader.close()
    door.close()
    people = [User.objects.create_user(f"p{n}", None, role="moderator") for n in range(4)]
    number = DecisionRecord.objects.get().number
    start = threading.Barrier(len(people))
    came: list[object] = []

    def press(user):
        start.wait()
        try:
            came.append(decide(house, by(user, number)))
        except ConflictError as refused:
            came.append(refused)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=partial(press, user)) for user in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(isinstance(one, DecisionRecord) for one in came) == 1
    assert sum(isinstance(one, ConflictError) for one in came) == 3
    assert list(LogEntry.objects.order_by("index").values_list("index", flat=True)) == [0, 1]
