# SPDX-License-Identifier: Apache-2.0
"""The change register: what generates is registered whole, or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from vigie.core.change_digest import of_request
from vigie.core.errors import ConflictError, InvalidInputError
from vigie.flow import changes
from vigie.flow.changes import Change, register_change
from vigie.flow.keys import create_key
from vigie.flow.snapshots import publish_snapshot
from vigie.screening.snapshot import load
from vigie.store.models import Record, RegisteredChange, SnapshotPart

if TYPE_CHECKING:
    from vigie.flow.house import House

DAY = 86_400_000
BODY = {"model": "assistant-1", "messages": [{"role": "system", "content": "Be kind."}]}
WHOLE: dict[str, Any] = {
    "kind": "assistant",
    "title": "Shorter answers",
    "digest": of_request(BODY),
    "version": "2026-11-2",
    "asked_by": "head of product",
    "approved_by": ("A. One", "B. Two"),
    "risk": "RA-14: low.",
    "by": "test",
}


def test_a_registered_change_reaches_the_gateway_by_its_digest(
    house: House, part: Callable[[SnapshotPart], Any]
) -> None:
    row = register_change(house, Change(**WHOLE, ends_at=house.now() + DAY))
    [known] = part(SnapshotPart.CHANGES)
    assert (known["number"], known["digest"]) == (row.pk, of_request(BODY))
    publish_snapshot(house)
    [found] = load(house.settings.snapshots_dir).changes[of_request(BODY)]
    assert (found.version, found.since, found.until - found.since) == (
        "2026-11-2",
        house.now(),
        DAY,
    )


def test_the_log_has_the_digest_in_the_open_and_the_people_as_commitments(house: House) -> None:
    register_change(house, Change(**WHOLE))
    said = Record.objects.get(kind="change.registered").canonical.decode()
    assert of_request(BODY) in said
    for word in ("A. One", "head of product", "RA-14"):
        assert word not in said


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("version", " "),
        ("asked_by", ""),
        ("risk", ""),
        ("approved_by", ()),
        ("approved_by", ("A. One",)),
        ("approved_by", ("A. One", "a.  one ")),
        ("approved_by", ("A. One", " ")),
        ("approved_by", ("A" * 201, "B")),
        ("approved_by", tuple("ABCDEFGHIJK")),
        ("version", "x" * 101),
        ("risk", "x" * 10_001),
        ("ends_at", 1),
        ("description", "x" * 5_001),
    ],
)
def test_what_generates_is_registered_whole(house: House, field: str, value: Any) -> None:
    for kind in ("assistant", "image_model", "safety"):
        with pytest.raises((InvalidInputError, ConflictError)) as refused:
            register_change(house, Change(**WHOLE | {"kind": kind, field: value}))
        assert refused.value.field == field
    assert not RegisteredChange.objects.exists()


def test_a_recommender_needs_no_more_than_before(house: House) -> None:
    given = Change(kind="recommender", title="Calmer", digest="ab" * 32, by="test")
    assert register_change(house, given).approved_by == []


def test_changes_of_a_time_are_those_that_began_or_ended_then(house: House) -> None:
    now = house.now()

    def made(title: str, since: int, until: int | None = None) -> None:
        given = WHOLE | {"title": title, "effective_at": now + since, "ends_at": until}
        register_change(house, Change(**given))

    made("before and open", -5 * DAY)
    made("ended within", -5 * DAY, now + DAY)
    made("begun within", 0)
    made("begun at the end", 2 * DAY)
    found = changes.between(now, now + 2 * DAY)
    assert [row.title for row in found] == ["ended within", "begun within"]
    assert not changes.between(now, now + 2 * DAY, "safety").exists()


def test_the_api_registers_it_with_everything_and_names_what_is_missing(house: House) -> None:
    secret = create_key(house, "releases", ["records"])[1]
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    body = {name: value for name, value in WHOLE.items() if name != "by"}
    body["approved_by"] = list(body["approved_by"])

    def post(**change: Any) -> Any:
        sent = json.dumps({k: v for k, v in (body | change).items() if v is not None})
        return client.post("/api/v1/changes", sent, content_type="application/json")

    made = post(ends_at=house.now() + DAY)
    assert made.status_code == 201
    assert (made.json()["version"], made.json()["approved_by"]) == (
        "2026-11-2",
        ["A. One", "B. Two"],
    )
    assert made.json()["ends_at"]
    for missing in ("version", "asked_by", "approved_by", "risk"):
        refused = post(**{missing: None})
        assert refused.status_code == 422
        assert refused.json()["error"]["field"] == missing
    old = {"kind": "recommender", "title": "Calmer", "digest": "ab" * 32}
    sent = client.post("/api/v1/changes", json.dumps(old), content_type="application/json")
    assert sent.status_code == 201
    listed = client.get("/api/v1/changes").json()["items"]
    assert [one["kind"] for one in listed] == ["recommender", "assistant"]
