# SPDX-License-Identifier: Apache-2.0
"""The pages of the queues: what they show, what they never show, what a person does there."""

from __future__ import annotations

from html import unescape

import pytest
from django.test import Client

from tests.support import queues as made
from tests.support.people import NOW, SAID, Agora
from tests.support.queues import HOUR
from vigie.flow.queues import claims
from vigie.flow.queues.route import route
from vigie.store.models import (
    Case,
    CaseEvent,
    CaseState,
    QueueMember,
    QueuePause,
    ReviewQueue,
    RoutingRule,
    User,
)

PASSWORD = "correct horse battery staple"
HOSTILE = "<script>alert(1)</script>\"'>{{ 7|add:7 }}\u202e" + "x" * 300


def text_of(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return unescape(answer.content.decode())


def browser(agora: Agora, name: str, role: str = "moderator", **more) -> tuple[Client, User]:
    user = agora.person(name, role=role, **more)
    client = Client()
    client.post("/console/login", {"name": name, "password": PASSWORD})
    return client, user


def test_a_queue_is_shown_due_first_with_clock_masked_words_and_how_it_came(
    agora: Agora, desk: Client
) -> None:
    made.routed(agora)
    agora.clock.advance(22 * HOUR)
    page = text_of(desk, "/console/queues")
    assert "<h1>General</h1>" in page
    assert "2 h left" in page
    assert "own aim 24 h" in page
    assert 'data-is="soon"' in page
    assert '<span class="mask">masked</span>' in page
    assert SAID[20:45] not in page
    assert "Denial" in page
    assert "1 wait" in page


def test_the_law_and_what_is_unconfirmed_stand_below_the_time(agora: Agora, desk: Client) -> None:
    made.routed(
        agora, kind="intimate", category="intimate", queue="intimate",
        due_at=NOW + 48 * HOUR, clock="us_take_it_down", hard=True,
    )  # fmt: skip
    agora.clock.advance(47 * HOUR + 30 * 60_000)
    page = text_of(desk, "/console/queues?queue=intimate")
    assert "30 min left" in page
    assert "2 d, TAKE IT DOWN Act" in page
    assert "unconfirmed: 2 d, UK Crime and Policing Act" in page
    assert 'data-kind="hard"' in page
    assert 'data-is="last"' in page


def test_what_is_late_heads_its_own_list_and_says_so(agora: Agora, desk: Client) -> None:
    case = made.routed(agora)
    agora.clock.advance(26 * HOUR)
    page = text_of(desk, "/console/queues?queue=late")
    assert "2 h over" in page
    assert case.decision.label in page
    assert "not reviewed in time" in page


def test_of_class_child_nothing_is_shown_found_or_counted(agora: Agora, client: Client) -> None:
    number = agora.removal()
    route(agora.house)
    agora.clock.advance(9 * HOUR)
    safety, _ = browser(agora, "k.ind", role="admin")
    for path in ("/console/queues", "/console/queues?queue=late", "/console/queues?queue=mine"):
        page = text_of(safety, path)
        assert f"D-{number} ·" not in page
        assert "p-200" not in page
    for asked in ("p-200", f"D-{number}", "https://agora.example/p/p-200"):
        page = text_of(safety, f"/console/queues?find={asked}")
        assert "No case about" in page
    assert safety.get("/console/queues?queue=child")["Location"] == "/console/child-safety"
    moderator, _ = browser(agora, "m.od")
    for path in ("claim", "skip", "release", "escalate", "watch", "leave"):
        pk = Case.objects.get().pk
        assert moderator.post(f"/console/cases/{pk}/{path}").status_code == 404


def test_child_safety_takes_its_next_case_in_its_own_room(agora: Agora) -> None:
    agora.removal()
    route(agora.house)
    safety, _ = browser(agora, "k.ind", role="child_safety")
    assert "none=1" in safety.post("/console/next")["Location"]
    answer = safety.post("/console/next", {"queue": "child"})
    assert "/decide" in answer["Location"]


def test_the_next_case_is_held_and_opened(agora: Agora) -> None:
    client, user = browser(agora, "m.roth")
    case = made.routed(agora)
    answer = client.post("/console/next")
    assert answer["Location"] == f"/console/decisions/{case.decision_id}/decide"
    case.refresh_from_db()
    assert case.claimed_by == user
    answer = client.get("/console/next?queue=general")
    assert answer["Location"] == f"/console/decisions/{case.decision_id}/decide"


def test_where_nothing_comes_the_page_says_why(agora: Agora) -> None:
    client, _ = browser(agora, "m.roth")
    page = text_of(client, client.post("/console/next", {"queue": "general"})["Location"])
    assert "No case comes to you now." in page
    assert "Nothing waits here" in page


def test_who_has_a_case_and_who_looks_is_seen(agora: Agora, desk: Client) -> None:
    _, other = browser(agora, "m.roth")
    case = made.routed(agora)
    claims.claim(agora.house, case, other)
    claims.watch(agora.house, case, other)
    page = text_of(desk, "/console/queues")
    assert "m.roth has it" in page
    assert "open at m.roth" in page
    answer = desk.post(f"/console/cases/{case.pk}/claim")
    assert answer.status_code == 409
    assert "m.roth has this case." in answer.content.decode()


def test_the_heartbeat_answers_who_else_looks(agora: Agora, desk: Client) -> None:
    client, other = browser(agora, "m.roth")
    case = made.routed(agora)
    assert "Nobody has this case" in desk.post(f"/console/cases/{case.pk}/watch").content.decode()
    claims.claim(agora.house, case, other)
    page = client.post(f"/console/cases/{case.pk}/watch").content.decode()
    assert "You have this case" in page
    assert "Also open at: c.vidal" in page
    Case.objects.update(state=CaseState.DECIDED)
    page = desk.post(f"/console/cases/{case.pk}/watch").content.decode()
    assert "decided or closed meanwhile" in page


def test_claim_give_back_and_skip_lead_on(agora: Agora) -> None:
    client, user = browser(agora, "m.roth")
    case = made.routed(agora)
    here = f"/console/cases/{case.pk}"
    assert client.post(f"{here}/claim")["Location"].endswith("/decide")
    assert client.post(f"{here}/release")["Location"] == "/console/queues?queue=general"
    assert client.post(f"{here}/skip")["Location"] == "/console/next?queue=general"
    kinds = list(CaseEvent.objects.filter(user=user).order_by("pk").values_list("kind", flat=True))
    assert kinds == ["claimed", "released", "skipped"]


def test_an_address_elsewhere_is_never_followed(agora: Agora) -> None:
    client, _ = browser(agora, "m.roth")
    case = made.routed(agora)
    for asked in ("https://example.org/", "//example.org", "/elsewhere", "javascript:alert(1)"):
        answer = client.post(f"/console/cases/{case.pk}/skip", {"next": asked})
        assert answer["Location"] == "/console/next?queue=general"


def test_an_escalation_keeps_the_note_and_nothing_typed_is_lost(agora: Agora) -> None:
    client, _ = browser(agora, "m.roth")
    made.queue("counsel")
    case = made.routed(agora)
    here = f"/console/cases/{case.pk}/escalate"
    answer = client.post(here, {"queue": "general", "note": HOSTILE[:100]})
    assert answer.status_code == 422
    assert "Your note, so that it is not lost" in answer.content.decode()
    assert "<script>alert" not in answer.content.decode()
    answer = client.post(here, {"queue": "counsel", "note": "a quotation?"})
    assert answer["Location"] == "/console/next?queue=general"
    assert CaseEvent.objects.get(kind="escalated").note == "a quotation?"


def test_only_who_may_assign_assigns(agora: Agora, desk: Client) -> None:
    client, other = browser(agora, "m.roth")
    case = made.routed(agora)
    here = f"/console/cases/{case.pk}/assign"
    assert client.post(here, {"to": "m.roth"}).status_code == 403
    assert desk.post(here, {"to": "nobody"}).status_code == 422
    assert desk.post(here, {"to": "m.roth"}).status_code == 302
    case.refresh_from_db()
    assert case.assigned_to == other
    assert "given to m.roth" in text_of(desk, "/console/queues")
    desk.post(here, {"to": ""})
    case.refresh_from_db()
    assert case.assigned_to is None


def test_leaving_a_queue_asks_for_no_reason_and_can_be_ended(agora: Agora) -> None:
    client, user = browser(agora, "m.roth")
    case = made.routed(agora)
    assert client.post("/console/queues/general/leave", {"hours": "8"}).status_code == 302
    assert QueuePause.objects.get(user=user).until == NOW + 8 * HOUR
    page = text_of(client, "/console/queues")
    assert "nothing is served from it for 8 h" in page
    assert client.post("/console/queues/general/leave", {"hours": "0"}).status_code == 302
    assert not QueuePause.objects.exists()
    assert client.post(f"/console/cases/{case.pk}/leave", {"hours": "2"}).status_code == 302
    assert client.post(f"/console/cases/{case.pk}/leave", {"hours": "x"}).status_code == 422
    assert client.post("/console/queues/general/leave", {"hours": "9999"}).status_code == 422
    assert client.post("/console/queues/nowhere/leave", {"hours": "1"}).status_code == 404


@pytest.mark.parametrize("asked", ["q", "D", "url"])
def test_is_this_already_queued(agora: Agora, desk: Client, asked: str) -> None:
    case = made.routed(agora)
    item = case.decision.item_id
    typed = {
        "q": item,
        "D": case.decision.label.lower(),
        "url": f"HTTPS://www.agora.example/p/{item}/",
    }
    page = text_of(desk, f"/console/queues?find={typed[asked]}")
    assert "Yes: 1 case waits." in page
    assert "General" in page
    Case.objects.update(state=CaseState.DECIDED)
    assert "No case about" in text_of(desk, f"/console/queues?find={typed[asked]}")


def test_what_waits_in_a_queue_of_others_is_said_and_not_shown(agora: Agora) -> None:
    client, _ = browser(agora, "m.roth")
    made.queue("press", restricted=True)
    case = made.routed(agora, queue="press")
    page = text_of(client, f"/console/queues?find={case.decision.item_id}")
    assert "Yes, in a queue that is not open to you." in page
    assert f"{case.decision.label} ·" not in page
    assert client.get("/console/queues?queue=press").status_code == 404
    assert client.post(f"/console/cases/{case.pk}/claim").status_code == 404


def test_the_filter_is_the_language_of_the_search(agora: Agora, desk: Client) -> None:
    one = made.routed(agora)
    other = made.routed(agora, priority=9)
    page = text_of(desk, "/console/queues?queue=general&q=priority+%3E%3D+7")
    assert f"{other.decision.label} ·" in page
    assert f"{one.decision.label} ·" not in page
    page = text_of(desk, "/console/queues?queue=general&q=priority+%3D%3D")
    assert "column" in page
    page = text_of(desk, "/console/queues?queue=general&q=priority+%3C+1")
    assert "No case fits this filter" in page


@pytest.mark.parametrize("name", ["q", "find", "page", "queue"])
def test_hostile_words_in_the_address_are_words(agora: Agora, desk: Client, name: str) -> None:
    made.routed(agora)
    answer = desk.get("/console/queues", {name: HOSTILE})
    assert answer.status_code in {200, 404}
    assert "<script>alert" not in answer.content.decode()


def test_what_a_person_reads_and_is_not_given_is_kept(agora: Agora) -> None:
    client, user = browser(agora, "m.roth")
    made.routed(agora)
    client.post("/console/queues/preferences", {"languages": "fr, DE", "barred": ["denial"]})
    user.refresh_from_db()
    assert (user.languages, user.barred) == (["fr", "de"], ["denial"])
    assert "D-1 ·" not in text_of(client, "/console/queues")
    wrong = client.post("/console/queues/preferences", {"languages": "<b>", "barred": []})
    assert wrong.status_code == 422


def test_queues_rules_and_members_are_managed_on_one_page(agora: Agora) -> None:
    client, user = browser(agora, "a.dmin", role="admin")
    here = "/console/queues/manage"
    queue = {
        "do": "queue", "slug": "french", "title": "French", "aim_minutes": "60", "hardness": "1",
        "position": "15", "restricted": "1", "two_persons": "1", "active": "1",
    }  # fmt: skip
    assert client.post(here, queue).status_code == 302
    row = ReviewQueue.objects.get(slug="french")
    assert (row.aim_minutes, row.restricted, row.two_persons) == (60, True, True)
    assert (
        client.post(here, {"do": "member", "slug": "french", "name": "a.dmin"}).status_code == 302
    )
    assert QueueMember.objects.get().user == user
    rule = {
        "expression": "item.language = de", "target": "french", "position": "1",
        "priority": "3", "active": "1",
    }  # fmt: skip
    case = made.routed(agora)
    page = client.post(here, {"do": "try", **rule}).content.decode()
    assert "1 of the last 1 cases would go there." in page
    assert not RoutingRule.objects.exists()
    assert client.post(here, {"do": "rule", **rule}).status_code == 302
    made_rule = RoutingRule.objects.get()
    assert made_rule.created_by == "a.dmin"
    changed = {"do": "rule", **rule, "rule": str(made_rule.pk), "position": "9"}
    assert client.post(here, changed).status_code == 302
    assert RoutingRule.objects.get().position == 9
    for query in ("", "?queue=french", f"?rule={made_rule.pk}", "?queue=x", "?rule=x"):
        text_of(client, here + query)
    assert Case.objects.get(pk=case.pk).queue == "general"
    assert client.post(here, {"do": "no_rule", "rule": str(made_rule.pk)}).status_code == 302
    assert not RoutingRule.objects.exists()
    gone = {"do": "no_member", "slug": "french", "name": "a.dmin"}
    assert client.post(here, gone).status_code == 302
    assert not QueueMember.objects.exists()


@pytest.mark.parametrize(
    "given",
    [
        {"do": "queue", "slug": "No Slug", "title": "x", "aim_minutes": "1"},
        {"do": "queue", "slug": "x", "title": HOSTILE, "aim_minutes": "1"},
        {"do": "rule", "expression": "a = = b", "target": "general"},
        {"do": "rule", "expression": "kind = notice", "target": "child"},
        {"do": "rule", "expression": "kind = notice", "target": "nowhere"},
        {"do": "try", "expression": HOSTILE},
        {"do": "member", "slug": "intimate", "name": "nobody"},
        {"do": "nothing"},
    ],
)
def test_what_does_not_fit_is_refused_and_changes_nothing(agora: Agora, given) -> None:
    client, _ = browser(agora, "a.dmin", role="admin")
    before = ReviewQueue.objects.count()
    rest = {"hardness": "0", "position": "1", "priority": "0", "active": "1"}
    answer = client.post("/console/queues/manage", {**rest, **given})
    assert answer.status_code in {404, 422}
    assert "<script>alert" not in answer.content.decode()
    assert not RoutingRule.objects.exists()
    assert ReviewQueue.objects.count() in {before, 4}


def test_every_page_answers_in_three_languages(agora: Agora) -> None:
    client, _ = browser(agora, "a.dmin", role="admin")
    made.routed(agora)
    for language in ("en", "fr", "de"):
        for path in ("/console/queues", "/console/queues?queue=late", "/console/queues/manage"):
            assert client.get(path, {"lang": language}).status_code == 200


def test_what_is_late_heads_the_overview(agora: Agora, desk: Client) -> None:
    case = made.routed(agora)
    agora.removal()
    route(agora.house)
    assert "Past their clock" not in text_of(desk, "/console/overview")
    agora.clock.advance(30 * HOUR)
    page = text_of(desk, "/console/overview")
    assert page.index("Past their clock, not reviewed") < page.index('class="figures"')
    assert "6 h over" in page
    assert f"{case.decision.label} ·" in page
    assert "p-200" not in page


def test_the_room_of_child_safety_shows_clocks_and_says_what_is_late(agora: Agora) -> None:
    client, _ = browser(agora, "k.ind", role="child_safety")
    agora.removal()
    route(agora.house)
    page = text_of(client, "/console/child-safety")
    assert "1 h left" in page
    assert "own aim 1 h, DSA Art. 18" in page
    agora.clock.advance(2 * HOUR)
    page = text_of(client, "/console/child-safety")
    assert "1 case is past its clock, not reviewed." in page
    assert "a caption that nobody may see" not in page
    Case.objects.update(state=CaseState.DECIDED)
    assert "No case comes to you now." in text_of(
        client, client.post("/console/next", {"queue": "child"})["Location"]
    )
    assert "past its clock" not in text_of(client, "/console/child-safety")
