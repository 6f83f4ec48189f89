# SPDX-License-Identifier: Apache-2.0
"""Clocks of duties: started once, warned of once, stopped by the law alone, never by time."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.support.duties import order, told
from tests.support.people import Agora
from vigie.core.clock import DAY_MS, HOUR_MS, MINUTE_MS, from_iso
from vigie.core.errors import ConflictError, InvalidInputError, RefusedError
from vigie.flow import house as houses
from vigie.flow.orders import clocks, owner
from vigie.store.models import (
    ClockState,
    DutyClock,
    Letter,
    LogEntry,
    Order,
    OrderLetter,
    Record,
)


def start(agora: Agora, row: Order, duty: str = "tco_removal", **more: Any) -> DutyClock:
    more.setdefault("at", row.received_at)
    return clocks.start(
        agora.house, duty=duty, subject="order", number=row.number, order=row, **more
    )


def letter(agora: Agora, row: Order, kind: str = "annex_iii", state: str = "sent") -> OrderLetter:
    from vigie.flow import records
    from vigie.flow.transaction import writing

    now = agora.house.now()
    with writing():
        draft = records.draft("letter.written", now, {"kind": kind})
        records.append_one(draft)
        return OrderLetter.objects.create(
            order=row,
            kind=kind,
            language="en",
            data={},
            state=state,
            sent_at=now if state == "sent" else None,
            written_by="vigie",
            at=now,
            record_id=draft.record_id,
        )


def again(clock: DutyClock) -> DutyClock:
    clock.refresh_from_db()
    return clock


def test_a_clock_starts_at_its_event_and_only_once(agora: Agora) -> None:
    row = order(agora.house)
    first = start(agora, row)
    agora.clock.advance(5 * MINUTE_MS)
    assert start(agora, row, at=agora.house.now()).pk == first.pk
    assert first.due_at == row.received_at + HOUR_MS
    assert first.kind == "hard"
    assert first.start_event == "removal_order_received"
    assert first.latest_at is None


def test_a_duty_that_no_law_states_is_refused(agora: Agora) -> None:
    row = order(agora.house)
    with pytest.raises(InvalidInputError) as none:
        start(agora, row, "no_such_duty")
    assert none.value.code == "no_duty"
    with pytest.raises(InvalidInputError) as spanless:
        start(agora, row, "eevidence_applies")
    assert spanless.value.code == "no_span"


def test_an_order_may_ask_for_less_time_and_never_for_more(agora: Agora) -> None:
    row = order(agora.house, "epoc_annex_i")
    sooner = start(agora, row, "eevidence_epoc", until=row.received_at + 5 * DAY_MS)
    assert sooner.due_at == row.received_at + 5 * DAY_MS
    other = order(agora.house, "epoc_annex_i")
    later = start(agora, other, "eevidence_epoc", until=other.received_at + 50 * DAY_MS)
    assert later.due_at == other.received_at + 10 * DAY_MS


def test_an_hour_warns_three_times_and_then_is_missed_but_stays_open(agora: Agora) -> None:
    clock = start(agora, order(agora.house))
    for minutes, warned, state in (
        (29, 0, "running"), (30, 1, "running"), (44, 1, "running"), (45, 2, "running"),
        (54, 3, "running"), (59, 3, "running"), (60, 3, "missed"), (600, 3, "missed"),
    ):  # fmt: skip
        agora.clock.ms = clock.started_at + minutes * MINUTE_MS
        clocks.run(agora.house)
        clocks.run(agora.house)
        assert len(told("clock.warned")) == warned, minutes
        assert again(clock).state == state
    assert len(told("clock.missed")) == 1
    assert clock.missed_at is not None
    assert clock.ended_at is None


def test_ten_days_have_a_warning_of_their_own_in_the_last_hour(agora: Agora) -> None:
    row = order(agora.house, "epoc_annex_i")
    clock = start(agora, row, "eevidence_epoc")
    agora.clock.ms = clock.due_at - 2 * HOUR_MS
    clocks.run(agora.house)
    assert len(told("clock.warned")) == 1
    agora.clock.ms = clock.due_at - HOUR_MS
    clocks.run(agora.house)
    assert [one["warnings"] for one in told("clock.warned")] == [3, 1]


def test_a_mail_goes_to_whoever_is_on_call_once_for_each_alarm(agora: Agora, tmp_path: Any) -> None:
    from vigie.settings import Settings

    on_call = Settings(
        data_dir=agora.folder, operator="Agora", require_mfa="none", alarm_mail=("on@call.example",)
    )
    house = houses.build(on_call, agora.clock)
    row = order(house)
    clock = clocks.start(
        house, duty="tco_removal", subject="order", number=row.number, order=row, at=house.now()
    )
    agora.clock.advance(31 * MINUTE_MS)
    clocks.run(house)
    clocks.run(house)
    sent = Letter.objects.order_by("pk")
    assert [one.template for one in sent] == ["clock_warning"]
    assert sent[0].context["what"] == f"O-{row.number}"
    assert not set(sent[0].context) - {"what", "duty", "due", "url"}
    agora.clock.ms = clock.due_at
    clocks.run(house)
    assert [one.template for one in Letter.objects.order_by("pk")] == [
        "clock_warning",
        "clock_missed",
    ]


def test_neither_a_restart_nor_a_clock_set_back_or_forth_repeats_an_alarm(agora: Agora) -> None:
    clock = start(agora, order(agora.house))
    steps = (31, 31, -29, 31, 46, -14, 46, 55, 55, 61, 1, 61, 125)
    for minutes in steps:
        agora.clock.ms = clock.started_at + minutes * MINUTE_MS
        # A process begun anew knows nothing of the one before: it has what the store says.
        clocks.run(houses.build(agora.settings, agora.clock))
    assert [one["warnings"] for one in told("clock.warned")] == [1, 1, 1]
    assert len(told("clock.missed")) == 1
    times = list(LogEntry.objects.order_by("index").values_list("record__at", flat=True))
    assert times == sorted(times)


def test_a_machine_that_was_off_for_three_days_loses_no_alarm_and_repeats_none(
    agora: Agora,
) -> None:
    short = start(agora, order(agora.house))
    long = start(agora, order(agora.house, "epoc_annex_i"), "eevidence_epoc")
    mid = start(agora, order(agora.house, "epoc_annex_i"), "eevidence_clarification")
    agora.clock.advance(3 * DAY_MS)
    while clocks.run(agora.house):
        pass
    assert again(short).state == ClockState.MISSED
    assert again(long).state == ClockState.RUNNING
    assert [one["clock"] for one in told("clock.missed")] == [short.pk]
    assert [one["clock"] for one in told("clock.warned")] == []
    agora.clock.advance(3 * DAY_MS)
    while clocks.run(agora.house):
        pass
    assert [(one["clock"], one["warnings"]) for one in told("clock.warned")] == [(long.pk, 1)]
    assert [one["clock"] for one in told("clock.ran_out")] == [mid.pk]
    assert again(mid).state == ClockState.RUNNING


def test_moments_that_passed_together_are_one_warning_that_counts_them(agora: Agora) -> None:
    clock = start(agora, order(agora.house))
    agora.clock.advance(50 * MINUTE_MS)
    clocks.run(agora.house)
    assert [one["warnings"] for one in told("clock.warned")] == [2]
    assert again(clock).alarms == 2


def test_what_is_past_due_on_arrival_is_missed_at_once(agora: Agora) -> None:
    row = order(agora.house, received_at=agora.house.now() - 2 * HOUR_MS)
    clock = start(agora, row)
    clocks.run(agora.house)
    assert again(clock).state == ClockState.MISSED


def test_a_clock_of_low_confidence_stands_and_neither_warns_nor_is_missed(agora: Agora) -> None:
    clock = start(agora, order(agora.house), "uk_intimate_48h")
    agora.clock.advance(30 * DAY_MS)
    assert clocks.run(agora.house) == 0
    assert again(clock).state == ClockState.RUNNING
    assert not Record.objects.filter(kind__startswith="clock.").exists()


def test_only_the_law_stops_a_clock_and_only_when_the_authority_was_told(agora: Agora) -> None:
    row = order(agora.house)
    clock = start(agora, row)
    with pytest.raises(ConflictError) as none:
        clocks.pause(agora.house, clock, "it is a holiday")
    assert none.value.code == "no_pause"
    with pytest.raises(ConflictError) as untold:
        clocks.pause(agora.house, clock, "unclear")
    assert untold.value.code == "not_told"
    letter(agora, row, state="written")
    with pytest.raises(ConflictError):
        clocks.pause(agora.house, clock, "unclear")
    letter(agora, order(agora.house))  # another order's letter stops nothing here
    with pytest.raises(ConflictError):
        clocks.pause(agora.house, clock, "unclear")
    letter(agora, row)
    stopped = clocks.pause(agora.house, clock, "Reg (EU) 2021/784 Art. 3(8)")
    assert stopped.state == ClockState.PAUSED
    assert [one["basis"] for one in told("clock.paused")] == ["Reg (EU) 2021/784 Art. 3(8)"]


def test_a_clock_without_pauses_in_its_law_never_stops(agora: Agora) -> None:
    row = order(agora.house, "us_preservation")
    clock = start(agora, row, "us_take_it_down")
    letter(agora, row)
    for basis in ("unclear", "impossible", ""):
        with pytest.raises(ConflictError):
            clocks.pause(agora.house, clock, basis)


def test_a_stopped_clock_warns_of_nothing_and_goes_on_with_what_was_left(agora: Agora) -> None:
    row = order(agora.house)
    clock = start(agora, row)
    agora.clock.advance(40 * MINUTE_MS)
    clocks.run(agora.house)
    letter(agora, row)
    clocks.pause(agora.house, clock, "impossible")
    agora.clock.advance(10 * HOUR_MS)
    assert clocks.run(agora.house) == 0
    went_on = clocks.resume(agora.house, clock)
    assert went_on.due_at == agora.house.now() + 20 * MINUTE_MS
    assert went_on.latest_at == agora.house.now() + HOUR_MS
    assert went_on.paused_ms == 10 * HOUR_MS
    assert clocks.run(agora.house) == 0
    agora.clock.advance(5 * MINUTE_MS)
    clocks.run(agora.house)
    assert len(told("clock.warned")) == 2
    with pytest.raises(ConflictError):  # the letter of before stops it no second time
        clocks.pause(agora.house, went_on, "impossible")
    with pytest.raises(ConflictError):
        clocks.resume(agora.house, went_on)


def test_a_clock_that_is_over_cannot_be_stopped_any_more(agora: Agora) -> None:
    row = order(agora.house)
    clock = start(agora, row)
    letter(agora, row)
    agora.clock.advance(HOUR_MS)
    with pytest.raises(ConflictError) as over:
        clocks.pause(agora.house, clock, "unclear")
    assert over.value.code == "not_running"


def test_what_is_done_in_time_is_met_and_what_is_done_late_says_so(agora: Agora) -> None:
    first, second = order(agora.house), order(agora.house)
    in_time, late = start(agora, first), start(agora, second)
    agora.clock.advance(59 * MINUTE_MS)
    assert clocks.meet(agora.house, "order", first.number, "tco_removal") == 1
    agora.clock.advance(2 * MINUTE_MS)
    assert clocks.meet(agora.house, "order", second.number, "tco_removal") == 1
    assert again(in_time).state == ClockState.MET
    assert again(late).state == ClockState.DONE_LATE
    assert late.missed_at is not None
    assert [one["clock"] for one in told("clock.missed")] == [late.pk]
    agora.clock.advance(DAY_MS)
    assert clocks.run(agora.house) == 0
    assert clocks.meet(agora.house, "order", first.number, "tco_removal") == 0


def test_what_was_done_in_time_is_met_even_when_it_is_said_later(agora: Agora) -> None:
    row = order(agora.house)
    clock = start(agora, row)
    agora.clock.advance(70 * MINUTE_MS)
    clocks.meet(agora.house, "order", row.number, "tco_removal", at=row.received_at + 50_000)
    assert again(clock).state == ClockState.MET


def test_a_duty_that_falls_away_ends_and_its_miss_stays_on_record(agora: Agora) -> None:
    row = order(agora.house)
    clock = start(agora, row)
    agora.clock.advance(2 * HOUR_MS)
    clocks.run(agora.house)
    assert clocks.end(agora.house, "order", row.number, why="withdrawn") == 1
    assert again(clock).state == ClockState.ENDED
    assert clock.missed_at is not None
    assert [one["why"] for one in told("clock.ended")] == ["withdrawn"]


def test_the_owner_is_named_in_the_record_by_number_and_as_a_commitment(agora: Agora) -> None:
    user = agora.person("l.moreau", "legal", number=7)
    row = order(agora.house, owner=user)
    clock = start(agora, row)
    assert clock.owner == user
    agora.clock.advance(31 * MINUTE_MS)
    clocks.run(agora.house)
    assert set(told("clock.warned")[0]["owner"]) == {"_c"}
    other = agora.person("a.other", "legal", number=8)
    Order.objects.filter(pk=row.pk).update(owner=None)
    owner.take(other, row)
    assert again(clock).owner == other
    with pytest.raises(ConflictError):
        owner.take(user, row)
    with pytest.raises(ConflictError):
        owner.give_back(user, row)
    owner.give_back(other, row)
    assert again(clock).owner is None
    with pytest.raises(RefusedError):
        owner.take(agora.person("aud", "auditor"), row)


def test_months_end_on_their_last_day_and_leap_days_count(agora: Agora) -> None:
    cases = {
        "2026-08-31T10:00:00Z": "2027-02-28T10:00:00Z",
        "2027-08-31T10:00:00Z": "2028-02-29T10:00:00Z",
        "2028-02-29T23:59:59Z": "2028-08-29T23:59:59Z",
    }
    for began, ends in cases.items():
        row = order(agora.house)
        clock = start(agora, row, "tco_preservation", at=from_iso(began))
        assert clock.due_at == from_iso(ends), began


@pytest.mark.parametrize("began", ["2026-10-24T12:00:00Z", "2027-03-27T12:00:00Z"])
def test_a_change_of_summer_time_neither_shortens_nor_lengthens_an_hour(
    agora: Agora, began: str
) -> None:
    row = order(agora.house)
    at = from_iso(began)
    assert start(agora, row, at=at).due_at == at + HOUR_MS
    ten = start(agora, order(agora.house), "eevidence_epoc", at=at)
    assert ten.due_at - at == 10 * DAY_MS
    assert datetime.fromtimestamp(ten.due_at / 1000, UTC).hour == 12


def test_ten_days_show_the_later_reading_of_the_place_of_establishment(agora: Agora) -> None:
    from vigie.settings import Settings

    there = Settings(data_dir=agora.folder, require_mfa="none", established_in="DE")
    house = houses.build(there, agora.clock)
    row = order(house, "epoc_annex_i", received_at=from_iso("2026-12-17T10:00:00Z"))
    clock = clocks.start(
        house, duty="eevidence_epoc", subject="order", number=row.number, order=row,
        at=row.received_at,
    )  # fmt: skip
    assert clock.due_at == from_iso("2026-12-27T10:00:00Z")  # a Sunday: the strict reading
    assert clock.latest_at == from_iso("2026-12-28T23:00:00Z")  # the end of Monday in Berlin


def test_what_was_asked_for_has_come_and_stopped_clocks_go_on(agora: Agora) -> None:
    row = order(agora.house)
    clock = start(agora, row)
    letter(agora, row)
    clocks.pause(agora.house, clock, "unclear")
    auditor = agora.person("aud", "auditor")
    with pytest.raises(RefusedError):
        clocks.go_on(agora.house, "order", row.number, user=auditor)
    assert clocks.go_on(agora.house, "order", row.number) == 1
    assert again(clock).state == ClockState.RUNNING
    assert clocks.go_on(agora.house, "order", row.number) == 0


def test_a_second_letter_stops_it_a_second_time(agora: Agora) -> None:
    row = order(agora.house)
    clock = start(agora, row)
    for _ in range(2):
        agora.clock.advance(MINUTE_MS)
        letter(agora, row)
        clocks.pause(agora.house, clock, "unclear")
        agora.clock.advance(DAY_MS)
        clocks.resume(agora.house, clock)
    assert again(clock).paused_ms == 2 * DAY_MS
    assert clock.due_at == row.received_at + HOUR_MS + 2 * DAY_MS
