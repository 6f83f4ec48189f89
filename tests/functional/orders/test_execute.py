# SPDX-License-Identifier: Apache-2.0
"""Removal orders are carried out by the one decision path, in time, once, within borders."""

from __future__ import annotations

import threading

import pytest
from django.db import connections

from tests.support.orders import UNKEPT, Desk, refreshed
from tests.support.people import Agora
from vigie.core.clock import HOUR_MS, MINUTE_MS
from vigie.core.errors import ConflictError, InvalidInputError, RefusedError, VigieError
from vigie.core.territory import EU
from vigie.flow.decide import PersonDecision, Verb, decide
from vigie.flow.orders import effects, execute, hidden, silence
from vigie.flow.orders.execute import Carrying
from vigie.flow.statements import due_statements, issue_statement
from vigie.store.models import (
    ClockState,
    DecisionRecord,
    DutyClock,
    Effect,
    EffectState,
    OutgoingTask,
    Record,
    Statement,
    StatementState,
    Strike,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(agora: Agora) -> Desk:
    return Desk(agora)


def of_order() -> list[DecisionRecord]:
    return list(DecisionRecord.objects.filter(kind="order").exclude(outcome="review"))


def test_a_removal_order_is_met_within_the_hour(desk: Desk) -> None:
    order = desk.order()
    desk.agora.clock.advance(40 * MINUTE_MS)
    done = desk.execute(order)
    assert (done.state, done.outcome) == ("executed", "followed")
    assert [row.territories for row in of_order()] == [sorted(EU)] * 2
    assert all(row.body["actions"][-1]["by"] == "rule c" for row in of_order())
    desk.agora.clock.advance(5 * MINUTE_MS)
    desk.confirm(order)
    assert effects.run(desk.agora.house) == 1
    row = refreshed(order)
    assert (row.state, row.effect_at) == ("closed", desk.agora.clock.now_ms())
    clock = DutyClock.objects.get(duty="tco_removal")
    assert (clock.state, clock.met_at) == (ClockState.MET, row.effect_at)
    assert DutyClock.objects.filter(duty="tco_preservation", state="running").exists()


def test_it_is_late_where_the_platform_confirmed_late(desk: Desk) -> None:
    order = desk.order()
    desk.execute(order)
    desk.agora.clock.advance(HOUR_MS + 1)
    desk.confirm(order)
    effects.run(desk.agora.house)
    assert DutyClock.objects.get(duty="tco_removal").state == ClockState.DONE_LATE


def test_the_platform_is_told_at_once(desk: Desk) -> None:
    desk.execute(desk.order())
    tasks = OutgoingTask.objects.filter(event__startswith="decision.", decision__kind="order")
    assert {one.not_before for one in tasks} == {desk.agora.clock.now_ms()}
    assert {one.payload["data"]["order"] for one in tasks} == {"O-1"}


def test_carrying_it_out_twice_acts_once(desk: Desk) -> None:
    order = desk.order()
    desk.execute(order)
    with pytest.raises(ConflictError) as refused:
        desk.execute(order)
    assert refused.value.code == "executed"
    assert len(of_order()) == 2


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_carries_it_out(desk: Desk) -> None:
    order = desk.order()
    found: list[str] = []
    ready = threading.Barrier(2)

    def carry_out() -> None:
        try:
            ready.wait()
            desk.execute(order)
            found.append("done")
        except VigieError as problem:
            found.append(problem.code)
        finally:
            connections.close_all()

    both = [threading.Thread(target=carry_out) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert sorted(found) == ["done", "executed"]
    assert len(of_order()) == 2


def test_nothing_is_done_for_a_sender_who_is_not_proven(desk: Desk) -> None:
    with pytest.raises(RefusedError) as refused:
        desk.execute(desk.order(proven=False))
    assert refused.value.code == "unproven"
    assert of_order() == []


def test_a_second_person_must_agree_and_be_another(desk: Desk) -> None:
    order = desk.order()
    for second, code in ((None, "second_person"), (desk.first, "own_request")):
        with pytest.raises(RefusedError) as refused:
            execute.execute(desk.agora.house, desk.first, order, second, Carrying())
        assert refused.value.code == code
    moderator = desk.agora.person("m.od", role="moderator")
    with pytest.raises(RefusedError):
        execute.execute(desk.agora.house, desk.first, order, moderator, Carrying())
    assert of_order() == []


def test_what_must_be_preserved_and_cannot_be_stops_it_unless_somebody_says_why(
    desk: Desk,
) -> None:
    order = desk.order()
    with pytest.raises(RefusedError) as refused:
        desk.execute(order, unpreserved="")
    assert refused.value.code == "not_preserved"
    assert of_order() == []
    desk.execute(order)
    said = bytes(Record.objects.get(kind="order.executed").content).decode()
    assert '"preserved":false' in said
    assert UNKEPT not in said


def test_an_order_of_article_9_acts_where_it_says_and_nowhere_else(desk: Desk) -> None:
    order = desk.order("dsa_art9_order", territorial_scope=["FR", "BE"])
    desk.execute(order)
    assert [row.territories for row in of_order()] == [["BE", "FR"]] * 2


def test_an_order_that_names_no_country_acts_in_the_issuing_state(desk: Desk) -> None:
    order = desk.order("fr_lcen_6_1_request", offence="terrorism")
    desk.execute(order)
    assert [row.territories for row in of_order()] == [["FR"]] * 2


def test_nobody_stretches_an_order_beyond_its_territory(desk: Desk) -> None:
    order = desk.order("dsa_art9_order", territorial_scope=["FR"])
    with pytest.raises(InvalidInputError) as refused:
        desk.execute(order, territories=("FR", "DE"), narrowed="Both.")
    assert refused.value.code == "outside_order"


def test_followed_in_part_says_so_to_the_authority(desk: Desk) -> None:
    order = desk.order("dsa_art9_order", territorial_scope=["FR", "BE"])
    done = desk.execute(order, territories=("FR",), narrowed="The provision is French.")
    assert done.outcome == "narrowed"
    assert [row.territories for row in of_order()] == [["FR"]] * 2
    letter = done.letters.get()
    assert letter.kind == "narrowing"
    assert "BE" in letter.data["body"]
    with pytest.raises(InvalidInputError):
        desk.execute(desk.order("dsa_art9_order", reference="X-2"), left_out=frozenset({0}))


def test_an_order_cannot_be_undone_nor_lifted_by_another_verb(desk: Desk) -> None:
    order = desk.order()
    desk.execute(order)
    row = of_order()[0]
    senior = desk.agora.person()
    for verb in (Verb.UNDO, Verb.LIFT, Verb.CONFIRM):
        with pytest.raises(ConflictError):
            decide(
                desk.agora.house,
                PersonDecision(on=row.number, verb=verb, reason="No.", user=senior),
            )


def test_withdrawing_takes_it_back_and_reports_when_that_is_confirmed(desk: Desk) -> None:
    order = desk.order()
    desk.execute(order)
    desk.confirm(order)
    effects.run(desk.agora.house)
    execute.withdraw(desk.agora.house, desk.first, order, "Annulled by the court.")
    lifted = Effect.objects.filter(action="LIFTED")
    assert [one.territories for one in lifted] == [sorted(EU)] * 2
    assert refreshed(order).state == "executed"
    assert effects.run(desk.agora.house) == 0
    desk.confirm(order)
    assert effects.run(desk.agora.house) == 1
    row = refreshed(order)
    assert (row.state, row.outcome) == ("closed", "withdrawn")
    assert row.letters.order_by("-pk")[0].kind == "reinstated"


def test_what_stands_on_another_ground_stays_when_an_order_is_taken_back(desk: Desk) -> None:
    number = desk.agora.proposal("p-301", version=2)
    moderator = desk.agora.person()
    done = decide(
        desk.agora.house,
        PersonDecision(
            on=number,
            verb=Verb.WITHHOLD,
            reason="It denies.",
            user=moderator,
            confirmed=confirmed(desk, number),
        ),
    )
    before = done.body["actions"]
    order = desk.order()
    desk.execute(order)
    assert Strike.objects.count() <= 1
    execute.withdraw(desk.agora.house, desk.first, order, "Annulled.")
    last = DecisionRecord.objects.filter(item_id="p-301").order_by("-number")[0]
    assert [one for one in last.body["actions"] if one["by"] == "person"] == before


def confirmed(desk: Desk, number: int) -> tuple[str, ...]:
    """Return every element of the grounds that wait on a decision."""
    from vigie.law.elements import elements_of

    row = DecisionRecord.objects.get(number=number)
    names = [g["offence"] for a in row.body["actions"] for g in a["grounds"]]
    return tuple(
        one.key for name in names for one in elements_of(desk.agora.house.law.entries[name])
    )


def test_the_person_concerned_reads_of_the_order_and_nothing_goes_to_the_database(
    desk: Desk,
) -> None:
    order = desk.order("dsa_art9_order", territorial_scope=["FR"], reasons="It breaks the act.")
    desk.execute(order)
    desk.confirm(order)
    for one in due_statements(desk.agora.clock.now_ms()):
        assert issue_statement(desk.agora.house, one)
    page = Statement.objects.filter(decision__kind="order").first()
    assert page is not None
    assert (page.state, page.exception) == (StatementState.ISSUED, "article_9_order")
    assert page.database_records == []
    english = page.content["en"]
    assert "Article 9(5)" in english["article"]
    assert "It breaks the act." in str(english["why"])
    assert [one["key"] for one in english["redress"]] == ["named", "court", "mistaken"]
    assert not Strike.objects.exists()


def test_under_silence_nobody_is_told_until_it_ends(desk: Desk) -> None:
    order = desk.order(nondisclosure=True)
    assert order.silent
    desk.execute(order)
    desk.confirm(order)
    effects.run(desk.agora.house)
    desk.agora.clock.advance(HOUR_MS)
    assert due_statements(desk.agora.clock.now_ms()) == []
    assert all(hidden.is_hidden(row.number) for row in of_order())
    assert all(
        one.payload["data"]["silent"]
        for one in OutgoingTask.objects.filter(
            event__startswith="decision.", decision__kind="order"
        )
    )
    silence.end(desk.agora.house, refreshed(order), reason="It ended.")
    assert len(due_statements(desk.agora.clock.now_ms())) == 2


def test_an_address_that_nobody_knows_is_passed_on_and_never_called_done(desk: Desk) -> None:
    addresses = ["https://agora.example/p/p-300", "https://agora.example/p/never"]
    order = desk.order("dsa_art9_order", content_locations=addresses, territorial_scope=["FR"])
    desk.execute(order)
    unknown = order.locations.get(position=1)
    assert unknown.decision is not None
    known = order.locations.get(position=0)
    assert known.decision is not None
    desk.agora.deliver()
    desk.agora.confirm(known.decision.number)
    assert effects.run(desk.agora.house) == 0
    Effect.objects.filter(decision=unknown.decision).update(
        state=EffectState.FAILED, places={"FR": {"state": "failed", "reason": "no such page"}}
    )
    letter = effects.report(desk.agora.house, desk.first, refreshed(order))
    assert "in part" in letter.data["body"]
    assert "no such page" in letter.data["body"]
    assert refreshed(order).state == "executed"


def test_identical_copies_are_listed_and_only_chosen_ones_are_acted_on(desk: Desk) -> None:
    words = "These words stand twice, letter by letter."
    desk.agora.proposal("p-410", text=words)
    desk.agora.proposal("p-411", text=words, author="a-10")
    address = ["https://agora.example/p/p-410"]
    order = desk.order("dsa_art9_order", content_locations=address, territorial_scope=["FR"])
    [copy] = execute.plan(order).copies
    assert (copy.key, copy.same) == ("agora/p-411", "words")
    assert not order.locations.filter(copy=True).exists()
    desk.execute(order, copies=frozenset({copy.key}))
    assert [one.item_id for one in order.locations.filter(copy=True)] == ["p-411"]
    assert {row.item_id for row in of_order()} == {"p-410", "p-411"}
