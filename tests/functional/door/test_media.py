# SPDX-License-Identifier: Apache-2.0
"""Pictures: known ones are met by rule, broken ones go to a person, none is kept."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator

import pytest

from tests.support import pictures
from tests.support.door import (
    NOW,
    PUBLIC,
    Client,
    decided,
    default_policies,
    listed,
    live,
    opened,
    set_up,
    shipped,
)
from tests.support.traces import find_pictures, find_traces
from vigie.core.clock import FixedClock
from vigie.screening.media.facts import facts_of

KNOWN = pictures.picture(1)
DECIDED = pictures.picture(2)
OTHER = pictures.picture(3)
EVERYWHERE = ["AT", "DE", "FR", "*"]


@pytest.fixture(scope="module")
def client(tmp_path_factory) -> Iterator[Client]:
    folder = tmp_path_factory.mktemp("door") / "data"
    settings = set_up(
        folder,
        policies=[*default_policies(), *live(shipped("near_child_material"))],
        index=[listed(hashlib.sha256(KNOWN).digest())],
        media=[decided(hashlib.sha256(DECIDED).hexdigest())],
    )
    with opened(settings, FixedClock(NOW)) as made:
        yield made


def _sent(data: bytes, mime: str = "image/jpeg") -> list[dict[str, str]]:
    return [{"base64": base64.b64encode(data).decode(), "mime": mime}]


def test_a_listed_picture_is_removed_everywhere_by_rule_a(client) -> None:
    decision = client.decide(id="known", media=_sent(KNOWN), countries=["FR"])["decision"]
    assert decision["outcome"] == "remove"
    [action] = decision["actions"]
    assert (action["by"], action["state"]) == ("rule a", "sent")
    assert action["action"] == "DECISION_VISIBILITY_CONTENT_REMOVED"
    assert action["territories"] == EVERYWHERE


def test_a_listed_digest_without_bytes_is_enough(client) -> None:
    media = [{"sha256": hashlib.sha256(KNOWN).hexdigest()}]
    assert client.decide(id="digest", media=media)["decision"]["outcome"] == "remove"


def test_an_unknown_picture_is_allowed(client) -> None:
    decision = client.decide(id="other", media=_sent(OTHER))["decision"]
    assert (decision["outcome"], decision["pending"]) == ("allow", [])


def test_the_same_bytes_as_decided_media_meet_the_same_action_by_rule_b(client) -> None:
    decision = client.decide(id="b", media=_sent(DECIDED), countries=["FR", "AT"])["decision"]
    assert decision["outcome"] == "withhold"
    [action] = decision["actions"]
    assert (action["by"], action["territories"]) == ("rule b", ["FR"])


def test_media_by_address_only_is_not_fetched_and_pending(client) -> None:
    media = [*_sent(OTHER), {"url": "https://a.example/1.jpg"}]
    decision = client.decide(id="url", media=media)["decision"]
    assert decision["pending"] == ["media/1"]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("truncated", KNOWN[: len(KNOWN) // 3]),
        ("a pixel bomb", pictures.png_bomb()),
        ("a frame bomb", pictures.gif_bomb()),
        ("no picture at all", b"GIF89a" + b"nothing" * 40),
        ("empty", b""),
    ],
)
def test_a_picture_that_cannot_be_read_goes_to_a_person(client, name: str, data: bytes) -> None:
    decision = client.decide(id=name, media=_sent(data))["decision"]
    failed = [one for one in decision["signals"] if one["status"] == "failed"]
    assert failed, decision
    assert all(one["problem"] for one in failed)
    assert decision["outcome"] == "review"


def test_a_mislabelled_picture_is_read_for_what_it_is(client) -> None:
    decision = client.decide(id="label", media=_sent(KNOWN, "image/png"))["decision"]
    assert decision["outcome"] == "remove"


def test_base64_that_does_not_read_goes_to_a_person(client) -> None:
    media = [{"base64": "%%%%"}]
    assert client.decide(id="b64", media=media)["decision"]["outcome"] == "review"


def test_no_picture_lies_anywhere_under_the_folder(client) -> None:
    client.decide(id="kept", media=_sent(KNOWN), text="A caption.")
    folder = client.door.journal.folder.parent
    hashes = [bytes.fromhex(facts_of(one).pdq or "") for one in (KNOWN, DECIDED)]
    assert find_traces(folder, [KNOWN, DECIDED, OTHER]) == []
    assert find_pictures(folder, hashes) == []
    (folder / "kept").write_bytes(KNOWN)
    try:
        assert find_traces(folder, [KNOWN])
        assert find_pictures(folder, hashes)
    finally:
        (folder / "kept").unlink()


def test_what_takes_effect_at_once_names_the_page_for_the_person_concerned(client) -> None:
    answer = client.decide(id="told", media=_sent(KNOWN))["decision"]
    assert answer["statement_url"].startswith("http")
    again = client.get(f"/v1/decisions/{answer['decision_id']}").json()["decision"]
    assert again["statement_url"] == answer["statement_url"]


def test_a_harmless_decision_has_no_statement(client) -> None:
    assert client.decide(id="calm", media=_sent(OTHER))["decision"]["statement_url"] is None


def test_a_public_key_learns_no_address_of_a_statement(client) -> None:
    shown = client.decide(PUBLIC, id="known-too", media=_sent(KNOWN))["decision"]
    assert "statement_url" not in shown
