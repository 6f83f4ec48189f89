# SPDX-License-Identifier: Apache-2.0
"""Private items are refused and nothing of them is written; harmless text is not either."""

from __future__ import annotations

from pathlib import Path

from tests.support.door import PLANTED, item, opened
from tests.support.traces import find_traces

SECRET = "Meet me under the third lantern, and bring nothing but the small blue notebook."
NAME = "p-private-6f1d2c3b4a5968778695a4b3c2d1e0f0"
AUTHOR = "a-private-0f1e2d3c4b5a69788796a5b4c3d2e1f0"


def _traces(folder: Path) -> list[str]:
    needles = [SECRET.encode(), NAME.encode(), AUTHOR.encode()]
    return [
        f"{path.name}: {needle[:9]!r}"
        for path in folder.rglob("*")
        if path.is_file()
        for needle in needles
        if needle in path.read_bytes()
    ]


def _private(**more):
    return item(id=NAME, author={"id": AUTHOR}, text=SECRET, visibility="private", **more)


def test_nothing_of_a_private_item_is_written(settings, clock) -> None:
    with opened(settings, clock) as client:
        error = client.refused(_private(), idempotency_key="k-1")
        assert (error["status"], error["code"]) == (422, "private_screening_off")
        batch = {"items": [item(), _private()]}
        results = client.post(batch, idempotency_key="k-2").json()["results"]
        assert results[1]["error"]["code"] == "private_screening_off"
        assert _traces(settings.data_dir) == []
    assert _traces(settings.data_dir) == []
    assert find_traces(settings.data_dir, [SECRET.encode()]) == []


def test_the_same_item_in_public_is_found_when_a_decision_needs_it(settings, clock) -> None:
    with opened(settings, clock) as client:
        client.post({**_private(), "visibility": "public", "text": f"{SECRET} {PLANTED}"})
    assert _traces(settings.data_dir)


def test_an_item_without_finding_is_written_without_text_and_author(settings, clock) -> None:
    with opened(settings, clock) as client:
        client.post({**_private(), "visibility": "public", "id": "p-2"})
    assert _traces(settings.data_dir) == []
