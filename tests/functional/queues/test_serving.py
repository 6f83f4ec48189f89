# SPDX-License-Identifier: Apache-2.0
"""Who gets which case next; two people never get the same one."""

from __future__ import annotations

import threading
from functools import partial

import pytest
from django.db import connections
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support import queues as made
from tests.support.people import NOW, Agora
from tests.support.queues import HOUR
from vigie.core.errors import ConflictError, RefusedError
from vigie.flow import shifts
from vigie.flow.queues import access, claims, moves, serve
from vigie.flow.queues.first import all_queues
from vigie.flow.queues.route import route
from vigie.store.models import Case, CaseEvent, CaseState, CaseWatch, User


def next_of(agora: Agora, user, queue=None) -> int | None:
    case = serve.next_case(agora.house, user, queue)
    return case.pk if case else None


def test_a_case_is_served_only_when_it_is_routed(agora: Agora) -> None:
    user = agora.person()
    case = made.waiting(agora)
    assert next_of(agora, user) is None
    route(agora.house)
    assert next_of(agora, user) == case.pk


def test_trusted_flaggers_first_then_priority_then_what_is_due_first(agora: Agora) -> None:
    user = agora.person()
    later = made.routed(agora, due_at=NOW + 9 * HOUR)
    sooner = made.routed(agora, due_at=NOW + 3 * HOUR)
    heavy = made.routed(agora, priority=8, due_at=NOW + 9 * HOUR)
    trusted = made.routed(agora, priority=1, trusted=True, due_at=NOW + 9 * HOUR)
    seen = []
    for _ in range(4):
        case = serve.next_case(agora.house, user)
        assert case is not None
        seen.append(case.pk)
        Case.objects.filter(pk=case.pk).update(state=CaseState.DECIDED)
    assert seen == [trusted.pk, heavy.pk, sooner.pk, later.pk]
    assert next_of(agora, user) is None


def test_what_is_served_is_held_for_that_person_until_the_claim_ends(agora: Agora) -> None:
    one, other = agora.person("c.vidal"), agora.person("m.roth")
    case = made.routed(agora)
    assert next_of(agora, one) == case.pk
    assert next_of(agora, other) is None
    agora.clock.advance(5 * HOUR)
    assert next_of(agora, other) == case.pk


def test_of_several_queues_the_late_one_comes_first(agora: Agora) -> None:
    user = agora.person()
    made.queue("spam", position=200)
    made.routed(agora, priority=9)
    late = made.routed(agora, queue="spam", priority=1, due_at=NOW - 1)
    assert next_of(agora, user) == late.pk


def test_one_queue_alone_can_be_asked_for(agora: Agora) -> None:
    user = agora.person()
    made.queue("spam")
    made.routed(agora, priority=9)
    case = made.routed(agora, queue="spam", priority=1)
    assert next_of(agora, user, "spam") == case.pk
    assert next_of(agora, user, "nowhere") is None


def test_a_skip_asks_for_nothing_and_the_case_is_for_others(agora: Agora) -> None:
    one, other = agora.person("c.vidal"), agora.person("m.roth")
    case = serve.next_case(agora.house, one) or made.routed(agora)
    claims.claim(agora.house, case, one)
    moves.skip(agora.house, case, one)
    assert next_of(agora, one) is None
    assert next_of(agora, other) == case.pk
    claims.release(agora.house, Case.objects.get(pk=case.pk), other)
    agora.clock.advance(13 * HOUR)
    assert next_of(agora, one) == case.pk
    assert CaseEvent.objects.get(kind="skipped").note == ""


def test_somebody_who_left_a_queue_is_served_from_the_others(agora: Agora) -> None:
    user = agora.person()
    made.queue("spam")
    made.routed(agora, priority=9)
    case = made.routed(agora, queue="spam")
    moves.leave_queue(agora.house, all_queues()["general"], user, 4)
    assert next_of(agora, user) == case.pk
    assert next_of(agora, user) == case.pk
    agora.clock.advance(4 * HOUR)
    claims.release(agora.house, Case.objects.get(pk=case.pk), user)
    Case.objects.filter(pk=case.pk).update(state=CaseState.DECIDED)
    assert next_of(agora, user) is not None


def test_a_category_that_somebody_is_not_given_is_passed_over(agora: Agora) -> None:
    user = agora.person(barred=["denial"])
    made.routed(agora, trusted=True)
    other = made.routed(agora, category="fraud")
    assert next_of(agora, user) == other.pk
    held = Case.objects.filter(category="denial").get()
    assert not access.may_see(user, held)


def test_among_equals_a_language_that_somebody_reads_comes_first(agora: Agora) -> None:
    user = agora.person(languages=["fr"])
    made.routed(agora)
    french = made.routed(agora, language="fr")
    assert next_of(agora, user) == french.pk
    heavy = made.routed(agora, priority=9)
    assert next_of(agora, user) == heavy.pk


def test_a_preferred_language_leaves_nothing_unserved(agora: Agora) -> None:
    user = agora.person(languages=["fr"])
    german = made.routed(agora)
    assert next_of(agora, user) == german.pk


def test_an_appeal_is_never_served_to_whoever_decided_first(agora: Agora) -> None:
    one, other = agora.person("c.vidal"), agora.person("m.roth")
    case = made.appeal(agora, first_decider="c.vidal")
    route(agora.house)
    assert next_of(agora, one) is None
    with pytest.raises(RefusedError) as caught:
        claims.claim(agora.house, Case.objects.get(pk=case.pk), one)
    assert caught.value.code == "own_decision"
    assert next_of(agora, other) == case.pk


def test_what_is_assigned_comes_first_and_is_for_others_only_once_it_is_late(
    agora: Agora,
) -> None:
    one, other = agora.person("c.vidal"), agora.person("m.roth", role="moderator")
    made.routed(agora, priority=9)
    case = made.routed(agora, due_at=NOW + HOUR)
    moves.assign(agora.house, case, one, other)
    assert next_of(agora, other) == case.pk
    claims.release(agora.house, Case.objects.get(pk=case.pk), other)
    assert next_of(agora, one) != case.pk
    Case.objects.exclude(pk=case.pk).update(state=CaseState.DECIDED)
    assert next_of(agora, one) is None
    agora.clock.advance(HOUR)
    assert next_of(agora, one) == case.pk


def test_hard_queues_rest_after_hard_cases_in_a_row(agora: Agora, monkeypatch) -> None:
    user = agora.person()
    made.queue("heavy", hardness=3)
    heavy = made.routed(agora, queue="heavy", priority=9)
    light = made.routed(agora)
    monkeypatch.setattr(shifts, "hard_allowed", lambda *_: False)
    assert next_of(agora, user) == light.pk
    monkeypatch.undo()
    assert next_of(agora, user) == heavy.pk


@pytest.mark.parametrize("role", ["auditor", "policy_editor"])
def test_who_may_not_decide_is_served_nothing(agora: Agora, role: str) -> None:
    made.routed(agora)
    assert next_of(agora, agora.person("a.udit", role=role)) is None


def test_child_cases_are_served_to_their_role_where_it_asks_for_them(
    agora: Agora,
) -> None:
    agora.removal()
    route(agora.house)
    case = Case.objects.get()
    assert next_of(agora, agora.person("m.roth", role="senior")) is None
    safety = agora.person("k.ind", role="child_safety")
    assert next_of(agora, safety) is None
    assert next_of(agora, safety, "child") == case.pk


def test_a_restricted_queue_is_its_members(agora: Agora) -> None:
    one, other = agora.person("c.vidal"), agora.person("m.roth")
    made.queue("press", restricted=True)
    case = made.routed(agora, queue="press")
    assert not access.may_see(other, case)
    made.member("press", one)
    assert next_of(agora, other) is None
    assert next_of(agora, one) == case.pk


def test_the_intimate_queue_is_open_to_its_permission_until_it_has_members(agora: Agora) -> None:
    senior, other = agora.person("c.vidal"), agora.person("m.roth")
    moderator = agora.person("p.m", role="moderator")
    case = made.routed(agora, queue="intimate", category="intimate")
    assert access.may_see(senior, case)
    assert not access.may_see(moderator, case)
    made.member("intimate", other)
    assert not access.may_see(senior, case)
    assert access.may_see(other, case)
    assert access.may_see(agora.person("a.dmin", role="admin"), case)


def test_a_claim_is_refused_while_somebody_else_has_the_case(agora: Agora) -> None:
    one, other = agora.person("c.vidal"), agora.person("m.roth")
    case = made.routed(agora)
    claims.claim(agora.house, case, one)
    with pytest.raises(ConflictError, match=r"c\.vidal has this case") as caught:
        claims.claim(agora.house, Case.objects.get(pk=case.pk), other)
    assert caught.value.code == "claimed"
    with pytest.raises(RefusedError):
        claims.release(agora.house, Case.objects.get(pk=case.pk), agora.person("x", role="legal"))


def test_a_claim_again_is_longer_and_noted_once(agora: Agora) -> None:
    user = agora.person()
    case = made.routed(agora)
    until = claims.claim(agora.house, case, user).claimed_until
    agora.clock.advance(60_000)
    assert claims.claim(agora.house, case, user).claimed_until == until + 60_000
    assert CaseEvent.objects.filter(kind="claimed").count() == 1


def test_a_case_that_is_decided_cannot_be_claimed(agora: Agora) -> None:
    case = made.routed(agora, state=CaseState.DECIDED)
    with pytest.raises(ConflictError) as caught:
        claims.claim(agora.house, case, agora.person())
    assert caught.value.code == "case_closed"


def test_who_looks_is_seen_for_a_minute(agora: Agora) -> None:
    one, other = agora.person("c.vidal"), agora.person("m.roth")
    case = made.routed(agora)
    assert claims.watch(agora.house, case, one) == []
    assert claims.watch(agora.house, case, other) == [one]
    agora.clock.advance(59_000)
    assert claims.watch(agora.house, case, other) == [one]
    agora.clock.advance(1_001)
    assert claims.watch(agora.house, case, other) == []
    claims.stop_watching(case, other)
    assert claims.forget_watches(agora.house) == 1
    assert not CaseWatch.objects.exists()


@settings(
    max_examples=20,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    st.lists(
        st.tuples(st.booleans(), st.integers(0, 9), st.integers(-3, 3), st.booleans()),
        min_size=1,
        max_size=6,
    )
)
def test_what_is_served_is_the_first_of_its_queue_in_the_one_order(
    agora: Agora, made_up: list[tuple[bool, int, int, bool]]
) -> None:
    """Whatever waits: no case before the one that is served is free."""
    agora.clock.ms = NOW
    Case.objects.update(state=CaseState.DECIDED)
    user = User.objects.filter(username="h.yp").first() or agora.person("h.yp")
    other = User.objects.filter(username="o.ther").first() or agora.person("o.ther")
    rows = [
        made.routed(
            agora,
            trusted=trusted,
            priority=priority,
            due_at=NOW + hours * HOUR,
            claimed_by=other if held else None,
            claimed_until=NOW + HOUR if held else 0,
        )
        for trusted, priority, hours, held in made_up
    ]
    free = [row for row in rows if row.claimed_until == 0]
    best = min(
        free, key=lambda row: (not row.trusted, -row.priority, row.due_at, row.pk), default=None
    )
    assert next_of(agora, user) == (best.pk if best else None)


@pytest.mark.django_db(transaction=True)
def test_two_people_at_once_never_get_the_same_case(agora: Agora) -> None:
    people = [agora.person(f"p{n}") for n in range(6)]
    cases = [made.routed(agora).pk for _ in range(12)]
    got: list[int] = []
    problems: list[BaseException] = []
    start = threading.Barrier(len(people))

    def work(user) -> None:
        try:
            start.wait()
            for _ in range(2):
                case = serve.next_case(agora.house, user)
                assert case is not None
                got.append(case.pk)
                Case.objects.filter(pk=case.pk, claimed_by=user).update(state=CaseState.DECIDED)
        except BaseException as problem:  # noqa: BLE001 - a thread's failure must be seen
            problems.append(problem)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=partial(work, user)) for user in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert problems == []
    assert sorted(got) == sorted(cases)


@pytest.mark.django_db(transaction=True)
def test_of_many_who_claim_one_case_at_once_one_has_it(agora: Agora) -> None:
    people = [agora.person(f"p{n}") for n in range(6)]
    case = made.routed(agora)
    won: list[str] = []
    lost: list[str] = []
    start = threading.Barrier(len(people))

    def work(user) -> None:
        mine = Case.objects.select_related("decision").get(pk=case.pk)
        start.wait()
        try:
            claims.claim(agora.house, mine, user)
            won.append(user.username)
        except ConflictError as problem:
            lost.append(problem.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=partial(work, user)) for user in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(won) == 1
    assert lost == ["claimed"] * 5
    assert Case.objects.get(pk=case.pk).claimed_by_id is not None
