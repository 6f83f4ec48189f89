# SPDX-License-Identifier: Apache-2.0
"""The pages of complaints, strikes, disputes and dead letters, as people use them."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from tests.support.appeals import lodged, restricted
from tests.support.people import Agora
from vigie.flow.appeals.disputes import BodyForm, add_body
from vigie.flow.chain import head_of, standing
from vigie.flow.letters import write_letter
from vigie.flow.strikes.measures import ASSESSED
from vigie.flow.transaction import writing
from vigie.flow.webhooks import add_webhook
from vigie.store.models import (
    Appeal,
    AppealState,
    DecisionRecord,
    Dispute,
    DisputeBody,
    LadderStep,
    Measure,
    MeasureState,
    OutgoingTask,
    Record,
    Statement,
    StrikeWeight,
    TaskState,
)

PASSWORD = "correct horse battery staple"
GROUNDS = "I quoted it <script>alert(1)</script> to refute it."


def sign_in(client: Client, agora: Agora, name: str, role: str) -> Client:
    """Somebody else signs in."""
    agora.person(name, role)
    client.post("/console/login", {"name": name, "password": PASSWORD})
    return client


def words_of(page: bytes) -> str:
    """The page as text, without what the browser does not show."""
    return re.sub(r"\s+", " ", page.decode())


@pytest.fixture
def appeal(agora: Agora) -> Appeal:
    """The author contests what M. Olsen restricted."""
    agora.person("m.olsen", "senior")
    from vigie.store.models import User

    row = restricted(agora, User.objects.get(username="m.olsen"))
    return lodged(agora, row, grounds=GROUNDS, hearing=True).appeal


def test_list_and_page_show_first_decision_and_complaint_side_by_side(desk: Client, appeal: Appeal):
    listed = words_of(desk.get("/console/appeals").content)
    assert "A-1" in listed
    assert "own aim" in listed
    page = words_of(desk.get("/console/appeals/1").content)
    assert "First decision" in page
    assert "m.olsen" in page
    assert "&lt;script&gt;" in page
    assert "<script>alert" not in page
    assert "wishes to be heard" in page
    assert "What upholding it changes" in page
    assert "France" in page


def test_answer_by_form_reverses_and_the_same_form_twice_is_harmless(
    desk: Client, agora: Agora, appeal: Appeal
):
    page = desk.get("/console/appeals/1").content.decode()
    [token] = re.findall(r'name="once" value="([^"]+)"', page)
    form = {
        "once": token,
        "seen": appeal.decision_id,
        "outcome": "granted",
        "answer": "It refutes what it quotes.",
        "reason": "quotation",
        "heard": "by telephone",
    }
    preview = desk.post("/console/appeals/1", form | {"show": "1"})
    assert "Our decision on your complaint A-1" in preview.content.decode()
    assert Appeal.objects.get().state == AppealState.LODGED
    assert desk.post("/console/appeals/1", form).status_code == 302
    assert desk.post("/console/appeals/1", form).status_code == 302
    row = Appeal.objects.get()
    assert row.state == AppealState.GRANTED
    assert standing(head_of(DecisionRecord.objects.get(pk=appeal.decision_id))) == ()
    done = words_of(desk.get("/console/appeals/1").content)
    assert "Visible again in" in done
    assert "upheld" in words_of(desk.get("/console/appeals?answered=1").content)


def test_what_is_missing_is_named_and_nothing_typed_is_lost(desk: Client, appeal: Appeal):
    answer = desk.post("/console/appeals/1", {"answer": "typed already", "outcome": "refused"})
    assert answer.status_code == 422
    page = words_of(answer.content)
    assert "Write a reason" in page
    assert "typed already" in page


def test_first_decider_reads_it_and_has_no_form(client: Client, agora: Agora, appeal: Appeal):
    client.post("/console/login", {"name": "m.olsen", "password": PASSWORD})
    page = words_of(client.get("/console/appeals/1").content)
    assert "You took part" in page
    assert 'name="outcome"' not in page
    form = {"outcome": "granted", "answer": "x", "reason": "x", "heard": "x"}
    assert client.post("/console/appeals/1", form).status_code == 403
    assert Appeal.objects.get().state == AppealState.LODGED


def test_class_child_is_in_no_list_and_its_page_is_for_its_room(desk: Client, agora: Agora):
    appeal = lodged(agora, DecisionRecord.objects.get(number=agora.removal())).appeal
    assert appeal.label not in words_of(desk.get("/console/appeals").content)
    assert desk.get(f"/console/appeals/{appeal.number}").status_code == 404


def test_proposal_of_the_ladder_is_confirmed_on_its_page(desk: Client, agora: Agora):
    olsen = agora.person("m.olsen")
    for item in ("p-1", "p-2"):
        restricted(agora, olsen, item)
    one = Measure.objects.get()
    assert "warning" in words_of(desk.get("/console/strikes").content)
    path = f"/console/strikes/{one.pk}"
    page = words_of(desk.get(path).content)
    assert "D-" in page
    assert "(a) How many" in page
    half = {"do": "confirm", "absolute": "two in a week"}
    answer = desk.post(path, half)
    assert answer.status_code == 422
    assert "two in a week" in answer.content.decode()
    whole = {"do": "confirm", **dict.fromkeys(ASSESSED, "said")}
    assert desk.post(path, whole).status_code == 302
    one.refresh_from_db()
    assert one.state == MeasureState.IN_FORCE
    assert desk.post(path, {"do": "lift", "reason": "a mistake"}).status_code == 302
    one.refresh_from_db()
    assert one.state == MeasureState.LIFTED
    assert "Lifted" in words_of(desk.get(path).content)


def test_weights_and_ladder_are_the_administrators(client: Client, desk: Client, agora: Agora):
    assert desk.post("/console/strikes/weight", {"policy": "denial"}).status_code == 403
    admin = sign_in(Client(), agora, "root", "admin")
    form = {"policy": "denial", "weight": "3", "days": "90"}
    assert admin.post("/console/strikes/weight", form).status_code == 302
    assert StrikeWeight.objects.get().weight == 3
    assert admin.post("/console/strikes/weight", form | {"weight": "x"}).status_code == 422
    assert admin.post("/console/strikes/weight", form | {"do": "remove"}).status_code == 302
    steps = {
        "kind": "author",
        "points": ["1", "3", ""],
        "what": ["warning", "suspension", "warning"],
        "days": ["", "9", ""],
    }
    assert admin.post("/console/strikes/ladder", steps).status_code == 302
    assert list(LadderStep.objects.values_list("points", "days")) == [(1, 0), (3, 9)]
    wrong = steps | {"what": ["suspension", "suspension", "warning"], "days": ["3", "9", ""]}
    assert admin.post("/console/strikes/ladder", wrong).status_code == 422
    assert admin.post("/console/strikes/ladder", {"kind": "nobody"}).status_code == 422
    assert LadderStep.objects.count() == 2


def test_dispute_is_entered_extended_and_carried_out(client: Client, agora: Agora, appeal: Appeal):
    legal = sign_in(client, agora, "l.haas", "legal")
    add_body(agora.house, None, BodyForm(name="Body", url="https://body.example"))
    body = DisputeBody.objects.get()
    form = {"do": "open", "about": "A-1", "body": body.pk, "reference": "77/26"}
    assert legal.post("/console/disputes", form).status_code == 302
    row = Dispute.objects.get()
    assert row.due_at == row.opened_at + 90 * 86_400_000
    page = words_of(legal.get("/console/disputes").content)
    assert "77/26" in page
    assert "90 d left" in page
    assert legal.post("/console/disputes", {"do": "extend", "dispute": row.pk}).status_code == 302
    row.refresh_from_db()
    assert row.due_at == row.opened_at + 180 * 86_400_000
    close = {"do": "close", "dispute": row.pk, "outcome": "overturned", "implement": "on"}
    assert legal.post("/console/disputes", close).status_code == 422
    assert (
        legal.post("/console/disputes", close | {"reason": "as the body says"}).status_code == 302
    )
    row.refresh_from_db()
    assert row.implemented is True
    assert standing(head_of(DecisionRecord.objects.get(pk=appeal.decision_id))) == ()
    assert Statement.objects.filter(state__in=("lifted", "cancelled")).exists()
    assert "overturned" in words_of(legal.get("/console/disputes").content)


@pytest.mark.parametrize(
    "form",
    [
        {"do": "open", "about": "D-99", "body": "1"},
        {"do": "open", "about": "nothing"},
        {"do": "close", "dispute": "9", "outcome": "upheld"},
        {"do": "add_body", "name": "B", "url": "javascript:alert(1)"},
        {"do": "add_body", "name": "", "url": "https://b.example"},
        {"do": "dance"},
    ],
)
def test_what_does_not_fit_the_register_is_refused(client: Client, agora: Agora, form):
    legal = sign_in(client, agora, "l.haas", "legal")
    assert legal.post("/console/disputes", form).status_code in (404, 422)
    assert not DisputeBody.objects.exists()


def dead(agora: Agora) -> list[OutgoingTask]:
    """A webhook and a mail that could not be delivered, and one that never can."""
    add_webhook(agora.house, "https://platform.example/hooks")
    restricted(agora, agora.person("m.olsen"))
    with writing():
        for to in ("anna@person.example", "no address"):
            write_letter(
                agora.house,
                template="neutral_decision",
                to=to,
                language="en",
                context={"url": "https://v.example"},
            )
    OutgoingTask.objects.update(state=TaskState.DEAD, done_at=1, attempts=10)
    hook = OutgoingTask.objects.filter(kind="webhook").earliest("pk")
    OutgoingTask.objects.filter(kind="webhook").exclude(pk=hook.pk).delete()
    return [hook, *OutgoingTask.objects.filter(kind="mail").order_by("pk")]


def test_dead_letters_are_tried_again_one_by_one_or_all_and_given_up(client: Client, agora: Agora):
    tasks = dead(agora)
    admin = sign_in(client, agora, "root", "admin")
    page = words_of(admin.get("/console/dead-letters").content)
    assert "platform.example" in page
    assert "anna@person.example" not in page
    assert "a…@person.example" in page
    assert "No mail server is set" in page
    bad = {"do": "again", "task": tasks[2].pk}
    assert admin.post("/console/dead-letters", bad).status_code == 409
    assert (
        admin.post("/console/dead-letters", {"do": "again", "task": tasks[0].pk}).status_code == 302
    )
    tasks[0].refresh_from_db()
    assert (tasks[0].state, tasks[0].attempts) == (TaskState.WAITING, 0)
    assert admin.post("/console/dead-letters", {"do": "all"}).status_code == 302
    tasks[1].refresh_from_db()
    assert tasks[1].state == TaskState.WAITING
    assert (
        admin.post("/console/dead-letters", {"do": "give_up", "task": tasks[2].pk}).status_code
        == 302
    )
    tasks[2].refresh_from_db()
    assert tasks[2].state == TaskState.CANCELLED
    assert Record.objects.filter(kind="task.retried").count() == 2
    assert Record.objects.filter(kind="task.given_up").count() == 1
    assert "Nothing is undeliverable" in words_of(admin.get("/console/dead-letters").content)


@pytest.mark.parametrize("path", ["/console/dead-letters", "/console/disputes", "/console/appeals"])
def test_rooms_are_closed_to_who_has_no_business_there(client: Client, agora: Agora, path):
    assert client.get(path).status_code == 302
    sign_in(client, agora, "m.olsen", "moderator")
    assert client.get(path).status_code == 403
