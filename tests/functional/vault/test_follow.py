# SPDX-License-Identifier: Apache-2.0
"""Preserve before removal: a person's restriction seals what it is about, then lets it leave."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.support.appeals import act
from tests.support.pictures import encode, pattern
from vigie.exchange import fetch
from vigie.flow.decide import PersonDecision, Verb, decide
from vigie.flow.pictures import known
from vigie.flow.vault import access, follow, preserve
from vigie.flow.webhooks import add_webhook
from vigie.store.models import DecisionRecord, Evidence, ItemContent, OutgoingTask

URL = "https://cdn.agora.example/m/1.png"


@pytest.fixture
def reader(agora):
    return agora.person("m.reader", "senior", number=8)


def withhold(agora, reader, urls=()):
    number = agora.proposal("p-100")
    ItemContent.objects.filter(item_id="p-100").update(media_urls=list(urls))
    return act(agora, reader, number, Verb.WITHHOLD)


@pytest.fixture
def hosts(agora, vault):
    """A platform whose pictures may be fetched."""
    agora.house = replace(
        agora.house, settings=replace(agora.settings, media_hosts=("cdn.agora.example",))
    )
    vault.house = agora.house
    add_webhook(agora.house, "https://hooks.example/vigie", [])


def test_a_restriction_on_a_legal_ground_is_preserved_with_its_words(vault, agora, reader, first):
    made = withhold(agora, reader)
    row = Evidence.objects.get()
    assert (row.kind, row.decision_id, row.rule, row.item_id) == (
        "context", made.number, "complaint", "p-100",
    )  # fmt: skip
    told = json.loads(access.read(agora.house, first, row, "review"))
    assert told["item"]["text"].startswith("Was hier steht")
    assert made.decision_id in [one["id"] for one in told["decisions"]]
    assert "DE" in row.basis


def test_without_a_vault_people_decide_as_before(agora, reader):
    assert withhold(agora, reader)
    assert not Evidence.objects.exists()


def test_what_is_left_as_it_is_preserves_nothing(vault, agora, reader):
    number = agora.proposal("p-100")
    decide(agora.house, PersonDecision(on=number, verb=Verb.LEAVE, reason="No.", user=reader))
    assert not Evidence.objects.exists()


@pytest.mark.usefixtures("hosts")
def test_the_message_waits_until_the_pictures_are_sealed(vault, agora, reader, first, monkeypatch):
    picture = encode(pattern(3, 64, 64))
    made = withhold(agora, reader, [URL])
    task = OutgoingTask.objects.get(decision=made)
    usual = agora.house.now() + agora.settings.undo_seconds * 1000
    assert task.not_before == agora.house.now() + follow.PATIENCE_MS
    monkeypatch.setattr(fetch, "fetch_picture", lambda *_a, **_k: picture)
    assert follow.turn(agora.house) == 1
    task.refresh_from_db()
    assert task.not_before == usual
    media = Evidence.objects.get(kind="media")
    assert access.read(agora.house, first, media, "review") == picture
    assert Evidence.objects.get(kind="context").meta["pictures"] == [preserve.SEALED]
    assert follow.turn(agora.house) == 0


@pytest.mark.usefixtures("hosts")
def test_a_picture_that_is_gone_is_said_and_the_message_leaves(vault, agora, reader, monkeypatch):
    from vigie.core.errors import OutsideError

    def gone(*_args, **_more):
        raise OutsideError("gone", code="gone")

    made = withhold(agora, reader, [URL])
    monkeypatch.setattr(fetch, "fetch_picture", gone)
    follow.turn(agora.house)
    assert Evidence.objects.get().meta["pictures"] == ["not preserved: gone"]
    task = OutgoingTask.objects.get(decision=made)
    assert task.not_before < agora.house.now() + follow.PATIENCE_MS


def test_a_host_that_is_not_allowed_delays_nothing(vault, agora, reader):
    add_webhook(agora.house, "https://hooks.example/vigie", [])
    made = withhold(agora, reader, [URL])
    task = OutgoingTask.objects.get(decision=made)
    assert task.not_before == agora.house.now() + agora.settings.undo_seconds * 1000
    assert Evidence.objects.get().meta["pictures"] == ["not preserved: host_not_allowed"]


@pytest.mark.usefixtures("hosts")
def test_a_picture_that_a_list_of_class_child_knows_is_not_sealed(
    vault, agora, reader, monkeypatch
):
    withhold(agora, reader, [URL])
    monkeypatch.setattr(fetch, "fetch_picture", lambda *_a, **_k: encode(pattern(3, 64, 64)))
    monkeypatch.setattr(known, "of_class", lambda *_: ["known"])
    follow.turn(agora.house)
    assert Evidence.objects.get().meta["pictures"] == ["not preserved: known_child"]


def test_an_item_of_class_child_is_never_preserved_here(vault, agora):
    number = agora.removal("p-700")
    row = DecisionRecord.objects.get(number=number)
    assert preserve.preserve(agora.house, row, rule="complaint", basis="x") == []
    assert not Evidence.objects.exists()
