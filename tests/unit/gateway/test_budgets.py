# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from vigie.core.gateway import DAY_MS, Ending, ExchangeFacts, Feature
from vigie.gateway.budgets import BudgetError, Budgets, settled_reader
from vigie.screening.access import AccessKey

NOON = 20_000 * DAY_MS + DAY_MS // 2


def key(**limits: int) -> AccessKey:
    return AccessKey(id="7", sha256="", scopes=("ai",), limits=limits)


def facts(tokens: int = 0, images: int = 0) -> ExchangeFacts:
    return ExchangeFacts(
        application="7",
        route="chat",
        feature=Feature.CHAT,
        ending=Ending.RELEASED,
        output_tokens=tokens,
        images=images,
    )


def settled(at: int = 0, **used: int) -> dict[str, Any]:
    return {"day": NOON // DAY_MS, "at": at, "keys": {"7": used}}


def admitted(budgets: Budgets, one: AccessKey, now: int, most: int = 50) -> int:
    """Return how many exchanges are admitted one after the other."""
    for count in range(most):
        try:
            budgets.take(one, now)
        except BudgetError:
            return count
        budgets.ended(one, now, facts(10))
    return most


def test_a_key_without_limits_is_never_refused() -> None:
    assert admitted(Budgets(lambda _: {}), key(), NOON) == 50


def test_what_was_settled_and_what_was_counted_since_add_up() -> None:
    known = settled(at=NOON, requests=6)
    assert admitted(Budgets(lambda _: known), key(requests_per_day=10), NOON) == 4


def test_what_is_settled_is_not_counted_twice() -> None:
    known: dict[str, Any] = {}
    budgets, one = Budgets(lambda _: known), key(requests_per_day=10)
    assert admitted(budgets, one, NOON, 4) == 4
    known.update(settled(at=NOON + 2_000, requests=4))
    assert admitted(budgets, one, NOON + 2_500) == 6


def test_exchanges_under_way_count() -> None:
    budgets, one = Budgets(lambda _: {}), key(requests_per_day=2)
    budgets.take(one, NOON)
    budgets.take(one, NOON)
    with pytest.raises(BudgetError):
        budgets.take(one, NOON)
    budgets.ended(one, NOON, None)
    budgets.take(one, NOON)


def test_two_processes_overshoot_by_no_more_than_what_is_not_settled() -> None:
    known: dict[str, Any] = settled(at=NOON)
    one = key(requests_per_day=10)
    doors = [Budgets(lambda _: known), Budgets(lambda _: known)]
    assert sum(admitted(door, one, NOON) for door in doors) == 20
    known.update(settled(at=NOON + 5_000, requests=20))
    assert sum(admitted(door, one, NOON + 5_000) for door in doors) == 0


def test_tokens_and_pictures_have_budgets_of_their_own() -> None:
    assert admitted(Budgets(lambda _: {}), key(tokens_per_day=25), NOON) == 3
    budgets, one = Budgets(lambda _: {}), key(images_per_day=5)
    budgets.take(one, NOON, images=4)
    with pytest.raises(BudgetError):
        budgets.take(one, NOON, images=2)
    budgets.ended(one, NOON, facts(images=1), images=4)
    budgets.take(one, NOON, images=4)


def test_a_new_day_begins_with_all_of_it_and_a_refusal_says_when_that_is() -> None:
    budgets, one = Budgets(lambda _: {}), key(requests_per_day=3)
    assert admitted(budgets, one, NOON) == 3
    with pytest.raises(BudgetError) as refused:
        budgets.take(one, NOON)
    assert refused.value.retry_after == DAY_MS // 2 // 1000
    assert refused.value.code == "insufficient_quota"
    assert admitted(budgets, one, NOON + DAY_MS) == 3


def test_a_rate_a_minute_fills_steadily() -> None:
    budgets, one = Budgets(lambda _: {}), key(requests_per_minute=6)
    assert admitted(budgets, one, NOON) == 6
    with pytest.raises(BudgetError) as refused:
        budgets.take(one, NOON + 1_000)
    assert (refused.value.code, refused.value.retry_after) == ("rate_limit_exceeded", 10)
    assert admitted(budgets, one, NOON + 20_000) == 2


def test_a_file_that_is_missing_or_damaged_leaves_what_was_known(tmp_path: Path) -> None:
    file = tmp_path / "usage.json"
    read = settled_reader(file)
    assert read(0) == {}
    file.write_text(json.dumps(settled(requests=3)))
    assert read(500) == {}
    assert read(1_500)["keys"]["7"]["requests"] == 3
    file.write_text("{")
    assert read(3_000)["keys"]["7"]["requests"] == 3
