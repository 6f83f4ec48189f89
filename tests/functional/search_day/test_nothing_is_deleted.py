# SPDX-License-Identifier: Apache-2.0
"""While a search stands nothing goes: not by a term, not by a verb, not by a job, not by time."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from django.apps import apps
from django.test import override_settings

from tests.support import proceedings
from tests.support.people import Agora
from tests.support.world import World
from vigie.core.errors import ConflictError, VigieError
from vigie.flow import deletion, erase, house, retain, sealed, search_day, snapshot_sweep, subjects
from vigie.flow.holds import place_hold
from vigie.flow.matters import files
from vigie.flow.queues.claims import forget_watches
from vigie.flow.search import saved
from vigie.flow.search_day import days
from vigie.flow.strikes import weights
from vigie.jobs.folding import Folding
from vigie.store.models import (
    CaseWatch,
    DecisionRecord,
    MatterEntry,
    Notice,
    SealedFile,
    User,
)
from vigie.store.permissions import ERASING, Permission, Role

YEARS_MS: Final = 12 * 365 * 86_400_000
LIVE: Final = {"FoldPosition", "DirtyPart", "Unreached"}
"""Where work stands: overwritten by work itself, says nothing of anybody."""
BLANK: Final[tuple[Any, ...]] = (None, "", b"", [], {}, False, 0)
Rows = dict[tuple[str, Any], dict[str, Any]]


@pytest.fixture
def world(agora: Agora, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Something of everything that has a term."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        monkeypatch.setattr(house, "current", lambda: agora.house)
        made = World(agora)
        CaseWatch.objects.create(case=made.case, user=made.other, seen_at=agora.clock.now_ms())
        yield made


def everything() -> Rows:
    """Every row of the store, by table and key."""
    found: Rows = {}
    for model in apps.get_app_config("store").get_models():
        if model.__name__ in LIVE:
            continue
        for row in model._default_manager.values():
            pk = row[model._meta.pk.attname]
            found[(model.__name__, pk)] = {
                name: bytes(value) if isinstance(value, memoryview) else value
                for name, value in row.items()
            }
    return found


def lost(before: Rows, after: Rows) -> list[tuple[Any, ...]]:
    """What was there and is not: rows, and values that became blank."""
    found: list[tuple[Any, ...]] = []
    for key, row in before.items():
        if key not in after:
            found.append(key)
            continue
        now = after[key]
        found += [
            (*key, name)
            for name, value in row.items()
            if value not in BLANK and now[name] in BLANK and name not in _STATES
        ]
    return found


_STATES: Final = frozenset({"claimed_until", "claimed_by_id", "next_attempt_at", "lease_until"})
"""Columns of the moment."""


def paths(folder: Path) -> set[Path]:
    """Every file of the data folder that is no lock."""
    return {one for one in folder.rglob("*") if one.is_file() and one.parent.name != "run"}


def verbs(world: World) -> dict[str, Callable[[], object]]:
    """Every way in which a person or a job takes something away."""
    here = world.agora.house
    item = world.decided.item_id
    admin = User.objects.get(username="the.admin")
    question = MatterEntry.objects.create(
        matter=world.proceeding.matter,
        kind="note",
        title="one",
        written_by=admin,
        written_at=here.now(),
    )
    return {
        "erase an item": lambda: erase.erase_item(here, item, "test", service="agora"),
        "erase an author": lambda: erase.erase_author(here, "a-9", "test", service="agora"),
        "answer a person": lambda: subjects.erase_subject(here, "a-9", "test", service="agora"),
        "answer a notifier": lambda: subjects.erase_subject(
            here, Notice.objects.exclude(email="").values_list("email", flat=True)[0], "test"
        ),
        "erase attachments": lambda: sealed.erase_sealed(here, SealedFile.objects.all()),
        "strip decisions": lambda: deletion.strip(DecisionRecord.objects.all(), here.now(), 1_000),
        "forget a search": lambda: saved.delete(world.other, world.search.pk),
        "unset a weight": lambda: weights.unset_weight(here, admin, "denial"),
        "strike an entry": lambda: files.strike_entry(here, world.proceeding.counsel, question.pk),
        "forget who looks": lambda: forget_watches(here),
        "sweep Snapshots": lambda: snapshot_sweep.sweep(here),
        "drain the journals": lambda: Folding(here, pause=lambda _s: None).drain(),
        "retain": lambda: retain.retain(here),
    } | {
        f"term: {rule.what}": (lambda rule=rule: rule.enforce(here))
        for rule in retain.registry()
        if rule.enforce is not None
    }


def try_all(world: World, order: random.Random) -> list[str]:
    """Do everything, in any order; return what refused."""
    done = verbs(world)
    names = sorted(done)
    order.shuffle(names)
    refused = []
    for name in names:
        try:
            done[name]()
        except VigieError as problem:
            refused.append(f"{name}: {problem.code}")
    return refused


def age(world: World) -> None:
    """Let more time pass than any term has."""
    world.agora.clock.advance(YEARS_MS)


@pytest.mark.parametrize("seed", range(3))
def test_no_rule_no_verb_and_no_job_takes_anything_away(world: World, seed: int) -> None:
    proceedings.opened(world.agora, world.decided)
    age(world)
    verbs(world)
    before, files_before = everything(), paths(world.agora.folder)
    refused = try_all(world, random.Random(seed))
    assert lost(before, everything()) == []
    assert files_before <= paths(world.agora.folder)
    assert {one.rpartition(": ")[2] for one in refused} == {search_day.STANDS}


def test_without_a_search_the_same_takes_away_what_is_over(world: World) -> None:
    """The control: the test above can fail."""
    age(world)
    before = everything()
    refused = try_all(world, random.Random(1))
    gone = {one[0] for one in lost(before, everything())}
    assert {"DecisionRecord", "ItemContent", "Notice", "RecordKey", "SavedSearch"} <= gone
    assert search_day.STANDS not in " ".join(refused)


def test_once_it_is_closed_terms_run_again(world: World) -> None:
    search = proceedings.opened(world.agora, world.decided)
    age(world)
    before = everything()
    retain.retain(world.agora.house)
    assert lost(before, everything()) == []
    days.close_search(world.agora.house, "command line", search.number)
    retain.retain(world.agora.house)
    assert ("Notice", world.notice.number, "name") in lost(before, everything())


def test_of_two_searches_the_one_that_stands_still_stops_everything(world: World) -> None:
    first = proceedings.opened(world.agora, world.decided)
    proceedings.opened(world.agora)
    days.close_search(world.agora.house, "command line", first.number)
    with pytest.raises(ConflictError, match="stands") as refused:
        erase.erase_item(world.agora.house, world.decided.item_id, "test", service="agora")
    assert refused.value.code == search_day.STANDS


def test_a_hold_and_a_search_both_keep(world: World) -> None:
    here = world.agora.house
    search = proceedings.opened(world.agora, world.decided)
    place_hold(
        here,
        basis="order 12/26",
        owner="legal",
        review_at=here.now() + YEARS_MS,
        item_id=world.decided.item_id,
        service="agora",
    )
    days.close_search(here, "command line", search.number)
    with pytest.raises(ConflictError) as refused:
        erase.erase_item(here, world.decided.item_id, "test", service="agora")
    assert refused.value.code == "held"


@pytest.mark.parametrize("role", [Role.ADMIN, Role.SENIOR, Role.LEGAL, Role.QUALITY])
def test_no_role_keeps_the_right_to_erase(agora: Agora, role: Role) -> None:
    user = agora.person(f"p.{role}", role)
    for right in ERASING:
        assert user.has_perm(right)
        assert right in user.permissions()
    search = proceedings.opened(agora)
    for right in ERASING:
        assert not user.has_perm(right)
        assert right not in user.permissions()
    assert user.has_perm(Permission.DECISION_READ)
    days.close_search(agora.house, "command line", search.number)
    assert user.permissions() >= ERASING


def test_the_page_of_requests_says_why_nothing_was_erased(world: World) -> None:
    client = world.sign_in(Role.LEGAL)
    proceedings.opened(world.agora)
    sent = {"do": "erase", "id": "a-9", "service": "agora", "again": "a-9"}
    answer = client.post("/console/subjects", sent)
    assert answer.status_code == 409
    assert "nothing is deleted until it is closed" in answer.content.decode()
