# SPDX-License-Identifier: Apache-2.0
"""A machine whose clock jumps, stands still or was switched off: no alarm twice, none lost."""

from __future__ import annotations

import random

import pytest

from tests.support.duties import order, told
from tests.support.people import Agora
from vigie.core.clock import DAY_MS, HOUR_MS, MINUTE_MS
from vigie.flow import house as houses
from vigie.flow.orders import clocks, silence
from vigie.store.models import ClockState, DutyClock, LogEntry, Silence

DUTIES = (
    ("tco_removal_order_annex_i", "tco_removal"),
    ("fr_lcen_6_1_request", "fr_admin_removal"),
    ("epoc_annex_i", "eevidence_epoc"),
    ("epoc_annex_i", "eevidence_epoc_emergency"),
    ("epocpr_annex_ii", "eevidence_epocpr"),
    ("dsa_art9_order", "dsa_order_ack"),
)
JUMPS = (
    HOUR_MS, -HOUR_MS, 0, 1, 1_000, -1_000, MINUTE_MS, 10 * MINUTE_MS, 3 * DAY_MS, -3 * DAY_MS,
    11 * DAY_MS, 40 * MINUTE_MS,
)  # fmt: skip


def started(agora: Agora) -> list[DutyClock]:
    found = []
    for form, duty in DUTIES:
        row = order(agora.house, form)
        found.append(
            clocks.start(
                agora.house, duty=duty, subject="order", number=row.number, order=row,
                at=row.received_at,
            )
        )  # fmt: skip
    return found


def turn(agora: Agora) -> None:
    """Let a process that was started anew do its round until nothing is left."""
    house = houses.build(agora.settings, agora.clock)
    while clocks.run(house) + silence.run(house):
        pass


@pytest.mark.parametrize("seed", range(4))
def test_whatever_the_clock_does_each_moment_warns_once(agora: Agora, seed: int) -> None:
    dice = random.Random(seed)
    rows = started(agora)
    furthest = agora.clock.ms
    for _ in range(16):
        agora.clock.ms += dice.choice(JUMPS)
        furthest = max(furthest, agora.clock.ms)
        turn(agora)
    agora.clock.ms = furthest + 100 * DAY_MS
    turn(agora)
    for row in rows:
        row.refresh_from_db()
        mine = [one for one in told("clock.warned") if one["clock"] == row.pk]
        ended = told("clock.missed" if row.kind in {"hard", "soft"} else "clock.ran_out")
        assert sum(one["warnings"] for one in mine) <= row.alarms
        assert sum(one["clock"] == row.pk for one in ended) == 1
        assert row.state == (
            ClockState.MISSED if row.kind in {"hard", "soft"} else ClockState.RUNNING
        )
    times = list(LogEntry.objects.order_by("index").values_list("record__at", flat=True))
    assert times == sorted(times)


def test_an_hour_too_many_is_no_second_alarm_when_it_is_taken_back(agora: Agora) -> None:
    [removal, *_] = started(agora)
    agora.clock.advance(20 * MINUTE_MS)
    agora.clock.advance(HOUR_MS)  # a time server that is wrong
    turn(agora)
    assert [one["clock"] for one in told("clock.missed")].count(removal.pk) == 1
    agora.clock.advance(-HOUR_MS)
    turn(agora)
    agora.clock.advance(10 * MINUTE_MS)
    house = houses.build(agora.settings, agora.clock)
    clocks.meet(house, "order", removal.number, "tco_removal")
    removal.refresh_from_db()
    # It was done in time by the clock that counts, and what was told stays on record.
    assert removal.state == ClockState.MET
    assert removal.missed_at is not None
    agora.clock.advance(HOUR_MS)
    turn(agora)
    assert [one["clock"] for one in told("clock.missed")].count(removal.pk) == 1


def test_the_same_second_twice_does_its_work_once(agora: Agora) -> None:
    started(agora)
    agora.clock.advance(30 * MINUTE_MS)
    turn(agora)
    first = LogEntry.objects.count()
    agora.clock.advance(-1_000)
    turn(agora)
    agora.clock.advance(1_000)
    turn(agora)
    assert LogEntry.objects.count() == first


def test_a_silence_that_ended_does_not_end_again_when_the_clock_is_set_back(agora: Agora) -> None:
    row = order(agora.house, "dsa_art9_order")
    silence.begin(agora.house, row, basis="the order")
    agora.clock.advance(91 * DAY_MS)
    turn(agora)
    agora.clock.advance(-2 * DAY_MS)
    turn(agora)
    agora.clock.advance(5 * DAY_MS)
    turn(agora)
    assert len(told("silence.ended")) == 1
    assert Silence.objects.get(order=row).ended_at is not None
