# SPDX-License-Identifier: Apache-2.0
"""A shift begins by itself, proposes breaks, rests from hard queues, and counts nobody's pauses."""

from __future__ import annotations

import pytest

from tests.support.queues import queue, routed
from vigie.flow import desk_settings, looks, shifts
from vigie.flow.queues import claims, moves, serve
from vigie.flow.shifts import Due
from vigie.store.models import LookKind, Shift
from vigie.store.permissions import Role

MINUTE = 60_000
HOUR = 60 * MINUTE


@pytest.fixture
def person(agora):
    return agora.person("m.roth", role=Role.MODERATOR)


def opened(agora, user, slug="general", minutes=1):
    """Open a case of a queue, some minutes after the one before."""
    agora.clock.advance(minutes * MINUTE)
    case = routed(agora, queue=slug)
    claims.claim(agora.house, case, user)
    return case


def standing(agora, user):
    return shifts.standing(agora.house, user)


def test_nobody_is_in_a_shift_before_the_first_case(agora, person):
    assert standing(agora, person).shift is None
    assert shifts.current(agora.house, person) is None
    assert not Shift.objects.exists()


def test_the_first_case_begins_the_shift_and_the_next_ones_go_on_with_it(agora, person):
    opened(agora, person)
    began = standing(agora, person).shift
    opened(agora, person, minutes=30)
    assert standing(agora, person).shift == began
    assert Shift.objects.count() == 1
    assert standing(agora, person).worked_ms == 30 * MINUTE


def test_a_look_begins_a_shift_too(agora, person):
    looks.look(agora.house, person, kind=LookKind.WORDS, reason="")
    assert standing(agora, person).shift is not None


def test_hours_without_a_case_end_the_shift_and_the_next_case_begins_another(agora, person):
    opened(agora, person)
    agora.clock.advance(4 * HOUR)
    assert standing(agora, person).shift is not None
    agora.clock.advance(1)
    assert standing(agora, person).shift is None
    opened(agora, person)
    first, second = Shift.objects.order_by("pk")
    assert (first.ended_at, second.ended_at) == (first.seen_at, None)
    assert standing(agora, person).worked_ms == 0


def test_a_break_is_no_work_and_a_case_ends_it(agora, person):
    opened(agora, person)
    agora.clock.advance(20 * MINUTE)
    shifts.pause(agora.house, person)
    shifts.pause(agora.house, person)
    agora.clock.advance(10 * MINUTE)
    assert standing(agora, person).paused
    assert standing(agora, person).worked_ms == 20 * MINUTE
    opened(agora, person, minutes=0)
    assert not standing(agora, person).paused
    agora.clock.advance(5 * MINUTE)
    assert standing(agora, person).worked_ms == 25 * MINUTE


def test_coming_back_without_a_break_and_pausing_without_a_shift_change_nothing(agora, person):
    shifts.pause(agora.house, person)
    shifts.resume(agora.house, person)
    shifts.end(agora.house, person)
    assert not Shift.objects.exists()
    opened(agora, person)
    shifts.resume(agora.house, person)
    assert not standing(agora, person).paused


def test_whoever_ends_and_begins_again_goes_on_with_the_same_looks(agora, person):
    case = opened(agora, person)
    looks.look(agora.house, person, kind=LookKind.CLEAR, reason="context", case=case)
    shifts.end(agora.house, person)
    assert standing(agora, person).shift is None
    opened(agora, person, minutes=60)
    assert Shift.objects.count() == 1
    shift = Shift.objects.get()
    assert (shift.ended_at, shift.paused_ms) == (None, 60 * MINUTE)


def test_a_break_is_proposed_after_an_hour_of_work_and_not_on_a_break(agora, person):
    opened(agora, person)
    agora.clock.advance(59 * MINUTE)
    assert standing(agora, person).break_due is None
    agora.clock.advance(MINUTE)
    assert standing(agora, person).break_due is Due.TIME
    shifts.pause(agora.house, person)
    assert standing(agora, person).break_due is None
    agora.clock.advance(3 * MINUTE)
    shifts.resume(agora.house, person)
    assert standing(agora, person).break_due is None


def test_a_pause_of_seconds_is_no_rest(agora, person):
    opened(agora, person)
    agora.clock.advance(60 * MINUTE)
    shifts.pause(agora.house, person)
    agora.clock.advance(2 * MINUTE)
    shifts.resume(agora.house, person)
    assert standing(agora, person).break_due is Due.TIME


def hard_ones(agora, person, count, slug="hard"):
    for _ in range(count):
        opened(agora, person, slug)


def test_after_hard_cases_in_a_row_other_queues_are_served(agora, person):
    queue("hard", hardness=3)
    hard_ones(agora, person, 5)
    assert shifts.hard_allowed(agora.house, person)
    hard_ones(agora, person, 1)
    assert not shifts.hard_allowed(agora.house, person)
    assert standing(agora, person).hard_in_row == 6
    assert standing(agora, person).break_due is Due.HARD
    assert "hard" not in [row.slug for row in serve.served(agora.house, person)]
    assert "general" in [row.slug for row in serve.served(agora.house, person)]


def test_a_break_or_half_an_hour_brings_hard_queues_back(agora, person):
    queue("hard", hardness=2)
    hard_ones(agora, person, 6)
    agora.clock.advance(29 * MINUTE)
    assert not shifts.hard_allowed(agora.house, person)
    agora.clock.advance(MINUTE)
    assert shifts.hard_allowed(agora.house, person)
    hard_ones(agora, person, 6)
    assert not shifts.hard_allowed(agora.house, person)
    shifts.pause(agora.house, person)
    agora.clock.advance(3 * MINUTE)
    shifts.resume(agora.house, person)
    assert shifts.hard_allowed(agora.house, person)


def test_an_easier_case_between_breaks_the_row(agora, person):
    queue("hard", hardness=3)
    hard_ones(agora, person, 5)
    opened(agora, person, "general")
    hard_ones(agora, person, 5)
    assert shifts.hard_allowed(agora.house, person)
    assert standing(agora, person).hard_in_row == 5


def test_the_same_case_held_longer_counts_once(agora, person):
    queue("hard", hardness=3)
    case = opened(agora, person, "hard")
    for _ in range(7):
        agora.clock.advance(16 * MINUTE)
        claims.claim(agora.house, case, person)
    assert standing(agora, person).hard_in_row == 1


def test_the_operator_sets_after_how_many_hard_cases_and_for_how_long(agora, person):
    queue("hard", hardness=3)
    desk_settings.set(agora.house, None, "hard_in_row", 2)
    desk_settings.set(agora.house, None, "rotation_minutes", 5)
    hard_ones(agora, person, 2)
    assert not shifts.hard_allowed(agora.house, person)
    agora.clock.advance(5 * MINUTE)
    assert shifts.hard_allowed(agora.house, person)


def test_a_skip_is_no_break_and_costs_nothing(agora, person):
    case = opened(agora, person)
    before = standing(agora, person)
    moves.skip(agora.house, case, person)
    after = standing(agora, person)
    assert (after.used, after.worked_ms) == (before.used, before.worked_ms)
