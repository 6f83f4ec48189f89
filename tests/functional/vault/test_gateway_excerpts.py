# SPDX-License-Identifier: Apache-2.0
"""The excerpt of something stopped: from the door into the vault, opened by its case, shredded."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from tests.support.books import COUNTED, STOPPED, Gate, guard
from vigie.core.gateway import DAY_MS, Profile
from vigie.evidence import incoming
from vigie.flow import holds, retain
from vigie.flow.gateway import excerpts, profiles
from vigie.flow.keys import create_key
from vigie.flow.vault import layout
from vigie.flow.vault.adopt import PATIENCE_MS, adopt
from vigie.jobs.folding import Folding
from vigie.store.models import Evidence, GatewayStop

WORDS = f"The words before {STOPPED} and the words after."


class Road:
    """A door, and what `jobs` makes of what it leaves."""

    def __init__(self, agora):
        self.house = agora.house
        application = str(create_key(agora.house, "Assistant", ["ai"])[0].pk)
        key = agora.house.pseudonym_key
        self.gate = Gate(agora.settings, key, agora.clock, application=application)
        self.folding = Folding(agora.house, pause=lambda _: None)

    def stop(self, *texts: str, days: int = 30) -> None:
        """Have prompts refused, folded and what is left of them adopted."""
        profile = Profile(excerpt_days=days, stops_per_case=1)
        profiles.publish(self.house, msgspec.to_builtins(profile))
        self.gate.holder.snapshot = replace(
            self.gate.holder.snapshot, gateway=guard(profile).gateway
        )
        for text in texts:
            self.gate.exchange(text)
        self.folding.drain()
        adopt(self.house)


@pytest.fixture
def road(agora):
    made = Road(agora)
    yield made
    made.folding.close()
    made.gate.close()


def files(agora, word: bytes) -> list[str]:
    found = [one for one in agora.settings.data_dir.rglob("*") if one.is_file()]
    return [one.name for one in found if word in one.read_bytes()]


def test_it_becomes_evidence_of_its_stop_and_opens_by_its_case(vault, agora, road):
    road.stop(WORDS)
    row, stop = Evidence.objects.get(), GatewayStop.objects.get()
    assert (row.kind, row.rule, row.lane) == ("excerpt", "gateway_excerpt", "general")
    assert row.decision_id == stop.decision_id
    assert stop.evidence_id == stop.excerpt == row.evidence_id
    assert row.basis == "terms: house rule 7"
    assert row.author == stop.decision.author != ""
    assert files(agora, STOPPED.encode()) == []
    officer = agora.person("l.anders", "senior", number=1)
    decision = stop.decision.decision_id
    assert excerpts.open_excerpt(agora.house, officer, 1, decision, "a complaint") == WORDS


def test_it_ends_with_the_profiles_days(vault, agora, road):
    road.stop(WORDS, days=7)
    row = Evidence.objects.get()
    assert row.purge_at == agora.house.now() + 7 * DAY_MS
    agora.clock.advance(7 * DAY_MS)
    retain.retain(agora.house)
    row.refresh_from_db()
    assert (row.wrapped, row.sha256) == ([], "")
    assert not layout.path_of(agora.settings, row.file).exists()


def test_only_a_hold_keeps_it_longer(vault, agora, road):
    road.stop(WORDS, days=180)
    item = Evidence.objects.get().item_id
    held = holds.place_hold(agora.house, basis="order", owner="legal", review_at=0, item_id=item)
    agora.clock.advance(181 * DAY_MS)
    retain.retain(agora.house)
    assert Evidence.objects.get().wrapped
    holds.lift_hold(agora.house, held.pk)
    retain.retain(agora.house)
    assert not Evidence.objects.get().wrapped


def test_it_waits_for_its_decision_to_be_folded(vault, agora, road):
    road.gate.exchange(WORDS)
    assert adopt(agora.house) == 0
    road.folding.drain()
    assert adopt(agora.house) == 1
    assert GatewayStop.objects.get().evidence is not None
    assert adopt(agora.house) == 0


def test_of_what_is_counted_only_no_file_waits(vault, agora, road):
    road.stop(COUNTED, f"{COUNTED} {STOPPED}")
    assert list(incoming.waiting(agora.settings.evidence_dir)) == []
    agora.clock.advance(PATIENCE_MS + 1)
    adopt(agora.house)
    assert not Evidence.objects.exists()
    assert files(agora, COUNTED.encode()) == []


def test_without_a_vault_the_stop_says_so(agora, road):
    road.stop(WORDS)
    assert GatewayStop.objects.get().excerpt == "not kept: no vault"
    assert not Evidence.objects.exists()
