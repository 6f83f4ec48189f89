# SPDX-License-Identifier: Apache-2.0
"""Rule (f) at the door: recommendation pauses while a person is asked for the rest."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from tests.support.door import CLAUSE, PLANTED, live, opened, policy, set_up
from vigie.core.clock import FixedClock

EVERYWHERE = ["AT", "DE", "FR", "*"]


def _decided(folder: Path, clock: FixedClock, *posts: dict, **changed):
    one = policy("pausing", pause_recommendation=12, **changed)
    settings = set_up(folder, policies=live(one))
    with opened(settings, clock) as client:
        return [client.decide(text=PLANTED, **post)["decision"] for post in posts]


def test_a_pause_acts_while_a_person_is_asked_for_what_the_policy_wants(tmp_path, clock):
    [made] = _decided(tmp_path, clock, {})
    paused, asked = made["actions"]
    assert (paused["action"], paused["by"], paused["state"]) == (
        "DECISION_VISIBILITY_CONTENT_DEMOTED",
        "rule f",
        "sent",
    )
    assert paused["territories"] == asked["territories"] == EVERYWHERE
    assert paused["grounds"] == asked["grounds"] == [{"terms": CLAUSE}]
    ends = datetime.fromisoformat(paused["until"]).timestamp() * 1000
    assert ends == clock.now_ms() + 12 * 3_600_000
    assert (asked["action"], asked["by"], asked["state"]) == (
        "DECISION_VISIBILITY_CONTENT_DISABLED",
        "proposal",
        "proposed",
    )
    assert made["outcome"] == "review"


def test_a_policy_that_wants_no_more_than_the_pause_asks_nobody(tmp_path, clock):
    [made] = _decided(tmp_path, clock, {}, action="limit")
    assert [action["by"] for action in made["actions"]] == ["rule f"]
    assert made["outcome"] == "limit"


def test_one_version_is_paused_once(tmp_path, clock):
    first, again = _decided(tmp_path, clock, {"version": 2}, {"version": 2})
    assert first["decision_id"] == again["decision_id"]
    assert first["actions"] == again["actions"]


@pytest.mark.parametrize(("given", "fires"), [({}, True), ({"countries": ["AT"]}, False)])
def test_an_item_that_names_no_countries_is_seen_in_all_that_are_served(
    tmp_path, clock, given, fires
):
    when = {"score": "score.planted >= limit.planted", "seen": "'FR' in item.countries"}
    tests = [
        {
            "name": "fires",
            "given": {"score.planted": 0.9, "item.countries": ["FR"]},
            "expect": "fires",
        },
        {"name": "is quiet", "given": {"score.planted": 0.9}, "expect": "quiet"},
    ]
    [made] = _decided(tmp_path, clock, given, when=when, tests=tests)
    assert bool(made["verdicts"]) is fires
