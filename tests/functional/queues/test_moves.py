# SPDX-License-Identifier: Apache-2.0
"""Cases go elsewhere, people leave queues, queues change: with what it costs nobody."""

from __future__ import annotations

import pytest

from tests.support import queues as made
from tests.support.people import NOW, Agora
from tests.support.queues import HOUR
from vigie.core.errors import ConflictError, InvalidInputError, NotFoundError, RefusedError
from vigie.flow.queues import access, claims, first, manage, moves, queued, serve
from vigie.flow.queues.manage import QueueForm, RuleForm
from vigie.flow.queues.preferences import set_preferences
from vigie.flow.queues.route import reroute
from vigie.flow.search import SearchError
from vigie.store.models import (
    Case,
    CaseEvent,
    CaseState,
    DecisionRecord,
    QueuePause,
    Record,
    ReviewQueue,
    RoutingRule,
)


def test_an_escalation_moves_a_case_with_its_note_and_gives_no_more_time(agora: Agora) -> None:
    user = agora.person()
    made.queue("counsel", aim_minutes=99_999)
    case = made.routed(agora)
    claims.claim(agora.house, case, user)
    due = case.due_at
    case = moves.escalate(agora.house, case, user, "counsel", " A quotation? ")
    assert (case.queue, case.due_at, case.escalated_at) == ("counsel", due, NOW)
    assert (case.claimed_by, case.assigned_to, case.state) == (None, None, CaseState.OPEN)
    event = CaseEvent.objects.get(kind="escalated")
    assert (event.note, event.user) == ("A quotation?", user)
    assert reroute(agora.house, case).queue == "counsel"


def test_a_shorter_aim_of_the_new_queue_holds(agora: Agora) -> None:
    made.queue("urgent", aim_minutes=30)
    case = moves.escalate(agora.house, made.routed(agora), agora.person(), "urgent", "now")
    assert case.due_at == NOW + HOUR // 2


def test_whoever_meets_class_child_sends_the_whole_item_to_its_room(agora: Agora) -> None:
    user = agora.person("m.roth", role="moderator")
    case = made.routed(agora)
    case = moves.escalate(agora.house, case, user, "child", "look at once")
    assert (case.queue, case.category, case.priority) == ("child", "child", 9)
    assert case.due_at == NOW + HOUR
    assert set(DecisionRecord.objects.values_list("cls", flat=True)) == {"child"}
    assert not access.may_see(user, case)
    assert queued.queued("agora", case.decision.item_id) == [case]


def test_nothing_leaves_child(agora: Agora) -> None:
    safety = agora.person("k.ind", role="child_safety")
    case = made.routed(agora)
    case = moves.escalate(agora.house, case, agora.person(), "child", "look")
    with pytest.raises(RefusedError) as caught:
        moves.escalate(agora.house, case, safety, "general", "not so")
    assert caught.value.code == "child_stays"


@pytest.mark.parametrize(
    ("queue", "note", "code"),
    [
        ("nowhere", "x", "no_queue"),
        ("general", "x", "same_queue"),
        ("appeals", "x", "not_there"),
        ("counsel", "  ", "no_note"),
        ("counsel", "x" * 2_001, "text_too_long"),
        ("closed", "x", "no_queue"),
    ],
)
def test_an_escalation_that_does_not_fit_changes_nothing(
    agora: Agora, queue: str, note: str, code: str
) -> None:
    made.queue("counsel")
    made.queue("closed", active=False)
    case = made.routed(agora)
    with pytest.raises((InvalidInputError, NotFoundError)) as caught:
        moves.escalate(agora.house, case, agora.person(), queue, note)
    assert caught.value.code == code
    assert Case.objects.get().queue == "general"
    assert not CaseEvent.objects.filter(kind="escalated").exists()


def test_of_two_who_escalate_one_wins_and_the_other_is_told(agora: Agora) -> None:
    user = agora.person()
    made.queue("counsel")
    case, same = made.routed(agora), None
    same = Case.objects.get(pk=case.pk)
    moves.escalate(agora.house, case, user, "counsel", "first")
    with pytest.raises(ConflictError) as caught:
        moves.escalate(agora.house, same, user, "intimate", "second")
    assert caught.value.code == "case_moved"


def test_an_appeal_is_given_to_nobody_who_took_part(agora: Agora) -> None:
    one, other = agora.person("c.vidal"), agora.person("m.roth")
    case = made.appeal(agora, first_decider="m.roth", queue="appeals", routed_at=NOW)
    with pytest.raises(RefusedError) as caught:
        moves.assign(agora.house, case, one, other)
    assert caught.value.code == "not_theirs"
    assert moves.assign(agora.house, case, other, one).assigned_to == one


def test_leaving_a_queue_ends_the_claims_in_it_and_is_noted_nowhere_else(agora: Agora) -> None:
    user = agora.person()
    case = made.routed(agora)
    claims.claim(agora.house, case, user)
    records = Record.objects.count()
    until = moves.leave_queue(agora.house, first.all_queues()["general"], user, 8)
    assert until == NOW + 8 * HOUR
    case.refresh_from_db()
    assert case.claimed_by is None
    assert Record.objects.count() == records
    assert set(CaseEvent.objects.filter(user=user).values_list("kind", flat=True)) == {"claimed"}
    moves.come_back(first.all_queues()["general"], user)
    assert serve.next_case(agora.house, user) is not None


@pytest.mark.parametrize("hours", [0, -1, 337])
def test_hours_out_of_range_are_refused(agora: Agora, hours: int) -> None:
    with pytest.raises(InvalidInputError):
        moves.leave_queue(agora.house, first.all_queues()["general"], agora.person(), hours)
    assert not QueuePause.objects.exists()


def test_time_closes_nothing(agora: Agora) -> None:
    from vigie.flow import retain
    from vigie.flow.queues import figures
    from vigie.flow.queues.route import route

    case = made.routed(agora)
    for _ in range(5):
        agora.clock.advance(400 * 24 * HOUR)
        route(agora.house)
        retain.retain(agora.house)
        case.refresh_from_db()
        assert (case.state, case.queue, case.decided_by) == (CaseState.OPEN, "general", "")
        assert list(figures.late(agora.house.now())) == [case]


def test_the_built_in_queues_are_made_once_and_keep_what_was_changed(agora: Agora) -> None:
    first.ensure()
    ReviewQueue.objects.filter(slug="general").update(title="All", aim_minutes=5)
    first.ensure()
    assert set(first.all_queues()) == {"general", "child", "intimate", "appeals"}
    assert first.all_queues()["general"].aim_minutes == 5
    assert first.title(first.all_queues()["general"]) == "All"
    ReviewQueue.objects.filter(slug="child").delete()
    assert "child" in first.all_queues()


def form(**given) -> QueueForm:
    return QueueForm(**{"slug": "french", "title": "French"} | given)


def test_a_change_of_a_queue_is_recorded_with_a_number_and_no_name(agora: Agora) -> None:
    admin = agora.person("a.dmin", role="admin")
    manage.save_queue(agora.house, admin, form(description="who"))
    manage.save_queue(agora.house, admin, form(aim_minutes=30))
    manage.set_member(agora.house, admin, "french", admin, on=True)
    manage.set_member(agora.house, admin, "french", admin, on=True)
    rule = manage.save_rule(
        agora.house, admin, RuleForm(expression="kind = x".replace("x", "notice"), queue="french")
    )
    manage.delete_rule(agora.house, admin, rule.pk)
    rows = Record.objects.filter(
        kind__in=["queue.made", "queue.changed", "rule.saved", "rule.removed"]
    )
    kinds = list(rows.order_by("entry__index").values_list("kind", flat=True))
    assert kinds == ["queue.made", "queue.changed", "queue.changed", "rule.saved", "rule.removed"]
    assert not any(b"a.dmin" in row.canonical for row in rows)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"slug": "Two Words"}, "slug"),
        ({"title": " "}, "title"),
        ({"title": "x" * 101}, "title"),
        ({"hardness": 4}, "hardness"),
        ({"aim_minutes": 0}, "aim_minutes"),
        ({"slug": "general", "active": False}, "active"),
        ({"slug": "intimate", "restricted": False}, "restricted"),
    ],
)
def test_a_queue_that_does_not_fit_names_its_field(agora: Agora, given, field: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        manage.save_queue(agora.house, agora.person("a", role="admin"), form(**given))
    assert caught.value.field == field


def test_a_queue_in_which_something_waits_is_not_closed(agora: Agora) -> None:
    admin = agora.person("a.dmin", role="admin")
    manage.save_queue(agora.house, admin, form())
    made.routed(agora, queue="french")
    with pytest.raises(ConflictError):
        manage.save_queue(agora.house, admin, form(active=False))
    Case.objects.update(state=CaseState.DECIDED)
    RoutingRule.objects.create(expression="kind = notice", queue=first.all_queues()["french"])
    with pytest.raises(ConflictError):
        manage.save_queue(agora.house, admin, form(active=False))
    RoutingRule.objects.update(active=False)
    assert not manage.save_queue(agora.house, admin, form(active=False)).active


def test_a_rule_is_tried_against_recent_cases_and_never_against_class_child(agora: Agora) -> None:
    admin = agora.person("a.dmin", role="admin")
    agora.removal()
    case = made.routed(agora)
    made.routed(agora, category="fraud")
    trial = manage.try_rule(agora.house, admin, "category = denial")
    assert (trial.looked, trial.taken) == (2, [case])
    assert manage.try_rule(agora.house, admin, "kind = match").taken == []
    with pytest.raises(SearchError):
        manage.try_rule(agora.house, admin, "category = = denial")


@pytest.mark.parametrize("role", ["moderator", "senior", "auditor", "quality", "legal"])
def test_only_who_manages_queues_changes_them(agora: Agora, role: str) -> None:
    user = agora.person("x", role=role)
    with pytest.raises(RefusedError):
        manage.save_queue(agora.house, user, form())
    with pytest.raises(RefusedError):
        manage.save_rule(agora.house, user, RuleForm(expression="kind = notice", queue="general"))
    with pytest.raises(RefusedError):
        manage.set_member(agora.house, user, "general", user, on=True)
    with pytest.raises(RefusedError):
        manage.try_rule(agora.house, user, "")


def test_what_somebody_is_not_given_is_their_own_word(agora: Agora) -> None:
    user = agora.person()
    set_preferences(user, [" FR ", "fr", ""], ["hate", "hate"])
    user.refresh_from_db()
    assert (user.languages, user.barred) == (["fr"], ["hate"])
    for languages, barred in ((["not a language"], []), (["fr"] * 1 + ["<b>"], []), ([], ["x"])):
        with pytest.raises(InvalidInputError):
            set_preferences(user, languages, barred)


def test_an_item_is_found_by_number_address_decision_notice_and_appeal(agora: Agora) -> None:
    case = made.routed(agora)
    notice = made.notice(agora, case)
    item = case.decision.item_id
    for typed in (
        item, f"  {item} ", case.decision.label, case.decision.label.lower(), notice.label,
        f"http://agora.example/p/{item}", f"https://WWW.agora.example/p/{item}/#top",
    ):  # fmt: skip
        assert queued.find(typed) == [case], typed
    contested = made.appeal(agora)
    assert queued.find(contested.appeal.label) == [contested]
    for typed in ("", "D-999999", "N-999999", "A-999999", "nothing", "x" * 5_000, "D-" + "9" * 99):
        assert queued.find(typed) == [], typed
