# SPDX-License-Identifier: Apache-2.0
"""The review page: context, grounds, related items, masks, holds; and what it never shows."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.functional.console.test_decide import CHOICE, fields
from tests.functional.deciding.test_compose import in_force
from tests.functional.deciding.test_noticed import notice
from tests.support.people import Agora
from vigie.console import recent
from vigie.flow.decide import PersonDecision, Verb, decide
from vigie.flow.queues import claims
from vigie.flow.webhooks import add_webhook
from vigie.law import elements_of
from vigie.store.models import (
    Case,
    DecisionRecord,
    Statement,
    User,
)

PASSWORD = "correct horse battery staple"


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    recent.forget()


def path_of(number: int) -> str:
    return f"/console/decisions/{number}/decide"


def opened(client: Client, number: int) -> str:
    answer = client.get(path_of(number))
    assert answer.status_code == 200, answer
    return answer.content.decode()


def send(client: Client, number: int, **chosen: Any) -> Any:
    """Open a case, change the form, see the statement, send it."""
    form = fields(opened(client, number)) | CHOICE | chosen
    shown = client.post(path_of(number), form)
    if shown.status_code != 200:
        return shown
    return client.post(path_of(number), form | fields(shown.content.decode()) | CHOICE | chosen)


def browser(agora: Agora, name: str, role: str, **more: Any) -> Client:
    agora.person(name, role=role, **more)
    client = Client()
    client.post("/console/login", {"name": name, "password": PASSWORD})
    return client


def test_opening_a_case_claims_it_and_shows_who_else_has_it(agora: Agora, desk: Client) -> None:
    number = agora.proposal()
    opened(desk, number)
    case = Case.objects.get()
    assert case.claimed_by is not None
    assert case.claimed_by.username == "c.vidal"
    page = opened(browser(agora, "m.roth", "moderator"), number)
    assert "c.vidal has this case." in page


def test_somebody_else_s_case_is_taken_over_explicitly_and_nothing_typed_is_lost(
    agora: Agora, desk: Client
) -> None:
    number = agora.proposal()
    other = User.objects.create_user("m.roth", None, role="moderator")
    claims.take(agora.house, Case.objects.get(), other)
    answer = send(desk, number)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Take it over and decide" in page
    assert CHOICE["facts"] in page
    assert not DecisionRecord.objects.filter(kind="person").exists()
    assert send(desk, number, take_over="1").status_code == 302


def test_every_action_of_the_panel_is_taken(agora: Agora, desk: Client) -> None:
    outcomes = {"label": "label", "demote": "limit", "disable": "withhold", "leave": "allow"}
    for n, (action, outcome) in enumerate(outcomes.items()):
        number = agora.proposal(f"p-{n}")
        assert send(desk, number, action=action).status_code == 302, action
        assert DecisionRecord.objects.get(supersedes=number).outcome == outcome


def test_what_cannot_be_taken_back_is_never_chosen_beforehand(agora: Agora, desk: Client) -> None:
    page = opened(desk, agora.proposal())
    assert 'value="disable" checked' in page
    assert 'value="remove" checked' not in page


def test_removing_everywhere_on_a_provision_of_one_country_is_refused_at_the_ground(
    agora: Agora, desk: Client
) -> None:
    answer = send(desk, agora.proposal(), action="remove")
    assert answer.status_code == 422
    assert "No chosen ground acts everywhere" in answer.content.decode()


def test_a_clause_of_the_terms_opens_every_country(agora: Agora, desk: Client) -> None:
    in_force("civility")
    number = agora.proposal()
    form = fields(opened(desk, number)) | CHOICE | {"ground": ["terms:civility"]}
    page = desk.post(path_of(number), form | {"refresh": "grounds"}).content.decode()
    assert 'name="territory" value="SE"' in page
    assert "the terms apply" in page
    chosen = send(desk, number, ground=["terms:civility"], territory=["SE", "PT"])
    assert chosen.status_code == 302
    assert DecisionRecord.objects.get(kind="person").territories == ["PT", "SE"]


def test_elements_stand_beside_their_ground_and_are_asked_for(agora: Agora, desk: Client) -> None:
    number = agora.proposal()
    entry = agora.house.law.get("it_604bis")
    form = fields(opened(desk, number)) | CHOICE
    added = desk.post(path_of(number), form | {"add_ground": "1", "other": "law:it_604bis"})
    page = added.content.decode()
    keys = [one.key for one in elements_of(entry)]
    assert all(f'name="confirmed" value="{key}"' in page for key in keys)
    assert CHOICE["facts"] in page
    choice = {"ground": ["law:it_604bis"], "territory": ["IT"]}
    refused = send(desk, number, **choice)
    assert refused.status_code == 422
    assert "An element of a chosen provision is not confirmed" in refused.content.decode()
    assert send(desk, number, **choice, confirmed=keys).status_code == 302


def test_one_button_lists_every_provision_of_the_same_kind(agora: Agora, desk: Client) -> None:
    number = agora.proposal()
    form = fields(opened(desk, number)) | CHOICE | {"add_ground": "class"}
    page = desk.post(path_of(number), form).content.decode()
    denial = [e for e in agora.house.law.grounds() if e.cls == "denial"]
    assert all(f'value="law:{one.id}"' in page for one in denial)
    counsel = [one for one in denial if one.needs_counsel]
    assert page.count("counsel first") >= len(counsel) > 0


def test_a_text_to_start_from_fills_three_languages_and_keeps_what_was_typed(
    agora: Agora, desk: Client
) -> None:
    number = agora.proposal()
    form = fields(opened(desk, number)) | CHOICE | {"use_text": "1", "text": "denial-denies"}
    page = desk.post(path_of(number), form).content.decode()
    assert CHOICE["facts"] in page
    assert "als eigene Aussage" in page
    assert "in the author’s own voice" in page
    assert "par la voix de son auteur" in page


def test_the_operator_s_own_texts_are_offered_and_take_ours_away(
    agora: Agora, desk: Client
) -> None:
    agora.settings.data_dir.joinpath("facts.yaml").write_text(
        "texts:\n"
        "  - {id: own, category: denial, title: {en: Ours}, text: {en: Our words.}}\n"
        "  - {id: denial-denies, category: denial, title: {}, text: {}}\n"
    )
    page = opened(desk, agora.proposal())
    assert '<option value="own">Ours</option>' in page
    assert "denial-denies" not in page


def test_a_broken_file_of_texts_leaves_ours(agora: Agora, desk: Client) -> None:
    agora.settings.data_dir.joinpath("facts.yaml").write_text("texts: [{id: 1}]")
    assert "denial-denies" in opened(desk, agora.proposal())


def test_what_will_happen_stands_before_the_button(agora: Agora, desk: Client) -> None:
    add_webhook(agora.house, "https://hooks.example.com/vigie")
    page = opened(desk, agora.proposal())
    assert "1 item is restricted" in page
    assert "the author gets a statement of reasons" in page
    assert "strike of 1: 1 of 2, nothing is proposed" in page
    assert "1 message to the platform" in page


def test_identical_words_are_decided_together(agora: Agora, desk: Client) -> None:
    number = agora.proposal("p-1")
    twin = agora.proposal("p-2", author="b-1")
    agora.proposal("p-3", text="Quite another text of the same author.")
    page = opened(desk, number)
    assert "same words" in page
    assert "same author" in page
    answer = send(desk, number, also=[str(twin)])
    assert answer.status_code == 302
    assert DecisionRecord.objects.filter(kind="person").count() == 2
    assert Statement.objects.count() == 2


def test_what_stands_in_the_way_of_a_related_item_is_said_at_it(agora: Agora, desk: Client) -> None:
    number, twin = agora.proposal("p-1"), agora.proposal("p-2")
    form = fields(opened(desk, number)) | CHOICE | {"also": [str(twin)]}
    form |= fields(desk.post(path_of(number), form).content.decode())
    user = User.objects.get()
    decide(agora.house, PersonDecision(on=twin, verb=Verb.LEAVE, reason="quotes", user=user))
    answer = desk.post(path_of(number), form)
    assert answer.status_code == 409
    assert f"D-{twin}: It was decided meanwhile." in answer.content.decode()
    assert not DecisionRecord.objects.filter(supersedes=number).exists()


def test_a_notice_is_quoted_to_the_reviewer_and_its_author_never_named(
    agora: Agora, desk: Client
) -> None:
    agora.proposal("p-1")
    said = "<script>alert(1)</script> it denies the facts"
    case = notice(agora, "https://agora.example/p/p-1", explanation=said)
    page = opened(desk, case.decision_id)
    assert "&lt;script&gt;alert(1)&lt;/script&gt; it denies the facts" in page
    assert "Noor" not in page
    assert "mail.example" not in page
    assert "1 notice is answered" in page


def test_of_a_victim_s_notice_the_page_says_never_to_quote(agora: Agora, desk: Client) -> None:
    agora.harmless("p-1")
    case = notice(agora, "https://agora.example/p/p-1", category="stalking")
    page = opened(desk, case.decision_id)
    assert "Never name or quote this person" in page
    assert "Noor" not in page


def test_an_address_that_vigie_never_saw_says_so(agora: Agora, desk: Client) -> None:
    case = notice(agora, "https://elsewhere.example/thing/1")
    assert "Vigie has not seen this item" in opened(desk, case.decision_id)
