# SPDX-License-Identifier: Apache-2.0
"""Whoever claims what is everybody's changes nothing: a thousand harmless photographs."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.support.victims import Road, hashes, seen
from vigie.core.actions import Outcome
from vigie.core.item import MediaFacts
from vigie.flow.intimate import search
from vigie.flow.intimate.found import MOST_COPIES
from vigie.flow.intimate.widely import widely
from vigie.screening.matching.base import CLAIMS
from vigie.store.models import (
    BankEntry,
    Case,
    CaseKind,
    ClaimState,
    DomainList,
    Effect,
    Notice,
    OutgoingTask,
    PictureClaim,
    PictureSighting,
    Statement,
    WebhookEndpoint,
)

HERS = seen(1)


def listed() -> set[str]:
    rows = BankEntry.objects.filter(bank__name=CLAIMS, active=True)
    return set(rows.values_list("value", flat=True))


def look_around(road: Road) -> None:
    """Let `jobs` do what there is to do."""
    while search.turn(road.house):
        pass


def check_invisible() -> None:
    assert not Effect.objects.exists()
    assert not Statement.objects.exists()
    assert not OutgoingTask.objects.filter(kind="webhook").exists()


def test_the_hashes_of_a_thousand_harmless_photographs_change_nothing_visible(road: Road) -> None:
    """Fifty notifiers claim a thousand pictures that others publish; nothing happens to any."""
    WebhookEndpoint.objects.create(
        url="https://agora.example/hook", events=["*"], secret="s" * 32, created_at=1
    )
    rng = np.random.default_rng(4)
    pictures = [seen(seed, size=(96, 72)) for seed in range(1_000, 1_040)]
    pictures += [MediaFacts(status="hashes", pdq=rng.bytes(32).hex()) for _ in range(960)]
    assert len({one.pdq for one in pictures}) == 1_000
    before = road.screen_all([(one,) for one in pictures[:500]])
    for n in range(50):
        mine = pictures[20 * n : 20 * n + 20]
        road.notice(hashes=hashes(*mine), email=f"n{n}@example.org")
    assert len(listed()) == 1_000
    after = road.screen_all([(one,) for one in pictures])
    look_around(road)
    assert {one.outcome for one in (*before, *after)} == {Outcome.ALLOW}
    assert not any(one.actions or one.verdicts for one in (*before, *after))
    assert sum(one.claimed for one in after) == 1_000
    check_invisible()
    assert PictureSighting.objects.filter(listed_at__isnull=True).count() == 0
    assert {one.kind for one in Case.objects.all()} == {CaseKind.INTIMATE}
    assert Case.objects.count() == 50
    assert max(n.copies.count() for n in Notice.objects.all()) <= MOST_COPIES


def test_what_is_found_too_often_is_followed_no_further(road: Road, monkeypatch: Any) -> None:
    monkeypatch.setattr("vigie.flow.intimate.found.MOST_COPIES", 5)
    notice = road.notice("p-1", hashes=hashes(HERS)).notice
    road.screen_all([(HERS,)] * 9)
    look_around(road)
    assert notice.copies.count() == 5
    assert PictureClaim.objects.get().state == ClaimState.WIDE
    assert listed() == set()
    assert widely(road.house, [notice]).stopped
    road.screen(HERS)
    assert PictureSighting.objects.count() == 9


def test_many_authors_old_items_and_the_press_are_a_warning_never_a_refusal(road: Road) -> None:
    notice = road.notice("p-1", hashes=hashes(HERS)).notice
    assert not widely(road.house, [notice]).warns
    road.screen_all([(HERS,)] * 9)
    look_around(road)
    assert not widely(road.house, [notice]).many
    road.screen(HERS, author="tenth")
    look_around(road)
    found = widely(road.house, [notice])
    assert (found.authors, found.many, found.warns) == (10, True, True)
    assert PictureClaim.objects.get().state == ClaimState.ACTIVE
    DomainList.objects.create(
        name="press", version=1, label="press", domains=["news.example"], published_at=1
    )
    road.screen(HERS, name="p-99", links=["https://www.news.example/story"])
    road.screen(HERS, name="p-98", created_at="2019-01-01T00:00:00Z")
    look_around(road)
    found = widely(road.house, [notice])
    assert found.hosts == ("news.example",)
    assert found.old
