# SPDX-License-Identifier: Apache-2.0
"""The review page beside deciding: masks, holds, second persons, keys; and what it never shows."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.functional.console.test_decide import CHOICE, fields
from tests.functional.console.test_review_page import PASSWORD, browser, opened, path_of, send
from tests.support.people import Agora
from vigie.console import recent, signin
from vigie.flow.queues.first import all_queues
from vigie.flow.queues.route import route
from vigie.store.models import (
    Bank,
    BankEntry,
    Case,
    ContentLook,
    DecisionRecord,
    Hold,
    ItemContent,
    SecondPersonRequest,
)


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    recent.forget()


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
    route(agora.house)
    opened(desk, numbers[3])
    with CaptureQueriesContext(connection) as few:
        opened(desk, numbers[3])
    # Keys first, whole rows then: two short questions in the place of a long one.
    # Each room of the bar that counts adds one.
    assert len(few) <= 33, [one["sql"][:120] for one in few.captured_queries]


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
    numbers = [agora.proposal(f"p-{n}") for n in range(3)]
    route(agora.house)
    cases = [Case.objects.get(decision=number).pk for number in numbers]
    assert f"/console/cases/{cases[1]}/beside?to=next" in opened(desk, numbers[1])

    def beside(case: int, to: str) -> str:
        return str(desk.get(f"/console/cases/{case}/beside?to={to}")["Location"])

    assert beside(cases[1], "next") == path_of(numbers[2])
    assert beside(cases[1], "previous") == path_of(numbers[0])
    assert beside(cases[2], "next") == "/console/queues?queue=general"
