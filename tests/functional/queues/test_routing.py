# SPDX-License-Identifier: Apache-2.0
"""Where new cases go, what they weigh and when they are due."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import queues as made
from tests.support.people import NOW, Agora
from tests.support.queues import HOUR
from vigie.flow.decide import PersonDecision, Verb, decide
from vigie.flow.house import House
from vigie.flow.queues import first
from vigie.flow.queues.moves import escalate
from vigie.flow.queues.route import Placement, Rule, Told, place, places, reroute, route
from vigie.flow.queues.severity import SEVERITY, severity
from vigie.flow.search import index, parse
from vigie.flow.search.index import tag
from vigie.law import load
from vigie.law.categories import load as categories
from vigie.store.models import (
    Case,
    CaseEvent,
    CaseKind,
    CaseState,
    DecisionRecord,
    DecisionTag,
    ReviewQueue,
    RoutingRule,
)


def after(agora: Agora, case: Case) -> Case:
    route(agora.house)
    return Case.objects.get(pk=case.pk)


def rule(expression: str, queue: ReviewQueue, **columns: int) -> RoutingRule:
    return RoutingRule.objects.create(expression=expression, queue=queue, **columns)


def test_a_proposal_waits_in_the_general_queue_with_its_category_and_the_queues_aim(
    agora: Agora,
) -> None:
    case = after(agora, made.waiting(agora))
    assert (case.queue, case.category, case.language) == ("general", "denial", "de")
    assert (case.priority, case.trusted) == (SEVERITY["denial"], False)
    assert (case.due_at, case.clock, case.hard) == (NOW + 24 * HOUR, "", False)
    assert case.routed_at == NOW
    event = CaseEvent.objects.get(case=case)
    assert (event.kind, event.user, event.note) == ("routed", None, "general")


def test_what_is_routed_is_not_routed_again(agora: Agora) -> None:
    made.waiting(agora)
    assert route(agora.house) == 1
    assert route(agora.house) == 0


def test_a_match_of_class_child_is_in_its_queue_and_due_in_an_hour(agora: Agora) -> None:
    number = agora.removal()
    case = after(agora, Case.objects.get(decision_id=number))
    assert (case.queue, case.category, case.priority) == ("child", "child", 9)
    assert (case.due_at, case.clock, case.hard) == (NOW + HOUR, "dsa_art18", False)


def test_the_first_rule_that_matches_decides(agora: Agora) -> None:
    french, german = made.queue("french"), made.queue("german", aim_minutes=60)
    rule("item.language = fr", french, position=1)
    rule("item.language = de and category = denial", german, position=2, priority=7)
    rule("severity >= 1", french, position=3)
    case = after(agora, made.waiting(agora))
    assert (case.queue, case.priority, case.due_at) == ("german", 7, NOW + HOUR)
    assert CaseEvent.objects.get(case=case).note.startswith("german, rule ")


def test_a_rule_never_lowers_the_severity(agora: Agora) -> None:
    rule("kind = proposal", made.queue("slow"), priority=1)
    assert after(agora, made.waiting(agora)).priority == SEVERITY["denial"]


def test_a_rule_that_is_off_or_cannot_be_read_or_leads_to_a_closed_queue_is_passed_over(
    agora: Agora,
) -> None:
    closed, open_ = made.queue("closed", active=False), made.queue("open")
    RoutingRule.objects.create(expression="kind = proposal", queue=open_, active=False)
    rule("this is = = no expression", open_)
    rule("kind = proposal", closed)
    assert after(agora, made.waiting(agora)).queue == "general"


@pytest.mark.parametrize("slug", ["child", "appeals"])
def test_no_rule_sends_anything_to_the_queues_of_child_safety_and_appeals(
    agora: Agora, slug: str
) -> None:
    rule("kind = proposal", first.all_queues()[slug])
    assert after(agora, made.waiting(agora)).queue == "general"


def test_no_rule_takes_a_case_out_of_child(agora: Agora) -> None:
    rule("severity >= 0", made.queue("other"), priority=3)
    number = agora.removal()
    assert after(agora, Case.objects.get(decision_id=number)).queue == "child"


def test_a_notice_starts_the_clock_of_article_16(agora: Agora) -> None:
    case = made.waiting(agora, kind=CaseKind.NOTICE, category="fraud")
    made.notice(agora, case, category="fraud")
    case = after(agora, case)
    assert (case.clock, case.hard, case.due_at) == ("dsa_notice_decision", False, NOW + 24 * HOUR)


def test_the_victims_path_has_48_hours_by_law_and_a_queue_of_its_own(agora: Agora) -> None:
    case = made.waiting(agora, kind=CaseKind.INTIMATE, category="intimate")
    case = after(agora, case)
    assert (case.queue, case.priority) == ("intimate", 8)
    assert (case.clock, case.hard, case.due_at) == ("us_take_it_down", True, NOW + 48 * HOUR)


def test_a_shorter_aim_of_the_queue_comes_before_the_law(agora: Agora) -> None:
    first.ensure()
    ReviewQueue.objects.filter(slug="intimate").update(aim_minutes=12 * 60)
    case = after(agora, made.waiting(agora, kind=CaseKind.INTIMATE, category="intimate"))
    assert (case.clock, case.due_at) == ("", NOW + 12 * HOUR)


def test_an_intimate_picture_of_somebody_under_18_goes_to_child_safety(agora: Agora) -> None:
    case = made.waiting(agora, kind=CaseKind.INTIMATE, category="intimate")
    made.notice(agora, case, category="intimate", under_age=True)
    case = after(agora, case)
    assert (case.queue, case.category) == ("child", "child")


def test_a_trusted_flagger_comes_first_and_is_due_in_an_hour(agora: Agora) -> None:
    case = made.routed(agora)
    agora.clock.advance(HOUR)
    made.notice(agora, case, flagger=made.flagger(agora))
    case = reroute(agora.house, case)
    assert case.trusted
    assert case.due_at == NOW + 2 * HOUR


def test_another_notice_raises_and_never_lowers(agora: Agora) -> None:
    case = made.routed(agora)
    before = case.due_at
    made.notice(agora, case, category="threat")
    case = reroute(agora.house, case)
    assert (case.category, case.priority) == ("threat", SEVERITY["threat"])
    assert case.due_at == before
    made.notice(agora, case, category="ip")
    case = reroute(agora.house, case)
    assert (case.category, case.priority) == ("threat", SEVERITY["threat"])


def test_routing_again_leaves_a_case_where_a_person_put_it(agora: Agora) -> None:
    made.queue("counsel")
    case = made.routed(agora, queue="counsel", escalated_at=NOW)
    assert reroute(agora.house, case).queue == "counsel"


@pytest.mark.parametrize("state", [CaseState.CANCELLED, CaseState.DECIDED])
def test_what_no_longer_waits_is_not_routed(agora: Agora, state: CaseState) -> None:
    case = made.waiting(agora, state=state)
    assert route(agora.house) == 0
    assert reroute(agora.house, case).routed_at is None
    assert not CaseEvent.objects.exists()


def test_every_category_of_notices_has_a_severity_and_no_other() -> None:
    assert set(SEVERITY) == set(categories())
    assert all(0 <= severity(code) <= 9 for code in SEVERITY)
    assert severity("") == 0
    assert severity("unheard") == SEVERITY["other"]


QUEUES: Mapping[str, ReviewQueue] = {
    slug: ReviewQueue(pk=n, slug=slug, aim_minutes=one.aim_minutes)
    for n, (slug, one) in enumerate(first.BUILT_IN.items(), start=1)
} | {"own": ReviewQueue(pk=9, slug="own", aim_minutes=30)}
CATEGORY = st.sampled_from(["", *SEVERITY])


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    slug = draw(st.sampled_from(["own", "general", "intimate"]))
    words = draw(st.sampled_from(["severity >= 0", "severity >= 5", "trusted = yes", "kind = x"]))
    node = parse(words.replace("kind = x", "kind = notice"))
    return Rule(node, QUEUES[slug], draw(st.integers(0, 9)), RoutingRule(pk=1))


@st.composite
def cases(draw: st.DrawFn) -> Case:
    decision = DecisionRecord(
        number=1,
        cls=draw(st.sampled_from(["", "", "child", "terrorist"])),
        language="de",
        body={
            "decision_id": "d", "item_id": "i", "version": 1, "outcome": "review",
        },
    )  # fmt: skip
    return Case(
        pk=1,
        decision=decision,
        kind=draw(st.sampled_from([one.value for one in CaseKind])),
        category=draw(CATEGORY),
        queue=draw(st.sampled_from(list(QUEUES))),
        escalated_at=draw(st.sampled_from([None, NOW])),
        priority=draw(st.integers(0, 9)),
        due_at=draw(st.sampled_from([None, NOW, NOW + 99 * HOUR])),
        opened_at=NOW,
        ground=draw(st.sampled_from([{}, {"offence": "fr_denial"}, {"offence": "fr_csam"}])),
    )


@st.composite
def told(draw: st.DrawFn) -> Told:
    found = draw(st.sets(CATEGORY.filter(bool), max_size=3))
    return Told(found, draw(st.booleans()), draw(st.sampled_from([None, NOW + HOUR])))


HOUSE = House(settings=None, law=load())  # type: ignore[arg-type]


def placed(case: Case, heard: Told, asked: list[Rule]) -> Placement:
    return place(HOUSE, case, heard, QUEUES, asked)


@given(cases(), told(), st.lists(rules(), max_size=3))
def test_class_child_is_in_child_and_nothing_else_ever_is(
    case: Case, heard: Told, asked: list[Rule]
) -> None:
    case.escalated_at = None
    where = placed(case, heard, asked)
    child = case.decision.cls == "child" or where.category == "child"
    assert (where.queue == "child") == child


@given(cases(), told(), st.lists(rules(), max_size=3))
def test_a_case_is_in_exactly_one_queue_weighs_no_less_and_gets_no_more_time(
    case: Case, heard: Told, asked: list[Rule]
) -> None:
    where = placed(case, heard, asked)
    assert where.queue in QUEUES
    assert case.priority <= where.priority <= 9
    assert case.due_at is None or where.due.at <= case.due_at
    assert where.due.clock != "uk_intimate_48h"
    assert where == placed(case, heard, asked)


@given(cases(), told())
def test_without_rules_what_is_contested_waits_with_appeals(case: Case, heard: Told) -> None:
    case.escalated_at = None
    where = placed(case, heard, [])
    if where.queue != "child":
        assert (where.queue == "appeals") == (case.kind == CaseKind.APPEAL)


def test_the_search_knows_the_category_whoever_was_first(agora: Agora) -> None:
    early, late = made.waiting(agora), made.waiting(agora)
    tag(agora.house)
    route(agora.house)
    third = made.waiting(agora)
    route(agora.house)
    tag(agora.house)
    rows = DecisionTag.objects.filter(kind="category").order_by("decision")
    wanted = [(one.decision_id, "denial") for one in (early, late, third)]
    assert list(rows.values_list("decision_id", "value")) == wanted
    reroute(agora.house, early)
    assert rows.count() == 3


def test_a_category_that_routing_names_while_tags_are_gathered_is_not_lost(
    agora: Agora, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = made.waiting(agora)
    gather = index._rows

    def late(found: list[DecisionRecord]) -> list[tuple[object, ...]]:
        rows = list(gather(found))
        route(agora.house)
        return rows

    monkeypatch.setattr(index, "_rows", late)
    tag(agora.house)
    rows = DecisionTag.objects.filter(decision=case.decision_id, kind="category")
    assert list(rows.values_list("value", flat=True)) == ["denial"]


def test_each_decision_of_a_chain_is_found_by_what_its_case_is_about(agora: Agora) -> None:
    case = made.waiting(agora)
    route(agora.house)
    choice = PersonDecision(on=case.decision_id, verb=Verb.LEAVE, reason="No.", user=agora.person())
    decide(agora.house, choice)
    tag(agora.house)
    rows = DecisionTag.objects.filter(kind="category", value="denial")
    assert rows.count() == DecisionRecord.objects.count() == 2


def test_what_is_escalated_while_it_is_routed_stays_where_it_was_put(
    agora: Agora, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, senior = made.waiting(agora), agora.person()
    found = places

    def late(house: House, cases: Sequence[Case]) -> dict[int, Placement]:
        placed = found(house, cases)
        escalate(house, case, senior, "child", "Look.")
        return placed

    monkeypatch.setattr("vigie.flow.queues.route.places", late)
    assert after(agora, case).queue == "child"
