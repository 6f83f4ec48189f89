# SPDX-License-Identifier: Apache-2.0
"""Cases of repeated stops: facts and no text; an excerpt with a reason, in the log first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.test import Client

from tests.support import gateway_world
from tests.support.gateway_world import EXCERPT, GatewayWorld
from tests.support.vaults import Vault
from vigie.flow import desk_settings
from vigie.flow.gateway.excerpts import COUNTED_ONLY
from vigie.store.models import CustodyEvent, CustodyKind, GatewayCase, Record

if TYPE_CHECKING:
    from tests.support.people import Agora

pytestmark = pytest.mark.django_db
WHY = "The application asks whether this was a mistake."
PATH = "/console/gateway/cases/1"


def browser(agora: Agora, name: str, role: str, **more: object) -> Client:
    agora.person(name, role, **more)
    client = Client()
    client.post("/console/login", {"name": name, "password": "correct horse battery staple"})
    return client


@pytest.fixture
def world(agora: Agora, desk: Client, monkeypatch: pytest.MonkeyPatch) -> GatewayWorld:
    """A case with two stops, of one of which something is kept."""
    vault = Vault(agora.house).install(monkeypatch)
    vault.set_up()
    from vigie.store.models import User

    return gateway_world.made(agora, User.objects.get(username="c.vidal"))


def test_a_case_shows_facts_and_no_text(desk: Client, world: GatewayWorld) -> None:
    listed = desk.get("/console/gateway/cases").content.decode()
    assert "G-1" in listed
    assert world.case.user in listed
    page = desk.get(PATH).content.decode()
    assert "812 characters asked; of the answer 400 judged, 120 released" in page
    assert "a person undressed without consent" in page
    assert "Only the application can resolve the pseudonym" in page
    assert page.count("nothing is kept") == 1
    assert EXCERPT.decode() not in page
    assert desk.get("/console/gateway/cases/7").status_code == 404


def test_what_is_only_counted_is_on_no_page(
    agora: Agora, desk: Client, world: GatewayWorld
) -> None:
    counted = gateway_world.stopped(agora, world.case, COUNTED_ONLY)
    page = desk.get(PATH).content.decode()
    assert counted.decision.label not in page
    assert "sexual content and a minor" not in page
    form = {"decision": counted.decision.decision_id, "reason": WHY}
    assert desk.post(f"{PATH}/excerpt", form).status_code == 404


def test_an_excerpt_opens_with_a_reason_and_the_log_has_it_first(
    agora: Agora, desk: Client, world: GatewayWorld
) -> None:
    form = {"decision": world.decision, "reason": WHY}
    assert desk.post(f"{PATH}/excerpt", form | {"reason": " "}).status_code == 422
    assert not CustodyEvent.objects.filter(kind=CustodyKind.OPENED).exists()
    answer = desk.post(f"{PATH}/excerpt", form)
    assert EXCERPT.decode() in answer.content.decode()
    assert 'class="said"' in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    assert Record.objects.filter(kind="excerpt.opened", entry__isnull=False).count() == 1
    event = CustodyEvent.objects.get(kind=CustodyKind.OPENED)
    assert (event.ticket, event.reason) == ("G-1", WHY)
    assert "1 of 10 used today" in desk.get(PATH).content.decode()
    assert EXCERPT.decode() not in desk.get(PATH).content.decode()


def test_words_stay_masked_for_who_wants_them_so(agora: Agora, world: GatewayWorld) -> None:
    client = browser(agora, "c.roth", "senior", mask_words=True)
    page = client.post(f"{PATH}/excerpt", {"decision": world.decision, "reason": WHY})
    assert "<summary>The words, masked: show them</summary>" in page.content.decode()


def test_the_days_cap_is_said_before_and_holds(
    agora: Agora, desk: Client, world: GatewayWorld
) -> None:
    desk_settings.set(agora.house, None, "excerpts_per_day", 1)
    form = {"decision": world.decision, "reason": WHY}
    assert "0 of 1 used today" in desk.get(PATH).content.decode()
    assert desk.post(f"{PATH}/excerpt", form).status_code == 200
    spent = desk.post(f"{PATH}/excerpt", form)
    assert spent.status_code == 403
    assert "The openings of this day are used up." in spent.content.decode()
    assert WHY in spent.content.decode()


@pytest.mark.parametrize("role", ["moderator", "legal", "child_safety", "admin", "auditor"])
def test_other_roles_open_none(agora: Agora, world: GatewayWorld, role: str) -> None:
    client = browser(agora, "p.other", role)
    assert "Your role may not open one." in client.get(PATH).content.decode()
    form = {"decision": world.decision, "reason": WHY}
    assert client.post(f"{PATH}/excerpt", form).status_code == 403
    assert not CustodyEvent.objects.filter(kind=CustodyKind.OPENED).exists()


def test_a_closed_case_has_its_note_and_opens_nothing(desk: Client, world: GatewayWorld) -> None:
    assert desk.post(f"{PATH}/close", {"note": " "}).status_code == 422
    note = "The application <i>blocked</i> the account."
    assert desk.post(f"{PATH}/close", {"note": note})["Location"] == PATH
    page = desk.get(PATH).content.decode()
    assert "The application &lt;i&gt;blocked&lt;/i&gt; the account." in page
    assert "<form" not in page.partition("<main")[2].partition("</main>")[0]
    form = {"decision": world.decision, "reason": WHY}
    assert desk.post(f"{PATH}/excerpt", form).status_code == 409
    assert desk.post(f"{PATH}/close", {"note": "Again."}).status_code == 409
    assert GatewayCase.objects.get().closed_by == "c.vidal"


def test_where_nothing_can_be_kept_any_more_it_says_so(desk: Client, world: GatewayWorld) -> None:
    world.case.stopped.update(evidence=None)
    assert "Nothing is kept of these stops." in desk.get(PATH).content.decode()
    GatewayCase.objects.update(user="")
    assert "emptied, as its term asks" in desk.get(PATH).content.decode()
