# SPDX-License-Identifier: Apache-2.0
"""Too much, too often, too long: told and counted, never half recorded, never dropped."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any

import pytest
from django.test import Client

from tests.functional.outside.test_permission_matrix import ADDRESSES
from tests.support.world import World
from vigie.flow.keys import create_key
from vigie.store.models import Appeal, DecisionRecord, Notice, RateBucket
from vigie.store.permissions import Role
from vigie.web.limits import LIMITS

LONG = "צ\U0001f642" * 2_500
"""5,000 characters from right to left, without a space."""
MEGABYTES = "x" * (5 * 1024 * 1024)
BODY: dict[str, Any] = {
    "kind": "illegal",
    "category": "hate",
    "locations": ["https://agora.example/p/p-970"],
    "explanation": "It calls for violence.",
    "good_faith": True,
}


def sent_by_a_button(world: World, **more: Any) -> tuple[int, str]:
    """Give notice by the platform's own button."""
    secret = create_key(world.agora.house, "button", ["reports"])[1]
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    body = json.dumps(BODY | more)
    answer = client.post("/api/v1/notices", body, content_type="application/json")
    return answer.status_code, answer.content.decode()


def path_of(world: World, name: str) -> str:
    """The path of a page of the portal."""
    return world.path(next(one for one in ADDRESSES if one.name == name))


@pytest.mark.parametrize(
    "more",
    [
        {"explanation": MEGABYTES},
        {"locations": [f"https://agora.example/p/{n}" for n in range(1_000)]},
        {"locations": ["https://agora.example/" + "x" * 10_000]},
        {"name": "x" * 5_000},
        {"hashes": [{"pdq": "00" * 32, "quality": 100}] * 1_000},
    ],
    ids=["5 MB", "1,000 addresses", "a long address", "a long name", "1,000 hashes"],
)
def test_too_much_at_the_api_is_told_and_records_nothing(
    world: World, more: dict[str, Any]
) -> None:
    before = Notice.objects.count()
    status, body = sent_by_a_button(world, **more)
    assert status in {400, 413, 422}
    assert "request_id" in body
    assert MEGABYTES[:100] not in body
    assert Notice.objects.count() == before


def test_five_megabytes_in_a_complaint_are_told_and_record_nothing(world: World) -> None:
    before = Appeal.objects.count()
    for name in ("portal:statement-contest", "portal:measure-contest"):
        answer = Client().post(path_of(world, name), {"grounds": MEGABYTES})
        assert answer.status_code in {409, 413, 422}
    assert Appeal.objects.count() == before


def test_a_name_and_a_text_of_five_thousand_characters_without_a_space(world: World) -> None:
    """What is taken is shown whole and isolated; what is not is told."""
    status, _ = sent_by_a_button(world, explanation=LONG, name="שׁלום \U0001f642 \u202eeman")
    assert status == 201
    row = Notice.objects.get(explanation=LONG)
    client = world.sign_in(Role.SENIOR)
    page = unescape(client.get(f"/console/notices/{row.number}").content.decode())
    assert LONG in page
    case = row.items.get().case
    assert case is not None
    desk = client.get(f"/console/decisions/{case.decision_id}/decide").content.decode()
    assert re.search(rf"<bdi[^>]*>[^<]*{LONG[:200]}", unescape(desk))


@pytest.mark.parametrize("path", ["/notice/status", "/appeal", "/notice/continue"])
def test_forged_codes_get_one_answer_and_then_a_pause(world: World, path: str) -> None:
    codes = [f"{n:04}-AAAA-BBBB-CCCC-DDDD" for n in range(LIMITS["code"].most + 2)]
    answers = [Client().post(path, {"code": code}) for code in codes]
    assert {one.status_code for one in answers} == {422, 429}
    pages = [(one, one.content.decode()) for one in answers]
    said = {page.count("<p") for one, page in pages if one.status_code == 422}
    assert all("<input" in page for _, page in pages)
    code, answer = codes[-1], answers[-1]
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0
    assert len(said) == 1
    refused = RateBucket.objects.filter(key__startswith="refused:code")
    assert sum(row.tokens for row in refused) >= 2
    assert code in unescape(answer.content.decode()), "what was typed is kept"


def test_a_proposal_with_the_longest_names_is_shown(world: World) -> None:
    number = world.agora.proposal("ø" * 250, LONG, author="\U0001f642" * 200)
    client = world.sign_in(Role.SENIOR)
    for path in (
        f"/console/decisions/{number}",
        f"/console/decisions/{number}/decide",
        "/console/decisions",
        "/console/queues",
    ):
        assert client.get(path).status_code == 200, path
    assert DecisionRecord.objects.filter(item_id="ø" * 250).exists()
