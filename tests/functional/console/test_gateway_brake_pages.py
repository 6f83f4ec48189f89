# SPDX-License-Identifier: Apache-2.0
"""The pages of the brake: stopped after a look at what happens, started again by two people."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from django.test import Client

from vigie.flow.gateway import brakes
from vigie.store.models import BrakeState, GatewayBrake, GatewayIncidentLine

if TYPE_CHECKING:
    from tests.support.people import Agora

pytestmark = pytest.mark.django_db
WHY = "Pictures of <real> people are being looked into."
STOP = {"feature": "image_edit", "where": "some", "country": ["FR", "DE"], "reason": WHY}


def browser(agora: Agora, name: str, role: str) -> Client:
    agora.person(name, role)
    client = Client()
    client.post("/console/login", {"name": name, "password": "correct horse battery staple"})
    return client


@pytest.fixture
def anders(agora: Agora) -> Client:
    """L. Anders, counsel."""
    return browser(agora, "l.anders", "legal")


@pytest.fixture
def standing(agora: Agora, desk: Client) -> GatewayBrake:
    """A brake that C. Vidal pulled."""
    assert desk.post("/console/gateway/stop", STOP | {"do": "stop"}).status_code == 302
    return GatewayBrake.objects.get()


def test_nothing_stops_before_somebody_saw_what_will_happen(desk: Client) -> None:
    page = desk.post("/console/gateway/stop", STOP | {"do": "check"})
    words = page.content.decode()
    assert "What will happen" in words
    assert "Stop now: Changes of photos, France and Germany" in words
    assert "Pictures of &lt;real&gt; people" in words
    assert words.partition("<main")[2].count("btn main") == 1
    assert not GatewayBrake.objects.exists()
    back = desk.post("/console/gateway/stop", STOP | {"do": "change"}).content.decode()
    assert 'value="image_edit" required checked' in back
    assert "Pictures of &lt;real&gt; people" in back
    sent = dict(re.findall(r'name="(feature|where|reason)" value="([^"]*)"', words))
    assert (sent["feature"], sent["where"]) == ("image_edit", "some")


def test_the_stop_leads_to_its_incident_and_twice_is_once(desk: Client) -> None:
    form = STOP | {"do": "stop", "csrfmiddlewaretoken": "of-this-page"}
    for _ in range(2):
        assert desk.post("/console/gateway/stop", form)["Location"] == "/console/gateway/brakes/1"
    row = GatewayBrake.objects.get()
    assert (row.feature, row.countries, row.reason) == ("image_edit", ["DE", "FR"], WHY)
    assert (row.started_by, row.lines.count()) == ("c.vidal", 1)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"where": ""}, "Choose countries, or everywhere."),
        ({"country": []}, "Choose countries, or everywhere."),
        ({"where": "all"}, "Choose countries, or everywhere."),
        ({"country": ["France"]}, "This is no list of countries."),
        ({"feature": "video"}, "There is no such feature."),
        ({"reason": " "}, "Write 1 to 500 characters."),
    ],
)
@pytest.mark.parametrize("do", ["check", "stop"])
def test_what_is_missing_is_said_and_what_was_typed_stays(
    desk: Client, wrong: dict[str, Any], said: str, do: str
) -> None:
    """A form in which no country was chosen never stops a feature everywhere."""
    answer = desk.post("/console/gateway/stop", STOP | wrong | {"do": do})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert wrong.get("reason") or "Pictures of &lt;real&gt;" in answer.content.decode()
    assert not GatewayBrake.objects.exists()


def test_everywhere_is_a_choice_of_its_own(desk: Client) -> None:
    desk.post("/console/gateway/stop", STOP | {"where": "*", "do": "stop"})
    assert GatewayBrake.objects.get().countries == ["*"]
    again = desk.post("/console/gateway/stop", STOP | {"do": "check"}).content.decode()
    assert "B-1 stops all of it already." in again


def test_a_moderator_sees_an_incident_and_has_no_button(
    agora: Agora, standing: GatewayBrake
) -> None:
    client = browser(agora, "m.noor", "moderator")
    page = client.get("/console/gateway/brakes/1").content.decode().partition("<main")[2]
    assert "Your role may look at it and not start it." in page
    assert "<form" not in page.partition("</main>")[0]
    assert client.get("/console/gateway/stop").status_code == 403
    for act in ("note", "ask", "start"):
        assert client.post(f"/console/gateway/brakes/1/{act}", {"note": "x"}).status_code == 403


def test_one_asks_another_agrees_and_who_stopped_it_does_not(
    agora: Agora, desk: Client, anders: Client, standing: GatewayBrake
) -> None:
    path = "/console/gateway/brakes/1"
    early = anders.post(f"{path}/start")
    assert early.status_code == 409
    assert b"Nobody has asked for it yet." in early.content
    assert "Either may be one of: Senior moderator, Legal desk" in anders.get(path).content.decode()
    assert anders.post(f"{path}/ask", {"reason": " "}).status_code == 422
    assert anders.post(f"{path}/ask", {"reason": "It was mended."})["Location"] == path
    assert "You asked for it: another person agrees." in anders.get(path).content.decode()
    assert "You stopped it, so somebody else agrees." in desk.get(path).content.decode()
    for client in (anders, desk):
        assert client.post(f"{path}/start").status_code == 403
    standing.refresh_from_db()
    assert standing.state == BrakeState.IN_FORCE
    brandt = browser(agora, "l.brandt", "legal")
    page = brandt.get(path).content.decode()
    assert "l.anders asks for its start" in page
    assert "Agree and start: Changes of photos, France and Germany" in page
    assert brandt.post(f"{path}/start")["Location"] == path
    standing.refresh_from_db()
    assert (standing.state, standing.released_by) == (BrakeState.RELEASED, "l.brandt")
    over = brandt.get(path).content.decode()
    assert "runs again" in over
    assert "What users read while it stood" in over
    assert brandt.post(f"{path}/start").status_code == 409


def test_the_request_stands_among_the_acts_of_two_and_leads_back(
    agora: Agora, anders: Client, standing: GatewayBrake
) -> None:
    anders.post("/console/gateway/brakes/1/ask", {"reason": "It was mended."})
    other = browser(agora, "l.brandt", "legal")
    page = other.get("/console/second").content.decode()
    assert 'href="/console/gateway/brakes/1">Incident B-1<' in page


def test_a_note_is_a_line_of_the_timeline_with_its_writer(
    agora: Agora, desk: Client, standing: GatewayBrake
) -> None:
    agora.clock.ms += 60_000
    assert desk.post("/console/gateway/brakes/1/note", {"note": " "}).status_code == 422
    desk.post("/console/gateway/brakes/1/note", {"note": "The <b>provider</b> confirmed it."})
    line = GatewayIncidentLine.objects.get(what="note")
    assert line.by == "c.vidal"
    page = desk.get("/console/gateway/brakes/1").content.decode()
    assert "The &lt;b&gt;provider&lt;/b&gt; confirmed it." in page
    assert page.index("stopped</span>") < page.index("provider")
    assert desk.get("/console/gateway/brakes/7").status_code == 404


def test_one_that_stopped_by_itself_says_so(agora: Agora, desk: Client) -> None:
    from vigie.core.gateway import Feature

    brakes.trip(agora.house, Feature.CHAT, ["FR"], {"stops": 60})
    page = desk.get("/console/gateway/brakes/1").content.decode()
    assert "stopped by itself" in page
    assert "Vigie itself" in page
    assert "stops: 60" in page


def test_the_page_quotes_what_the_gateway_says() -> None:
    """The words before the reason are those of the door, which shares no code with the pages."""
    said = yaml.safe_load(files("vigie.gateway").joinpath("refusals.yaml").read_text("utf-8"))
    template = files("vigie.console").joinpath("templates/console/gateway_brake.html")
    quoted = said["en"]["braked"].removesuffix(" {reason}")
    assert f'{{% translate "{quoted}" %}}' in template.read_text("utf-8")
