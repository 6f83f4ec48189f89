# SPDX-License-Identifier: Apache-2.0
"""The review page: context, grounds, related items, masks, holds; and what it never shows."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.functional.console.test_decide import CHOICE, fields
from tests.functional.deciding.test_compose import in_force
from tests.functional.deciding.test_noticed import notice
from tests.support.people import Agora
from vigie.console import recent, signin
from vigie.flow.decide import PersonDecision, Verb, decide
from vigie.flow.queues import claims
from vigie.flow.queues.first import all_queues
from vigie.flow.webhooks import add_webhook
from vigie.law import elements_of
from vigie.store.models import (
    Bank,
    BankEntry,
    Case,
    ContentLook,
    DecisionRecord,
    Hold,
    ItemContent,
    SecondPersonRequest,
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


def test_masked_by_default_words_are_shown_on_request_and_the_look_is_recorded(
    agora: Agora,
) -> None:
    masked = browser(agora, "m.roth", "moderator", mask_words=True)
    number = agora.proposal()
    page = opened(masked, number)
    assert '<span class="mask">masked</span>' in page
    form = fields(page) | CHOICE
    quiet = masked.post(path_of(number), form | {"masked": ""} | {"refresh": "territory"})
    assert quiet.status_code == 200
    assert not ContentLook.objects.exists()
    sneaky = {k: v for k, v in form.items() if k != "masked"} | {"show": "en"}
    assert '<span class="mask">' in masked.post(path_of(number), sneaky).content.decode()
    shown = masked.post(path_of(number), form | {"mask": "off"}).content.decode()
    assert '<mark data-by="rule">' in shown
    assert CHOICE["facts"] in shown
    look = ContentLook.objects.get()
    assert (look.kind, look.user.username) == ("words", "m.roth")


def test_without_that_wish_masking_is_at_will_and_unrecorded(agora: Agora, desk: Client) -> None:
    number = agora.proposal()
    form = fields(opened(desk, number)) | CHOICE
    masked = desk.post(path_of(number), form | {"mask": "on"}).content.decode()
    assert '<span class="mask">' in masked
    assert '<mark data-by="rule">' not in masked
    desk.post(path_of(number), fields(masked) | CHOICE | {"mask": "off"})
    assert not ContentLook.objects.exists()


def test_an_item_is_held_from_the_page(agora: Agora, desk: Client) -> None:
    number = agora.proposal()
    form = fields(opened(desk, number)) | CHOICE | {"hold": "1"}
    empty = desk.post(path_of(number), form | {"hold_days": "90", "hold_basis": ""})
    assert "Write the basis of the hold" in empty.content.decode()
    assert not Hold.objects.exists()
    done = desk.post(path_of(number), form | {"hold_days": "90", "hold_basis": "order expected"})
    assert "The item is held." in done.content.decode()
    assert Hold.objects.get().item_id == "p-100"


def test_a_queue_of_two_persons_hands_the_decision_on(agora: Agora, desk: Client) -> None:
    number = agora.proposal()
    queue = all_queues()["general"]
    queue.two_persons = True
    queue.save()
    assert "First another person must confirm it" in opened(desk, number)
    assert send(desk, number).status_code == 302
    assert SecondPersonRequest.objects.get().payload["on"] == number
    assert "a second person must confirm it" in opened(desk, number)


def test_the_next_case_comes_at_once_and_is_held(agora: Agora, desk: Client) -> None:
    first, second = agora.proposal("p-1"), agora.proposal("p-2")
    from vigie.flow.queues.route import route

    route(agora.house)
    answer = send(desk, first)
    assert answer["Location"] == path_of(second)
    assert Case.objects.get(decision=second).claimed_by is not None


def test_parts_of_the_page_come_alone(agora: Agora, desk: Client) -> None:
    number = agora.proposal()
    form = fields(opened(desk, number)) | CHOICE
    part = desk.post(path_of(number), form | {"refresh": "territory"}).content.decode()
    assert "<!doctype" not in part
    assert 'id="preview"' in part
    assert 'id="happens" hx-swap-oob="true"' in part
    assert CHOICE["facts"] in part
    assert not DecisionRecord.objects.filter(kind="person").exists()


def test_class_child_shows_no_word_no_picture_and_nothing_of_the_author(agora: Agora) -> None:
    child = browser(agora, "s.child", "child_safety")
    number = agora.removal()
    answer = child.get(path_of(number))
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "a caption that nobody may see" not in page
    assert "no words and no picture" in page
    assert "<img" not in page.partition("<main")[2]
    assert 'id="facts"' not in page
    other = browser(agora, "m.roth", "moderator")
    assert other.get(path_of(number)).status_code == 404


def test_lists_that_know_a_picture_are_named_with_their_owner_and_their_doubt(
    agora: Agora,
) -> None:
    child = browser(agora, "s.child", "child_safety")
    bank = Bank.objects.create(
        name="synthetic-list", cls="child", owner="A line", created_at=agora.house.now()
    )
    BankEntry.objects.create(
        bank=bank,
        algorithm="sha256",
        value="ab" * 32,
        opinion="disputed",
        added_at=agora.house.now(),
    )
    page = child.get(path_of(agora.removal())).content.decode()
    assert "A line" in page
    assert "disputed" in page


def test_what_the_item_replies_to_stands_above_it_masked(agora: Agora, desk: Client) -> None:
    agora.proposal("p-1", text="Und immer wieder wird behauptet, es sei nie geschehen.")
    number = agora.proposal("p-2")
    ItemContent.objects.filter(item_id="p-2").update(in_reply_to="p-1")
    page = opened(desk, number)
    assert "It replies to" in page
    assert "Und immer wieder " in page


def test_earlier_decisions_of_the_author_stand_beside(agora: Agora, desk: Client) -> None:
    first, second = agora.proposal("p-1"), agora.proposal("p-2", text="Another text, quite long.")
    send(desk, first)
    page = opened(desk, second)
    assert "access disabled, FR" in page
    assert "1 of 2 points to the next step" in page


def test_a_category_that_somebody_is_not_given_is_no_page_for_them(agora: Agora) -> None:
    barred = browser(agora, "m.roth", "moderator", barred=["hate"])
    number = agora.proposal()
    Case.objects.update(category="hate")
    assert barred.get(path_of(number)).status_code == 404


def test_keys_are_defined_once_each(agora: Agora, desk: Client) -> None:
    page = opened(desk, agora.proposal())
    keys = re.findall(r'data-key="([^"]+)"', page)
    assert len(keys) == len(set(keys)), sorted(keys)
    assert {"1", "5", "g", "p", "f", "m", "h", "s", "e", "ctrl+enter", "ctrl+k", "?"} <= set(keys)


def test_the_page_carries_no_inline_script_style_or_handler(agora: Agora, desk: Client) -> None:
    page = opened(desk, agora.proposal())
    assert not re.findall(r"<script(?![^>]*\bsrc=)", page)
    assert not re.findall(r"\son\w+=", page)
    assert not re.findall(r"\sstyle=|<style", page)
    assert '"allowEval": false' in page


def test_the_script_of_htmx_is_served_by_our_own_door(client: Client) -> None:
    answer = client.get("/static/vigie/htmx.js")
    assert answer.status_code == 200
    assert b"htmx" in answer.content[:40]
    assert answer["Content-Type"].startswith("text/javascript")


def test_a_session_that_ends_in_the_middle_loses_nothing_chosen(agora: Agora, desk: Client) -> None:
    number = agora.proposal()
    form = fields(opened(desk, number)) | CHOICE | {"facts_en": "It denies.", "territory": ["DE"]}
    session = desk.session
    session[signin.SEEN] = 0
    session.save()
    answer = desk.post(path_of(number), form)
    assert "ended=1" in answer["Location"]
    desk.post("/console/login", {"name": "c.vidal", "password": PASSWORD})
    page = opened(desk, number)
    assert CHOICE["reason"] in page
    assert CHOICE["facts"] in page
    assert "It denies." in page
    assert 'value="DE" aria-label="Germany: law applies" checked' in page
    assert 'value="FR" aria-label="France: law applies" checked' not in page


def test_the_page_asks_the_store_a_bounded_number_of_times(agora: Agora, desk: Client) -> None:
    numbers = [agora.proposal(f"p-{n}") for n in range(20)]
    from vigie.flow.queues.route import route

    route(agora.house)
    opened(desk, numbers[3])
    with CaptureQueriesContext(connection) as few:
        opened(desk, numbers[3])
    assert len(few) <= 30, [one["sql"][:120] for one in few.captured_queries]


def test_a_country_chosen_on_the_map_brings_its_provision_to_the_list(
    agora: Agora, desk: Client
) -> None:
    number = agora.proposal()
    form = fields(opened(desk, number)) | CHOICE | {"territory": ["AT", "FR"]}
    part = desk.post(path_of(number), form | {"refresh": "territory"}).content.decode()
    assert 'value="law:at_3h" checked' in part
    assert "2 countries chosen" in part
    assert "Verbotsgesetz" in part.partition('id="preview"')[2].partition("</section>")[0]
    shown = desk.post(path_of(number), form)
    assert shown.status_code == 200, "the new statement is seen before it is sent"
    assert not DecisionRecord.objects.filter(kind="person").exists()


def test_the_neighbours_of_a_case_are_found_in_the_order_of_its_queue(
    agora: Agora, desk: Client
) -> None:
    from vigie.flow.queues.route import route

    numbers = [agora.proposal(f"p-{n}") for n in range(3)]
    route(agora.house)
    cases = [Case.objects.get(decision=number).pk for number in numbers]
    assert f"/console/cases/{cases[1]}/beside?to=next" in opened(desk, numbers[1])

    def beside(case: int, to: str) -> str:
        return str(desk.get(f"/console/cases/{case}/beside?to={to}")["Location"])

    assert beside(cases[1], "next") == path_of(numbers[2])
    assert beside(cases[1], "previous") == path_of(numbers[0])
    assert beside(cases[2], "next") == "/console/queues?queue=general"
