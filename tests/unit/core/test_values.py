# SPDX-License-Identifier: Apache-2.0
"""Ids, clocks, territories, actions, errors."""

from __future__ import annotations

import time

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.core import ids
from vigie.core.actions import ACTIONS, STRICTNESS, ActionKind, Outcome
from vigie.core.clock import FixedClock, SystemClock, iso
from vigie.core.decision import Decision, Signal
from vigie.core.errors import (
    ConflictError,
    ErrorEnvelope,
    InvalidInputError,
    NotFoundError,
    VigieError,
)
from vigie.core.territory import DEFAULT_COUNTRIES, EEA, covers, everywhere


@given(st.integers(0, 2**52 - 1), st.integers(0, 2**40 - 1))
def test_a_decisions_name_says_where_it_is_kept(ordinal: int, bits: int) -> None:
    writer = ids.new_writer()
    name = ids.decision_id(writer, ordinal, bits)
    assert ids.parse_decision_id(name) == (writer, ordinal)


@pytest.mark.parametrize(
    "text",
    ["", "w-1", "w-1-012345678", "W-1-0123456789", "w-1-0123456789\n", "w--0123456789"],
)
def test_a_name_that_no_writer_gave_out_is_not_found(text: str) -> None:
    with pytest.raises(NotFoundError) as told:
        ids.parse_decision_id(text)
    assert told.value.code == "no_decision"


def test_writers_and_record_ids_are_never_the_same_twice() -> None:
    assert len({ids.new_writer() for _ in range(1000)}) == 1000
    assert len({ids.random_id() for _ in range(1000)}) == 1000
    assert len(ids.random_id()) == 32


@given(st.lists(st.integers(0, 2**62), min_size=2, max_size=20))
def test_the_clock_never_runs_backwards_whatever_the_machine_says(walls: list[int]) -> None:
    readings = iter(walls)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(time, "time_ns", lambda: next(readings))
        clock = SystemClock()
        told = [clock.now_ms() for _ in walls]
    assert told == sorted(told)
    assert told[-1] == max(walls) // 1_000_000


def test_a_fixed_clock_moves_when_it_is_told_to() -> None:
    clock = FixedClock(5)
    clock.advance(7)
    assert clock.now_ms() == 12


def test_time_is_written_as_rfc_3339_with_milliseconds() -> None:
    assert iso(1_795_381_200_007) == "2026-11-22T21:00:00.007Z"


def test_everywhere_is_the_served_countries_and_a_star() -> None:
    assert everywhere(("DE", "FR")) == ("DE", "FR", "*")
    assert covers(("DE", "*"), "JP")
    assert covers(["DE"], "DE")
    assert not covers(("DE",), "FR")


def test_the_default_serves_the_thirty_states_of_the_eea_and_two_more() -> None:
    assert len(EEA) == 30
    assert set(DEFAULT_COUNTRIES) - set(EEA) == {"CH", "GB"}
    assert list(DEFAULT_COUNTRIES) == sorted(DEFAULT_COUNTRIES)


def test_every_action_has_a_rule_and_stricter_actions_have_stricter_outcomes() -> None:
    assert set(ACTIONS) == set(ActionKind)
    assert set(STRICTNESS) == set(Outcome)
    ordered = sorted(ACTIONS.values(), key=lambda rule: rule.strictness)
    strict = [STRICTNESS[rule.outcome] for rule in ordered]
    assert strict == sorted(set(strict))
    assert not ACTIONS[ActionKind.REMOVED].territorial
    assert not ACTIONS[ActionKind.REMOVED].reversible


def test_an_error_tells_the_caller_and_keeps_diagnostics_to_itself() -> None:
    problem = InvalidInputError("No.", field="text", fix="Yes.", diagnostics="secret")
    told = msgspec.json.encode(ErrorEnvelope(problem.body("r-1")))
    assert msgspec.json.decode(told) == {
        "error": {
            "code": "invalid",
            "message": "No.",
            "field": "text",
            "fix": "Yes.",
            "request_id": "r-1",
        }
    }


def test_each_kind_of_error_has_its_status_and_can_be_given_another() -> None:
    assert (VigieError("x").http_status, VigieError("x").code) == (500, "failed")
    assert ConflictError("x").http_status == 409
    assert ConflictError("x", code="mine", http_status=422).http_status == 422


def test_a_signal_always_says_its_value_and_its_status() -> None:
    told = msgspec.json.decode(msgspec.json.encode(Signal(detector="d", version="1", label="x")))
    assert told == {"detector": "d", "version": "1", "label": "x", "value": 0.0, "status": "ok"}


def test_a_decision_reads_back_as_it_was_written() -> None:
    made = Decision(
        decision_id="w-1-0123456789", item_id="p", version=1, outcome=Outcome.ALLOW,
        signals=(Signal(detector="d", version="1", label="x", span=(1, 2), status="failed"),),
    )  # fmt: skip
    assert msgspec.json.decode(msgspec.json.encode(made), type=Decision) == made
