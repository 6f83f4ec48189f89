# SPDX-License-Identifier: Apache-2.0
"""The table of what may act alone, over every law entry and every kind of signal."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.core.actions import ACTIONS, ActionKind
from vigie.core.decision import Basis, Match
from vigie.core.item import Surface
from vigie.core.territory import DEFAULT_COUNTRIES, EVERYWHERE, everywhere
from vigie.law import Cls, Confidence, Entry, Kind, load
from vigie.screening.acting import (
    LONGEST_PAUSE_MS,
    Case,
    Permission,
    hold_until,
    is_known,
    may_act,
    pause_until,
)

LAW = load()
ENTRIES = tuple(LAW.entries.values())
CLASSES = ("child", "terrorist", "intimate", "terms")
KNOWN = ((Basis.EXACT, ("north",)), (Basis.AGREED, ("north", "south")))
UNSURE = ((Basis.NEAR, ("north",)), (Basis.AGREED, ("north",)), (Basis.AGREED, ("a", "a")))


def match(cls: str, basis: Basis, owners: tuple[str, ...] = ("north",)) -> Match:
    return Match(
        media=0,
        cls=cls,
        basis=basis,
        algorithm="sha256" if basis is Basis.EXACT else "pdq",
        distance=0 if basis is Basis.EXACT else 12,
        banks=("bank",),
        owners=owners,
    )


def own(entry: Entry) -> tuple[str, ...]:
    return entry.territories or (entry.jurisdiction,)


def action_of(entry: Entry) -> ActionKind:
    return ActionKind.REMOVED if entry.cls is Cls.CHILD else ActionKind.DISABLED


def on_law(entry: Entry, **known) -> Case:
    values: dict[str, Any] = {
        "action": action_of(entry),
        "territories": own(entry),
        "entry": entry,
    }
    return Case(**(values | known))


def on_terms(**known) -> Case:
    values: dict[str, Any] = {"action": ActionKind.DEMOTED, "territories": ("FR",), "terms": "4.2"}
    return Case(**(values | known))


matches = st.builds(
    match,
    st.sampled_from(CLASSES),
    st.sampled_from(list(Basis)),
    st.lists(st.sampled_from(["north", "south", "east"]), max_size=3).map(tuple),
)
countries = st.lists(st.sampled_from([*DEFAULT_COUNTRIES, "US", "CA", EVERYWHERE]), max_size=5)
cases = st.builds(
    Case,
    action=st.sampled_from(list(ActionKind)),
    territories=countries.map(tuple),
    entry=st.one_of(st.none(), st.sampled_from(ENTRIES)),
    terms=st.one_of(st.none(), st.just("4.2")),
    state=st.sampled_from(["draft", "shadow", "live", "live"]),
    failed=st.booleans(),
    surface=st.sampled_from([str(surface) for surface in Surface]),
    gateway=st.booleans(),
    matches=st.lists(matches, max_size=3).map(tuple),
    decided=st.booleans(),
    order=st.one_of(st.none(), st.just("O-7")),
    proven=st.booleans(),
    order_places=countries.map(tuple),
    precision_low=st.one_of(st.none(), st.floats(0, 1), st.just(0.99), st.just(float("nan"))),
    for_person=st.booleans(),
    pause_hours=st.integers(-1, 48),
    paused_before=st.booleans(),
    confirmed=st.one_of(st.none(), st.integers(-1, 40)),
    hold_hours=st.sampled_from([0, 0, -1, 1, 48, 49]),
    agreed=st.booleans(),
    held_before=st.booleans(),
)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_no_score_and_no_word_acts_on_any_law_entry(entry):
    """A score reaches the table as nothing but a case without matches."""
    for action, pause, low in product(ActionKind, (0, 24), (None, 1.0)):
        case = on_law(entry, action=action, pause_hours=pause, precision_low=low)
        assert may_act(case).rule is None


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_a_match_acts_only_in_its_own_class_and_only_where_known(entry):
    for cls, (basis, owners) in product(CLASSES, KNOWN + UNSURE):
        found = match(cls, basis, owners)
        rule = may_act(on_law(entry, matches=(found,))).rule
        listed = cls == entry.cls and cls in {"child", "terrorist"}
        sure = (basis, owners) in KNOWN and entry.kind is Kind.OFFENCE
        assert rule == ("a" if listed and sure and not entry.needs_counsel else None)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_what_is_no_offence_or_not_sure_never_acts(entry):
    everything = {"decided": True, "gateway": True, "proven": True, "surface": "ai_output"}
    found = tuple(match(cls, Basis.EXACT) for cls in CLASSES)
    rule = may_act(on_law(entry, matches=found, **everything)).rule
    assert entry.needs_counsel or entry.confidence is not Confidence.LOW
    if entry.kind is not Kind.OFFENCE or entry.needs_counsel:
        assert rule is None
    else:
        assert rule in {"a", "b"}


@given(cases)
def test_every_permission_keeps_the_promises(case):
    permission = may_act(case)
    assert permission.reason
    if permission.rule is None:
        assert permission.by == "proposal"
        return
    assert permission.by == f"rule {permission.rule}"
    assert permission.rule in "abcdefg"
    assert case.state == "live"
    if case.entry is not None:
        assert case.terms is None
        assert permission.rule in "abe"
        assert case.entry.kind is Kind.OFFENCE
        assert case.entry.confidence is not Confidence.LOW
        check_reach(case, case.entry)
    if permission.rule == "a":
        assert any(m.cls in {"child", "terrorist"} and is_known(m) for m in case.matches)
    if permission.rule == "b":
        near = case.confirmed is not None and 0 <= case.confirmed <= 10
        intimate = case.entry is None or case.entry.cls is Cls.INTIMATE
        assert case.decided or (near and intimate)
    assert (permission.rule == "c") == (case.order is not None)
    if permission.rule == "c":
        assert case.proven
        assert case.entry is None
        assert case.terms is None
        assert set(case.territories) <= set(case.order_places)
        assert ACTIONS[case.action].reversible
    if permission.rule == "d":
        assert case.terms is not None
        assert case.precision_low is not None
        assert case.precision_low >= 0.98
        assert ACTIONS[case.action].reversible
        assert not case.for_person
        assert not case.failed
    if permission.rule == "e":
        assert case.gateway
        assert case.surface.startswith("ai_")
    if permission.rule == "f":
        assert case.terms is not None
        assert case.action is ActionKind.DEMOTED
        assert 1 <= case.pause_hours <= 24
        assert not case.paused_before
        assert not case.failed

    if permission.rule == "g":
        assert case.terms is not None
        assert case.action is ActionKind.DISABLED
        assert case.agreed
        assert 1 <= case.hold_hours <= 48
        assert not case.held_before


@given(cases)
def test_what_a_person_confirmed_of_one_picture_gives_no_other_class_anything(case):
    without = replace(case, confirmed=None, agreed=False, hold_hours=0)
    if case.entry is not None and case.entry.cls is not Cls.INTIMATE:
        assert may_act(case) == may_act(without)
    elif may_act(case).rule != may_act(without).rule:
        near = case.confirmed is not None and 0 <= case.confirmed <= 10
        assert near or (case.terms is not None and case.hold_hours != 0)


@given(cases)
def test_a_notifiers_hash_without_another_detector_changes_nothing(case):
    alone = replace(case, agreed=False)
    assert may_act(alone).rule != "g"
    if case.hold_hours == 0:
        assert may_act(replace(case, agreed=not case.agreed)) == may_act(case)


@pytest.mark.parametrize(
    ("distance", "rule"), [(None, None), (-1, None), (0, "b"), (10, "b"), (11, None), (31, None)]
)
def test_ten_bits_of_a_confirmed_picture_are_the_limit(distance, rule):
    entry = next(e for e in ENTRIES if e.cls is Cls.INTIMATE and not e.needs_counsel)
    assert may_act(on_law(entry, confirmed=distance)).rule == rule
    assert may_act(on_terms(action=ActionKind.DISABLED, confirmed=distance)).rule == rule


def test_hiding_for_a_notice_ends_within_48_hours():
    assert hold_until(0, 48) == hold_until(0, 400) == 48 * 3_600_000
    assert hold_until(7, 0) == hold_until(7, -5) == 7


def check_reach(case: Case, entry: Entry) -> None:
    if entry.cls is Cls.CHILD:
        assert case.action is ActionKind.REMOVED
        return
    assert set(case.territories) <= set(entry.territories)
    assert EVERYWHERE not in case.territories
    assert ACTIONS[case.action].territorial


@given(cases, st.sampled_from(ENTRIES))
def test_a_match_is_the_only_thing_that_separates_acting_from_proposing(case, entry):
    """Control: without matches, decisions, gateway nothing acts on law."""
    bare = on_law(
        entry,
        action=case.action,
        territories=case.territories,
        pause_hours=case.pause_hours,
        precision_low=case.precision_low,
        proven=case.proven,
        order_places=case.order_places,
    )
    assert may_act(bare).rule is None


def test_some_entries_do_act_so_the_properties_say_something():
    acting = {
        entry.id
        for entry in ENTRIES
        if may_act(on_law(entry, matches=(match(str(entry.cls), Basis.EXACT),))).rule == "a"
    }
    assert {"fr_csam", "de_184b", "us_csam", "fr_terror_apology"} <= acting
    assert {LAW.entries[one].cls for one in acting} == {Cls.CHILD, Cls.TERRORIST}


def test_a_speech_offence_does_not_act_abroad_or_by_removal():
    entry = LAW.entries["fr_terror_apology"]
    found = (match("terrorist", Basis.EXACT),)
    assert may_act(on_law(entry, matches=found)).rule == "a"
    for places in (("DE",), ("FR", "DE"), everywhere(("FR",)), ()):
        assert may_act(on_law(entry, matches=found, territories=places)).rule is None
    assert may_act(on_law(entry, matches=found, action=ActionKind.REMOVED)).rule is None


def test_class_child_is_removed_everywhere_and_nothing_less():
    entry = LAW.entries["fr_csam"]
    found = (match("child", Basis.EXACT),)
    assert may_act(on_law(entry, matches=found, territories=("FR",))).rule == "a"
    assert may_act(on_law(entry, matches=found, territories=everywhere(("FR",)))).rule == "a"
    for action in (ActionKind.LABELLED, ActionKind.DEMOTED, ActionKind.DISABLED):
        assert may_act(on_law(entry, matches=found, action=action)).rule is None


def test_low_confidence_stops_even_an_exact_match():
    entry = msgspec.structs.replace(LAW.entries["fr_csam"], confidence=Confidence.LOW)
    assert may_act(on_law(entry, matches=(match("child", Basis.EXACT),))).rule is None


def test_shadow_and_draft_never_act():
    entry = LAW.entries["fr_csam"]
    for state in ("draft", "shadow"):
        case = on_law(entry, matches=(match("child", Basis.EXACT),), state=state)
        assert may_act(case).rule is None


def test_the_terms_do_not_act_on_a_match():
    """What matched may have nothing to do with the clause that fired."""
    assert may_act(on_terms(matches=(match("child", Basis.EXACT),))).rule is None


def test_the_terms_wait_for_an_evaluation_on_file():
    refused = may_act(on_terms())
    assert refused == Permission(None, "no evaluation of this clause is on file for this language")
    assert may_act(on_terms(precision_low=0.979)).rule is None
    assert may_act(on_terms(precision_low=float("nan"))).rule is None
    assert may_act(on_terms(precision_low=0.98)).rule == "d"
    assert may_act(on_terms(precision_low=0.99, for_person=True)).rule is None
    assert may_act(on_terms(precision_low=0.99, failed=True)).rule is None
    assert may_act(on_terms(precision_low=0.99, action=ActionKind.REMOVED)).rule is None


def test_recommendation_pauses_once_for_at_most_a_day():
    assert may_act(on_terms(pause_hours=24)).rule == "f"
    assert may_act(on_terms(pause_hours=0)).rule is None
    assert may_act(on_terms(pause_hours=25)).rule is None
    assert may_act(on_terms(pause_hours=24, paused_before=True)).rule is None
    assert may_act(on_terms(pause_hours=24, failed=True)).rule is None
    assert may_act(on_terms(pause_hours=24, action=ActionKind.DISABLED)).rule is None
    assert may_act(on_terms(pause_hours=24, state="shadow")).rule is None
    assert may_act(on_law(LAW.entries["fr_hate"], pause_hours=24)).rule is None


def ordered(**more):
    """Return an order of two countries, proven, on one of them."""
    known: dict[str, Any] = {"order": "O-7", "proven": True, "order_places": ("DE", "FR")}
    known |= {"action": ActionKind.DISABLED, "territories": ("FR",)}
    return Case(**(known | more))


def test_a_proven_order_acts_within_its_territory():
    assert may_act(ordered()).rule == "c"
    assert may_act(ordered(territories=("DE", "FR"))).by == "rule c"


def test_an_order_acts_neither_unproven_nor_beyond_its_borders():
    assert may_act(ordered(proven=False)).rule is None
    assert may_act(ordered(territories=("AT", "FR"))).rule is None
    assert may_act(ordered(territories=())).rule is None
    assert may_act(ordered(territories=(EVERYWHERE,))).rule is None
    assert may_act(ordered(action=ActionKind.REMOVED)).rule is None


def test_an_order_is_no_ground_beside_another_one():
    entry = LAW.entries["fr_hate"]
    assert may_act(ordered(entry=entry)).rule is None
    assert may_act(ordered(terms="4.2")).rule is None


def test_the_gateway_may_refuse_to_generate_and_only_there():
    entry = LAW.entries["fr_sexual_deepfake"]
    for surface in Surface:
        here = may_act(on_law(entry, gateway=True, surface=str(surface))).rule
        assert here == ("e" if surface in {Surface.AI_PROMPT, Surface.AI_OUTPUT} else None)
        assert may_act(on_law(entry, surface=str(surface))).rule is None


def test_one_ground_and_no_more():
    both = on_law(LAW.entries["fr_csam"], terms="4.2", matches=(match("child", Basis.EXACT),))
    assert may_act(both).rule is None
    assert may_act(Case(action=ActionKind.DEMOTED, territories=("FR",))).rule is None


@given(st.integers(0, 2**50), st.integers(-5, 10_000))
def test_a_pause_ends_within_a_day(now_ms, hours):
    assert now_ms <= pause_until(now_ms, hours) <= now_ms + LONGEST_PAUSE_MS


def test_all_entries_are_in_the_table():
    assert len(ENTRIES) == 72
