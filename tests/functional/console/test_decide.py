# SPDX-License-Identifier: Apache-2.0
"""The human verb at the desk: seen before sent, one wins, nothing typed is lost."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from tests.support.people import Agora
from vigie.flow.webhooks import add_webhook
from vigie.store.models import Case, DecisionRecord, Effect, OutgoingTask, Statement, TaskState


def fields(page: str) -> dict[str, str]:
    """The hidden fields of a form as the browser sends them."""
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page)
    return dict(found)


def ask(client: Client, number: int, **chosen: Any) -> Any:
    """Open a case, see the statement for a choice, and send it."""
    path = f"/console/decisions/{number}/decide"
    form = fields(client.get(path).content.decode()) | chosen
    shown = client.post(path, form | {"show": "en"})
    if shown.status_code != 200:
        return shown
    return client.post(path, form | fields(shown.content.decode()) | chosen)


CHOICE: dict[str, Any] = {
    "action": "disable",
    "territory": ["FR"],
    "ground": ["law:fr_denial", "law:de_130_denial"],
    "reason": "denies in its own voice",
    "facts": "Le message nie les faits.",
}


@pytest.fixture
def other(agora: Agora) -> Client:
    """A second browser: M. Roth, a moderator."""
    agora.person("m.roth", role="moderator")
    client = Client()
    client.post("/console/login", {"name": "m.roth", "password": "correct horse battery staple"})
    return client


def test_withholding_in_one_country_records_all_together(agora: Agora, desk: Client) -> None:
    add_webhook(agora.house, "https://hooks.example.com/vigie")
    number = agora.proposal()
    answer = ask(desk, number, **CHOICE)
    assert answer.status_code == 302
    made = DecisionRecord.objects.get(supersedes=number)
    assert (made.outcome, made.territories, made.decided_by) == ("withhold", ["FR"], "c.vidal")
    assert made.reason == CHOICE["reason"]
    assert Effect.objects.get(decision=made).territories == ["FR"]
    assert OutgoingTask.objects.filter(decision=made).exists()
    assert Case.objects.get(decision=number).state == "decided"


def test_the_statement_shown_is_the_statement_kept(agora: Agora, desk: Client) -> None:
    number = agora.proposal()
    path = f"/console/decisions/{number}/decide"
    form = fields(desk.get(path).content.decode()) | CHOICE
    shown = desk.post(path, form | {"show": "fr", "statement": "fr"}).content.decode()
    ask(desk, number, **CHOICE)
    kept = Statement.objects.get(decision__supersedes=number).content["fr"]
    assert kept["title"] in shown
    assert CHOICE["facts"] in shown
    assert any(CHOICE["facts"] in part["paragraphs"] for part in kept["why"])


def test_a_choice_whose_statement_was_not_shown_is_shown_first(agora: Agora, desk: Client) -> None:
    number = agora.proposal()
    path = f"/console/decisions/{number}/decide"
    form = fields(desk.get(path).content.decode()) | CHOICE
    answer = desk.post(path, form)
    assert answer.status_code == 200
    assert "This is the statement for what you chose." in answer.content.decode()
    assert not DecisionRecord.objects.filter(supersedes=number).exists()


def test_leaving_it_visible_needs_no_statement(agora: Agora, desk: Client) -> None:
    number = agora.proposal()
    path = f"/console/decisions/{number}/decide"
    form = fields(desk.get(path).content.decode())
    answer = desk.post(path, form | {"action": "leave", "reason": "quotes to refute"})
    assert answer.status_code == 302
    made = DecisionRecord.objects.get(supersedes=number)
    assert made.outcome == "allow"
    assert not Statement.objects.filter(decision=made).exists()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"reason": ""}, "Write the reason"),
        ({"action": ""}, "Choose what is to happen."),
        ({"territory": []}, "Choose at least one country."),
        ({"territory": ["GB"]}, "A chosen country has no ground here."),
        ({"reason": "x" * 2001}, "longer than 2,000 characters"),
    ],
)
def test_a_form_that_lacks_something_comes_back_whole(
    agora: Agora, desk: Client, wrong: dict[str, Any], words: str
) -> None:
    number = agora.proposal()
    path = f"/console/decisions/{number}/decide"
    answer = desk.post(path, fields(desk.get(path).content.decode()) | CHOICE | wrong)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert words in page
    assert CHOICE["facts"] in page
    assert not DecisionRecord.objects.filter(supersedes=number).exists()


def test_the_same_form_sent_twice_decides_once(agora: Agora, desk: Client) -> None:
    number = agora.proposal()
    path = f"/console/decisions/{number}/decide"
    form = fields(desk.get(path).content.decode()) | CHOICE
    form |= fields(desk.post(path, form | {"show": "en"}).content.decode())
    first, second = desk.post(path, form), desk.post(path, form)
    assert first.status_code == second.status_code == 302
    assert first["Location"] == second["Location"]
    assert DecisionRecord.objects.filter(supersedes=number).count() == 1


def test_the_same_form_from_a_session_that_knows_nothing_of_it_decides_once(
    agora: Agora, desk: Client
) -> None:
    number = agora.proposal()
    path = f"/console/decisions/{number}/decide"
    form = fields(desk.get(path).content.decode()) | CHOICE
    form |= fields(desk.post(path, form | {"show": "en"}).content.decode())
    again = Client()
    again.post("/console/login", {"name": "c.vidal", "password": "correct horse battery staple"})
    desk.post(path, form)
    answer = again.post(path, form)
    assert answer.status_code == 302, "one's own decision is no conflict"
    assert DecisionRecord.objects.filter(supersedes=number).count() == 1


def test_of_two_people_one_wins_and_the_other_keeps_their_words(
    agora: Agora, desk: Client, other: Client
) -> None:
    number = agora.proposal()
    path = f"/console/decisions/{number}/decide"
    mine = fields(desk.get(path).content.decode()) | CHOICE
    mine |= fields(desk.post(path, mine | {"show": "en"}).content.decode())
    first = CHOICE | {"territory": ["DE", "FR"], "reason": "first", "take_over": "1"}
    ask(other, number, **first)
    answer = desk.post(path, mine)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "m.roth decided this case before you." in page
    assert CHOICE["reason"] in page
    assert CHOICE["facts"] in page
    assert DecisionRecord.objects.filter(supersedes=number).count() == 1


def test_undo_within_thirty_seconds_cancels_what_has_not_left(agora: Agora, desk: Client) -> None:
    add_webhook(agora.house, "https://hooks.example.com/vigie")
    number = agora.proposal()
    ask(desk, number, **CHOICE)
    made = DecisionRecord.objects.get(supersedes=number)
    notice = desk.get("/console/decisions").content.decode()
    assert f"/console/decisions/{made.number}/undo" in notice
    answer = desk.post(f"/console/decisions/{made.number}/undo", {"once": "t1"})
    assert answer.status_code == 302
    states = OutgoingTask.objects.filter(decision=made).values_list("state", flat=True)
    assert set(states) == {TaskState.CANCELLED}
    assert Case.objects.get(decision=number).state == "open"
    assert Statement.objects.get(decision=made).state == "cancelled"


def test_after_thirty_seconds_an_undo_asks_for_its_reason(agora: Agora, desk: Client) -> None:
    number = agora.proposal()
    ask(desk, number, **CHOICE)
    made = DecisionRecord.objects.get(supersedes=number)
    agora.clock.advance(31_000)
    assert "Undo" not in desk.get("/console/decisions").content.decode()
    path = f"/console/decisions/{made.number}/undo"
    assert desk.post(path, {"once": "t1"}).status_code == 422
    assert desk.post(path, {"once": "t2", "reason": "seen again"}).status_code == 302


def test_lifting_restores_and_the_statement_says_so(agora: Agora, desk: Client) -> None:
    add_webhook(agora.house, "https://hooks.example.com/vigie")
    number = agora.proposal()
    ask(desk, number, **CHOICE)
    made = DecisionRecord.objects.get(supersedes=number)
    agora.clock.advance(60_000)
    agora.deliver()
    page = desk.get(f"/console/decisions/{made.number}").content.decode()
    assert f"/console/decisions/{made.number}/lift" in page
    answer = desk.post(f"/console/decisions/{made.number}/lift", {"reason": "it quotes"})
    assert answer.status_code == 302
    lifted = DecisionRecord.objects.get(supersedes=made)
    assert lifted.outcome == "allow"
    assert Effect.objects.get(decision=lifted).action == "LIFTED"
    assert Statement.objects.get(decision=made).lifted_at is not None


def test_a_decided_case_leads_to_its_decision(agora: Agora, desk: Client) -> None:
    number = agora.proposal()
    ask(desk, number, **CHOICE)
    made = DecisionRecord.objects.get(supersedes=number)
    answer = desk.get(f"/console/decisions/{number}/decide")
    assert answer["Location"] == f"/console/decisions/{made.number}"


def test_an_auditor_reads_and_does_not_decide(agora: Agora, client: Client) -> None:
    agora.person("a.udit", role="auditor")
    client.post("/console/login", {"name": "a.udit", "password": "correct horse battery staple"})
    number = agora.proposal()
    assert client.get(f"/console/decisions/{number}").status_code == 200
    assert client.get(f"/console/decisions/{number}/decide").status_code == 403
    assert client.post(f"/console/decisions/{number}/lift", {"reason": "no"}).status_code == 403


def test_a_form_from_another_site_is_refused(agora: Agora) -> None:
    agora.person()
    client = Client(enforce_csrf_checks=True)
    answer = client.post("/console/login", {"name": "c.vidal", "password": "x"})
    assert answer.status_code == 403
    assert "too old, or it was not sent from our page" in answer.content.decode()


@pytest.mark.parametrize("language", ["en", "fr", "de"])
def test_an_exception_of_article_17_is_chosen_recorded_and_shown(
    agora: Agora, desk: Client, language: str
) -> None:
    number = agora.proposal()
    desk.cookies["django_language"] = language
    page = desk.get(f"/console/decisions/{number}/decide").content.decode()
    exceptions = page.partition('id="exemption"')[2].partition("</select>")[0]
    assert exceptions.count('<option value="') == 4
    answer = ask(desk, number, **CHOICE, exemption="no_contact")
    assert answer.status_code == 302
    made = DecisionRecord.objects.get(supersedes=number)
    statement = Statement.objects.get(decision=made)
    assert (statement.state, statement.exception) == ("exempt", "no_contact")
    shown = desk.get(f"/console/decisions/{made.number}").content.decode()
    assert "17" in shown
    assert "no_contact" not in shown
    assert "/s/" not in shown


def test_under_an_exception_no_statement_is_previewed(agora: Agora, desk: Client) -> None:
    number = agora.proposal()
    path = f"/console/decisions/{number}/decide"
    form = fields(desk.get(path).content.decode()) | CHOICE | {"show": "en"}
    assert "StGB" in desk.post(path, form).content.decode()
    page = desk.post(path, form | {"exemption": "no_contact"}).content.decode()
    assert 'value="no_contact" selected' in page
    assert "None is sent, for the exception that you named." in page


def test_an_exception_that_is_none_of_the_list_is_refused_aloud(agora: Agora, desk: Client) -> None:
    number = agora.proposal()
    answer = ask(desk, number, **CHOICE, exemption="whatever")
    assert answer.status_code == 422
    assert "Choose an exception of the list, or none." in answer.content.decode()
    assert not DecisionRecord.objects.filter(supersedes=number).exists()


@pytest.mark.parametrize("imminent", [True, False])
def test_in_imminent_danger_a_restriction_leaves_at_once(
    agora: Agora, desk: Client, *, imminent: bool
) -> None:
    add_webhook(agora.house, "https://hooks.example.com/vigie")
    number, following = agora.proposal(), agora.proposal("p-101")
    page = desk.get(f"/console/decisions/{number}/decide").content.decode()
    assert "leaves at once instead of after 30 s and cannot be undone" in page
    ask(desk, number, **CHOICE, **({"imminent": "1"} if imminent else {}))
    made = DecisionRecord.objects.get(supersedes=number)
    [task] = OutgoingTask.objects.filter(decision=made)
    assert task.not_before == made.at + (0 if imminent else 30_000)
    for path in ("/console/decisions", f"/console/decisions/{following}/decide"):
        shown = desk.get(path).content.decode()
        assert ("It left at once." in shown) is imminent
        assert (f"/console/decisions/{made.number}/undo" in shown) is not imminent


def test_imminent_danger_stays_chosen_while_the_statement_is_read(
    agora: Agora, desk: Client
) -> None:
    path = f"/console/decisions/{agora.proposal()}/decide"
    form = fields(desk.get(path).content.decode()) | CHOICE | {"show": "en"}
    box = 'name="imminent" type="checkbox" value="1" checked'
    assert box not in desk.post(path, form).content.decode()
    assert box in desk.post(path, form | {"imminent": "1"}).content.decode()


def test_an_auditor_cannot_claim_imminent_danger(agora: Agora, client: Client) -> None:
    agora.person("a.udit", role="auditor")
    client.post("/console/login", {"name": "a.udit", "password": "correct horse battery staple"})
    number = agora.proposal()
    path = f"/console/decisions/{number}/decide"
    assert client.post(path, CHOICE | {"imminent": "1"}).status_code == 403
    assert not DecisionRecord.objects.filter(supersedes=number).exists()


@pytest.mark.parametrize("language", ["en", "fr", "de"])
def test_the_page_says_of_automation_what_the_statement_says(
    agora: Agora, desk: Client, language: str
) -> None:
    number = agora.proposal()
    ask(desk, number, **CHOICE)
    made = DecisionRecord.objects.get(supersedes=number)
    kept = Statement.objects.get(decision=made)
    codes = {one["automated_decision"] for one in kept.content["restrictions"]}
    assert codes == {"AUTOMATED_DECISION_PARTIALLY"}
    [said] = [part for part in kept.content[language]["why"] if part["key"] == "automated"]
    page = desk.get(f"/console/decisions/{made.number}?lang={language}").content.decode()
    assert all(sentence in page for sentence in said["paragraphs"])
    alone = desk.get(f"/console/decisions/{number}?lang={language}").content.decode()
    assert said["paragraphs"][-1] not in alone, "a proposal decided nothing"


def test_of_what_a_program_did_alone_the_page_says_so(agora: Agora, client: Client) -> None:
    agora.person("s.child", role="child_safety")
    client.post("/console/login", {"name": "s.child", "password": "correct horse battery staple"})
    page = client.get(f"/console/decisions/{agora.removal()}").content.decode()
    assert "The decision was taken by a program, without a person." in page


def test_what_a_person_leaves_visible_is_called_so(agora: Agora, desk: Client) -> None:
    number = agora.proposal()
    ask(desk, number, action="leave", reason="quotes to refute")
    made = DecisionRecord.objects.get(supersedes=number)
    page = desk.get(f"/console/decisions/{made.number}").content.decode()
    assert "a person decided that nothing is restricted" in page
