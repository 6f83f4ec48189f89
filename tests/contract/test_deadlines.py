# SPDX-License-Identifier: Apache-2.0
"""Every clock keeps the contract, and holds what its source holds: no more, no less."""

from __future__ import annotations

import msgspec
import pytest
import yaml

from vigie.flow.queues.clocks import CLOCKS, NOTICED
from vigie.law.deadlines import ClockKind, Deadline, load, parse
from vigie.law.entry import Confidence

ALL = load()
NO_SOURCE = {
    "budapest_quick_freeze", "dsa_audit_publication", "dsa_report_annual",
    "dsa_report_retention", "dsa_report_vlop", "eu_vaw_directive", "fr_identification_data",
    "ncmec_open_report", "uk_intimate_48h", "us_cybertip", "us_cybertip_preserve",
    "us_preservation_letter", "us_take_it_down",
}  # fmt: skip
"""Clocks whose data name no source: shown as not stated, never filled in."""


@pytest.mark.parametrize("one", ALL.values(), ids=lambda one: one.id)
def test_every_clock_states_law_confidence_and_a_span_that_reads(one: Deadline) -> None:
    assert one.law.strip()
    assert one.confidence in set(Confidence)
    assert one.kind in set(ClockKind)
    for span in (one.duration, one.suggested):
        assert span is None or parse(span) is not None
    assert one.duration or one.suggested or one.date or one.due or one.text
    assert (one.source is None) == (one.id in NO_SOURCE)


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
    ours = [msgspec.to_builtins(one) for one in ALL.values()]
    assert [{k: v for k, v in one.items() if v is not None} for one in ours] == [
        {k: v for k, v in one.items() if v is not None} for one in raw
    ]
