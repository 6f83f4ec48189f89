# SPDX-License-Identifier: Apache-2.0
"""Every clock keeps the contract, and holds what its source holds: no more, no less."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
import yaml

from vigie.flow.queues.clocks import CLOCKS, NOTICED
from vigie.law.deadlines import ClockKind, Deadline, Rule, load, parse
from vigie.law.entry import Confidence

ALL = load()
FILLED = {
    "budapest_quick_freeze", "dsa_audit_publication", "dsa_report_annual",
    "dsa_report_retention", "dsa_report_vlop", "eu_vaw_directive", "fr_identification_data",
    "ncmec_open_report", "uk_intimate_48h", "us_cybertip", "us_cybertip_preserve",
    "us_preservation_letter", "us_take_it_down",
}  # fmt: skip
"""Clocks whose data named no source: it says now how far each was checked."""
OURS = {"pauses", "calendar", "own"}
"""What this house adds to a clock of law: how it is counted, and what lets it stop."""


@pytest.mark.parametrize("one", ALL.values(), ids=lambda one: one.id)
def test_every_clock_states_law_confidence_and_a_span_that_reads(one: Deadline) -> None:
    assert one.law.strip()
    assert one.confidence in set(Confidence)
    assert one.kind in set(ClockKind)
    for span in (one.duration, one.suggested):
        assert span is None or parse(span) is not None
    assert one.duration or one.suggested or one.date or one.due or one.text
    assert one.source


def test_what_a_source_was_not_read_for_says_so() -> None:
    for name in FILLED - {"us_take_it_down", "dsa_report_retention"}:
        source = ALL[name].source or ""
        assert any(word in source for word in ("not ", "secondary", "quote")), name


def test_a_pause_names_its_article_and_the_letter_without_which_nothing_stops() -> None:
    stopping = {one.id: one.pauses for one in ALL.values() if one.pauses}
    assert set(stopping) == {
        "tco_removal", "fr_admin_removal", "eevidence_epoc", "eevidence_epoc_emergency",
    }  # fmt: skip
    for pauses in stopping.values():
        for one in pauses:
            assert one.basis
            assert one.when
            assert one.letters
            assert ALL["tco_removal"].pause("") is None


def test_only_periods_of_the_union_in_days_have_the_later_reading() -> None:
    for one in ALL.values():
        if one.calendar is Rule.EU:
            assert one.duration is not None
            assert "T" not in one.duration
            assert one.law.startswith(("Reg", "DSA"))


def test_the_houses_own_clocks_say_that_no_law_fixes_them() -> None:
    own = [one for one in ALL.values() if one.own]
    assert {one.id for one in own} == {"silence_review", "emergency_review", "order_named_time"}
    assert all(one.duration is None for one in own if one.kind is ClockKind.SOFT)
    assert all(one.pauses == () for one in own)


@pytest.mark.parametrize("one", ALL.values(), ids=lambda one: one.id)
def test_a_hard_clock_has_a_figure_and_a_soft_one_has_none(one: Deadline) -> None:
    if one.kind is ClockKind.HARD:
        assert one.duration or one.due
    if one.kind is ClockKind.SOFT:
        assert one.duration is None


def test_clocks_of_cases_run_and_those_that_sort_are_sure() -> None:
    used = {NOTICED, *(name for names in CLOCKS.values() for name in names)}
    assert used <= set(ALL)
    for name in used:
        assert ALL[name].due_after(0) is not None
    assert {name for name in used if not ALL[name].sorts} == {"uk_intimate_48h"}


def test_nothing_is_added_and_nothing_is_left_out(test_data) -> None:
    text = (test_data / "facts/law/deadlines.yaml").read_text(encoding="utf-8")
    raw = yaml.safe_load(text)["deadlines"]
    given = {one["id"] for one in raw if one.get("source") is None}
    assert given == FILLED
    ours = [msgspec.to_builtins(one) for one in ALL.values() if not one.own]
    assert [_stated(one) for one in ours] == [_stated(one) for one in raw]


def _stated(one: dict[str, Any]) -> dict[str, Any]:
    """Return what the source states, without what this house adds."""
    kept = {key: value for key, value in one.items() if value is not None and key not in OURS}
    if kept["id"] in FILLED:
        kept.pop("source", None)
    return kept
