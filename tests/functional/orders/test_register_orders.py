# SPDX-License-Identifier: Apache-2.0
"""The register says whose word it was, and nothing that silence hides."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from tests.support.order_papers import receive
from tests.support.orders import Desk, refreshed
from tests.support.people import Agora
from vigie.flow import register
from vigie.flow.orders import execute, refer, silence
from vigie.flow.orders.refer import Assessment
from vigie.store.models import Order

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(agora: Agora) -> Desk:
    return Desk(agora)


def rows(client: Client) -> list[dict[str, Any]]:
    body = b"".join(client.get("/register/2026-11.json").streaming_content)  # type: ignore[attr-defined]
    found: list[dict[str, Any]] = json.loads(body)["register"]
    return found


def test_followed_narrowed_and_refused_orders_stand_under_a_proven_name(
    desk: Desk, client: Client
) -> None:
    desk.execute(desk.order())
    desk.agora.clock.advance(1000)
    part = desk.order("dsa_art9_order", territorial_scope=["FR", "BE"])
    desk.execute(part, territories=("FR",), narrowed="French law.")
    desk.agora.clock.advance(1000)
    forged = desk.order("dsa_art9_order", proven=False, territorial_scope=["FR"], reference="X")
    execute.refuse(desk.agora.house, desk.first, forged, "Not proven.")
    first, second, third = rows(client)
    assert (first["reference"], first["source"], first["answer"]) == ("O-1", "order", "followed")
    assert first["authority"] == "Office central, FR"
    assert len(first["territories"]) == 27
    assert "2021/784" in first["provisions"][0]
    assert (second["answer"], second["territories"]) == ("narrowed", ["FR"])
    assert (third["answer"], third["authority"], third["state"]) == ("refused", "", "none")
    assert "p-300" not in json.dumps(rows(client))
    page = client.get("/register").content.decode()
    assert "sender not proven" in page
    assert page.index("O-3") < page.index("O-2") < page.index("O-1")


def test_pages_lead_from_line_to_line_of_either_kind(
    desk: Desk, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(3):
        desk.execute(desk.order("dsa_art9_order", territorial_scope=["FR"], reference=f"R-{n}"))
    seen: list[str] = []
    before = None
    while True:
        [*page] = register.latest(desk.agora.house, before, 1)
        if not page:
            break
        before = page[0].reference
        seen.append(before)
    assert seen == ["O-3", "O-2", "O-1"]


def test_a_silent_order_has_no_line_before_its_silence_ends(desk: Desk, client: Client) -> None:
    order = desk.order(nondisclosure=True)
    desk.execute(order)
    assert rows(client) == []
    assert "O-1" not in client.get("/register").content.decode()
    silence.end(desk.agora.house, refreshed(order), reason="It ended.")
    assert [one["reference"] for one in rows(client)] == ["O-1"]


def test_a_referral_is_marked_and_never_an_order(desk: Desk, client: Client) -> None:
    given = receive(
        desk.agora,
        "referral",
        {"unit": "EU IRU", "content_locations": ["https://agora.example/p/p-300"]},
    )
    order = Order.objects.get(pk=given.number)
    refer.assess(desk.agora.house, desk.first, order, Assessment(reason="Nothing found."))
    [line] = rows(client)
    assert (line["source"], line["answer"], line["territories"]) == ("referral", "left", [])


def test_an_order_taken_back_has_ended(desk: Desk, client: Client) -> None:
    order = desk.order("dsa_art9_order", territorial_scope=["FR"])
    desk.execute(order)
    execute.withdraw(desk.agora.house, desk.first, order, "Annulled.")
    [line] = rows(client)
    assert (line["answer"], line["territories"]) == ("withdrawn", ["FR"])


def test_in_place_of_an_item_stands_the_authority_unless_it_is_silent(
    desk: Desk, client: Client
) -> None:
    order = desk.order("dsa_art9_order", territorial_scope=["FR"])
    desk.execute(order)
    made = order.locations.first()
    assert made is not None
    assert made.decision is not None
    address = f"/withheld/{made.decision.decision_id}"
    said = client.get(f"{address}/data.json?country=FR").json()
    assert (said["source"], said["authority"]) == ("order", "Office central")
    assert client.get(f"{address}/data.json?country=DE").status_code == 404
    Order.objects.update(silent=True)
    assert client.get(f"{address}/data.json?country=FR").status_code == 404
