# SPDX-License-Identifier: Apache-2.0
"""The room of the AI gateway: what runs, alarms, how it is set up, what was registered."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.gateway_world import DIGEST, figures
from vigie.core.gateway import Upstream
from vigie.flow.changes import Change, register_change
from vigie.flow.gateway import alarms, brakes, profiles, upstreams
from vigie.flow.keys import create_key
from vigie.store.models import GatewayAlarm

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from tests.support.people import Agora

pytestmark = pytest.mark.django_db
SECRET = "sk-nobody-may-read-this"


def words(client: Client, path: str) -> str:
    """Return what stands on a page, without its markup."""
    body = client.get(path).content.decode().partition("<main")[2]
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


def test_a_gateway_that_nobody_uses_says_so_in_each_place(desk: Client) -> None:
    page = words(desk, "/console/gateway")
    for said in (
        "No alarm is open.",
        "No upstream is set up, so nothing can be forwarded.",
        "No feature was ever stopped.",
    ):
        assert said in page
    assert "Country by country" not in page
    assert "Nothing was asked on this day" in words(desk, "/console/gateway/digest")
    assert "No case" in words(desk, "/console/gateway/cases")
    assert "No application has a key" in words(desk, "/console/gateway/setup")
    assert "is registered so far" in words(desk, "/console/gateway/changes")


def test_each_feature_says_in_words_and_shape_where_it_stands(agora: Agora, desk: Client) -> None:
    brakes.stop(agora.house, None, "image_edit", ["FR", "DE"], "Being looked into.")
    brakes.stop(agora.house, None, "embeddings", [], "Being looked into.")
    page = words(desk, "/console/gateway")
    assert "Changes of photos stopped in France and Germany B-1" in page
    assert "Embeddings stopped everywhere B-2" in page
    assert "Chat and text runs" in page
    assert "all other countries runs runs runs stopped runs" in page
    assert "France runs runs stopped stopped runs" in page
    raw = desk.get("/console/gateway").content.decode()
    assert 'data-is="partial">stopped in France and Germany' in raw
    assert 'data-is="withheld">stopped everywhere' in raw


def test_the_bar_counts_alarms_brakes_and_cases(agora: Agora, desk: Client) -> None:
    brakes.stop(agora.house, None, "chat", ["FR"], "Being looked into.")
    alarms.raise_alarm(agora.house, "probing", None, "")
    alarms.raise_alarm(agora.house, "stops", None, "")
    bar = desk.get("/console/gateway").content.decode().partition("<main")[0]
    assert re.search(r'aria-current="page">AI gateway <span class="num quiet">3</span>', bar)


def test_an_alarm_is_closed_with_a_note_and_not_without(
    agora: Agora, desk: Client, sign_in: Callable[[str, str], Client]
) -> None:
    row = alarms.raise_alarm(agora.house, "upstream", None, "main", count=3)
    path = f"/console/gateway/alarms/{row.pk}/close"
    assert desk.post(path, {"note": " "}).status_code == 422
    assert sign_in("m.noor", "moderator").post(path, {"note": "Seen."}).status_code == 403
    assert GatewayAlarm.objects.get().closed_at is None
    assert desk.post(path, {"note": "An outage."})["Location"] == "/console/gateway"
    closed = GatewayAlarm.objects.get()
    assert (closed.closed_by, closed.note) == ("c.vidal", "An outage.")
    again = desk.post(path, {"note": "Once more."})
    assert again.status_code == 409
    assert b"This alarm was closed meanwhile." in again.content
    assert desk.post("/console/gateway/alarms/999/close", {"note": "x"}).status_code == 404


def test_upstreams_say_how_they_fare_and_never_their_keys(agora: Agora, desk: Client) -> None:
    upstreams.add(agora.house, Upstream(name="main", url="https://api.example/v1"), SECRET)
    upstreams.add(agora.house, Upstream(name="spare", url="https://two.example/v1"), "")
    alarms.raise_alarm(agora.house, "upstream", None, "main", count=1_200)
    for path in ("/console/gateway", "/console/gateway/setup"):
        page = words(desk, path)
        assert "main api.example * is there failed 1,200 times" in page
        assert "spare two.example * none no failure reported" in page
        assert SECRET not in desk.get(path).content.decode()


def test_a_profile_that_lets_something_pass_unjudged_is_marked(agora: Agora, desk: Client) -> None:
    key, secret = create_key(agora.house, "assistant", ["ai"])
    profiles.publish(agora.house, {"name": "open", "on_failure": {"image": "open"}})
    profiles.publish(agora.house, {"name": "quiet", "mode": "strict"})
    raw = desk.get("/console/gateway/setup").content.decode()
    page = words(desk, "/console/gateway/setup")
    assert page.count("lets something pass unjudged") == 1
    assert "image fails open: released where it could not be judged" in page
    assert "quiet version 1 strict: nothing before it was judged nothing is released" in page
    assert f"assistant {key.pk} default" in page
    assert secret not in raw
    assert key.digest not in raw
    assert "vigie key create NAME --scope ai" in page
    assert "<form" not in raw.partition("<main")[2].partition("</main>")[0]


def test_what_nobody_registered_is_listed_with_the_command_that_registers_it(
    agora: Agora, desk: Client
) -> None:
    key = create_key(agora.house, "assistant", ["ai"])[0]
    row = alarms.raise_alarm(agora.house, "unregistered", key.pk, DIGEST, count=7)
    page = words(desk, "/console/gateway/changes")
    assert f"vigie change register assistant --digest {DIGEST}" in page
    assert f"To alarm A-{row.pk}" in page
    change = Change(
        kind="assistant", title="Shorter answers", digest=DIGEST, by="command line", version="2",
        asked_by="product", approved_by=("A. One", "B. Two"), risk="Low.",
    )  # fmt: skip
    register_change(agora.house, change)
    alarms.close(agora.house, None, row.pk, "Registered.")
    page = words(desk, "/console/gateway/changes")
    assert "Every request so far fits" in page
    assert "Shorter answers 2" in page
    assert "in force" in page
    assert "A. One, B. Two" in page


def test_today_is_told_in_tens_and_leads_to_its_digest(agora: Agora, desk: Client) -> None:
    figures(agora, ago=0)
    page = words(desk, "/console/gateway")
    assert "Asked 2,560 " in page
    assert words(desk, "/console/gateway/digest?day=today") == words(
        desk, "/console/gateway/digest?day=2026-11-22"
    )


@pytest.fixture
def sign_in(agora: Agora) -> Callable[[str, str], Client]:
    """Sign somebody in."""
    from django.test import Client as Browser

    def made(name: str, role: str, **more: Any) -> Browser:
        agora.person(name, role, **more)
        client = Browser()
        client.post("/console/login", {"name": name, "password": "correct horse battery staple"})
        return client

    return made
