# SPDX-License-Identifier: Apache-2.0
"""Every look is a row and a record with its reason, and the budget holds."""

from __future__ import annotations

import json

import pytest

from tests.support.queues import queue, routed
from vigie.core.errors import ConflictError, InvalidInputError, RefusedError
from vigie.flow import desk_settings, looks, shifts
from vigie.store.append_only import AppendOnlyError
from vigie.store.models import ContentLook, LogEntry, LookKind, Record, Shift
from vigie.store.permissions import Permission, Role


@pytest.fixture
def person(agora):
    return agora.person("m.roth", role=Role.MODERATOR)


@pytest.fixture
def case(agora):
    return routed(agora)


def clear(agora, user, case=None, shown=True, **more):
    made = looks.look(agora.house, user, kind=LookKind.CLEAR, reason="context", case=case, **more)
    if shown:
        assert looks.hand_out(agora.house, user, made.pk)
    return made


def test_a_look_is_a_row_and_a_record_whose_reason_is_sealed(agora, person, case):
    before = LogEntry.objects.count()
    made = looks.look(
        agora.house,
        person,
        kind=LookKind.CLEAR,
        reason="  The context decides ",
        case=case,
        decision=case.decision,
        category="hate",
        about={"picture": 0},
    )
    assert LogEntry.objects.count() == before + 1
    assert (made.reason, made.category, made.hard) == ("The context decides", "hate", False)
    assert (made.at, made.shown_at) == (agora.clock.now_ms(), None)
    record = Record.objects.get(kind="content.looked")
    assert made.record_id == record.record_id
    said = json.loads(record.canonical)
    assert (said["look"], said["case"], said["picture"]) == ("clear", case.pk, 0)
    assert said["decision"] == case.decision_id
    assert "decides" not in record.canonical.decode()
    assert "m.roth" not in record.canonical.decode()
    assert record.key.fields == {"by": "m.roth", "reason": "The context decides"}


def test_a_look_is_never_changed_or_deleted(agora, person):
    made = clear(agora, person)
    with pytest.raises(AppendOnlyError):
        ContentLook.objects.update(reason="another")
    with pytest.raises(AppendOnlyError):
        made.delete()


@pytest.mark.parametrize("kind", [LookKind.CLEAR, LookKind.FILE, LookKind.NOTIFIER])
@pytest.mark.parametrize("reason", ["", "  ", "x" * 301])
def test_without_a_fitting_reason_there_is_no_look(agora, kind, reason):
    senior = agora.person("s", role=Role.SENIOR)
    with pytest.raises(InvalidInputError) as refused:
        looks.look(agora.house, senior, kind=kind, reason=reason)
    assert refused.value.field == "reason"
    assert not ContentLook.objects.exists()
    assert not Shift.objects.exists()


@pytest.mark.parametrize("role", sorted(Role))
@pytest.mark.parametrize("kind", sorted(LookKind))
def test_each_kind_of_look_asks_for_its_permission(agora, role, kind):
    user = agora.person("p", role=role)
    if user.has_perm(looks.NEEDS[kind]):
        assert looks.look(agora.house, user, kind=kind, reason="why").kind == kind
    else:
        with pytest.raises(RefusedError):
            looks.look(agora.house, user, kind=kind, reason="why")
        assert not ContentLook.objects.exists()
    if kind in {LookKind.CLEAR, LookKind.FILE}:
        assert looks.NEEDS[kind] == Permission.CONTENT_LOOK


def test_the_budget_warns_at_four_fifths_and_refuses_at_the_end(agora, person):
    desk_settings.set(agora.house, None, "look_budget", 10)
    for used in range(1, 11):
        clear(agora, person)
        standing = shifts.standing(agora.house, person)
        assert (standing.used, standing.near_limit) == (used, used >= 8)
    before = LogEntry.objects.count()
    with pytest.raises(RefusedError) as refused:
        clear(agora, person)
    assert refused.value.code == "budget_spent"
    assert "break" in (refused.value.fix or "")
    assert ContentLook.objects.count() == 10
    assert LogEntry.objects.count() == before


@pytest.mark.parametrize("kind", [LookKind.BLURRED, LookKind.WORDS])
def test_blurred_copies_and_masked_words_cost_nothing(agora, person, kind):
    desk_settings.set(agora.house, None, "look_budget", 1)
    clear(agora, person)
    for _ in range(3):
        looks.look(agora.house, person, kind=kind, reason="")
    assert shifts.standing(agora.house, person).used == 1


@pytest.mark.parametrize("category", sorted(looks.HARD_CATEGORIES))
def test_hard_categories_have_a_lower_budget_inside_the_other(agora, person, category):
    desk_settings.set(agora.house, None, "look_budget", 3)
    desk_settings.set(agora.house, None, "look_budget_hard", 1)
    assert clear(agora, person, category=category).hard
    with pytest.raises(RefusedError):
        clear(agora, person, category=category)
    clear(agora, person, category="hate")
    clear(agora, person)
    standing = shifts.standing(agora.house, person)
    assert (standing.used, standing.hard_used, standing.left) == (3, 1, 0)
    with pytest.raises(RefusedError):
        clear(agora, person)


def test_a_hard_queue_counts_as_hard_whatever_the_category(agora, person):
    queue("hard", hardness=2)
    queue("light", hardness=1)
    assert clear(agora, person, routed(agora, queue="hard")).hard
    assert not clear(agora, person, routed(agora, queue="light")).hard
    assert clear(agora, person, routed(agora, category="self_harm")).hard


def test_a_look_that_was_not_shown_costs_nothing_after_its_time(agora, person):
    clear(agora, person, shown=False)
    assert shifts.standing(agora.house, person).used == 1
    agora.clock.advance(15_000)
    assert shifts.standing(agora.house, person).used == 0


def test_a_look_is_handed_out_once_to_its_person_within_its_time(agora, person):
    made = clear(agora, person, shown=False)
    other = agora.person("other", role=Role.MODERATOR)
    assert not looks.hand_out(agora.house, other, made.pk)
    assert looks.hand_out(agora.house, person, made.pk)
    assert not looks.hand_out(agora.house, person, made.pk)
    late = clear(agora, person, shown=False)
    agora.clock.advance(15_000)
    assert not looks.hand_out(agora.house, person, late.pk)


def test_the_next_shift_has_a_full_budget(agora, person):
    desk_settings.set(agora.house, None, "look_budget", 1)
    clear(agora, person)
    agora.clock.advance(4 * shifts.HOUR_MS + 1)
    assert shifts.standing(agora.house, person).used == 0
    clear(agora, person)


def test_a_senior_person_adds_looks_once_with_a_reason(agora, person):
    desk_settings.set(agora.house, None, "look_budget", 1)
    desk_settings.set(agora.house, None, "look_grant", 2)
    senior = agora.person("s", role=Role.SENIOR)
    clear(agora, person)
    with pytest.raises(InvalidInputError):
        looks.grant(agora.house, senior, person, " ")
    assert looks.grant(agora.house, senior, person, "an order is due today") == 2
    for _ in range(2):
        clear(agora, person, category="intimate")
    with pytest.raises(RefusedError):
        clear(agora, person)
    with pytest.raises(ConflictError):
        looks.grant(agora.house, senior, person, "and more")
    record = Record.objects.get(kind="shift.granted")
    assert json.loads(record.canonical)["looks"] == 2
    assert "order" not in record.canonical.decode()
    assert Shift.objects.get(user=person).granted_by == senior


def test_nobody_adds_looks_for_themselves_and_a_moderator_for_nobody(agora, person):
    senior = agora.person("s", role=Role.SENIOR)
    clear(agora, senior)
    with pytest.raises(RefusedError) as refused:
        looks.grant(agora.house, senior, senior, "why")
    assert refused.value.code == "own_budget"
    with pytest.raises(RefusedError):
        looks.grant(agora.house, person, senior, "why")
    with pytest.raises(ConflictError) as lost:
        looks.grant(agora.house, senior, person, "why")
    assert lost.value.code == "no_shift"


def test_blurred_copies_of_a_case_are_recorded_once_a_shift(agora, person, case):
    for _ in range(3):
        looks.seen_blurred(agora.house, person, case.decision, case)
    assert ContentLook.objects.filter(kind=LookKind.BLURRED).count() == 1
    agora.clock.advance(5 * shifts.HOUR_MS)
    looks.seen_blurred(agora.house, person, case.decision, case)
    assert ContentLook.objects.filter(kind=LookKind.BLURRED).count() == 2
