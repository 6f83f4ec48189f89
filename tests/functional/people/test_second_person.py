# SPDX-License-Identifier: Apache-2.0
"""What two people must stand for: nothing before, together or not at all, never one's own."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.people import Agora
from vigie.core.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    RefusedError,
)
from vigie.flow import second_person
from vigie.store.models import Record, SecondPersonRequest, User
from vigie.store.permissions import Permission

KIND = "test.act"


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """A kind of act for which cases are assigned; what it did."""
    seen: list[Any] = []
    second_person.kind_of("account.role")  # those of the house register themselves first
    monkeypatch.setattr(second_person, "_kinds", dict(second_person._kinds))
    second_person.register(
        KIND, Permission.CASE_ASSIGN, lambda _house, row, user: seen.append((row.payload, user))
    )
    return seen


@pytest.fixture
def people(agora: Agora) -> list[User]:
    """Two who could confirm, and one who could not."""
    return [agora.person("a"), agora.person("b"), agora.person("m", role="moderator")]


def ask(agora: Agora, user: User, **more: Any) -> SecondPersonRequest:
    given = {"payload": {"x": 1}, "summary": "Do it.", "reason": "It must be.", **more}
    return second_person.ask(agora.house, user, KIND, **given)


def test_nothing_happens_before_another_has_confirmed(
    agora: Agora, people: list[User], done: list[Any]
) -> None:
    row = ask(agora, people[0])
    assert done == []
    assert list(second_person.waiting_for(people[1])) == [row]
    second_person.confirm(agora.house, people[1], row)
    assert done == [({"x": 1}, people[1])]
    row.refresh_from_db()
    assert (row.state, row.decided_by) == ("confirmed", people[1])
    kinds = Record.objects.values_list("kind", flat=True)
    assert set(kinds) == {"second_person.asked", "second_person.confirmed"}


def test_nobody_confirms_their_own(agora: Agora, people: list[User], done: list[Any]) -> None:
    row = ask(agora, people[0])
    assert not second_person.waiting_for(people[0]).exists()
    with pytest.raises(RefusedError):
        second_person.confirm(agora.house, people[0], row)
    assert done == []


def test_without_the_permission_it_does_not_exist(
    agora: Agora, people: list[User], done: list[Any]
) -> None:
    row = ask(agora, people[0])
    assert not second_person.waiting_for(people[2]).exists()
    for verb in (second_person.confirm, second_person.refuse):
        with pytest.raises(NotFoundError):
            verb(agora.house, people[2], row)
    assert done == []


def test_a_named_second_person_is_the_only_one(
    agora: Agora, people: list[User], done: list[Any]
) -> None:
    third = agora.person("c")
    row = ask(agora, people[0], of=people[1])
    assert not second_person.waiting_for(third).exists()
    with pytest.raises(NotFoundError):
        second_person.confirm(agora.house, third, row)
    for wrong in (people[0], people[2]):
        with pytest.raises(RefusedError):
            ask(agora, people[0], of=wrong)


def test_an_act_that_fails_leaves_the_request_waiting(
    agora: Agora, people: list[User], done: list[Any]
) -> None:
    def fail(*_given: Any) -> None:
        raise ConflictError("Decided meanwhile.")

    second_person.register(KIND, Permission.CASE_ASSIGN, fail)
    row = ask(agora, people[0])
    with pytest.raises(ConflictError):
        second_person.confirm(agora.house, people[1], row)
    row.refresh_from_db()
    assert (row.state, row.decided_by) == ("waiting", None)
    assert not Record.objects.filter(kind="second_person.confirmed").exists()


def test_it_is_decided_once(agora: Agora, people: list[User], done: list[Any]) -> None:
    row = ask(agora, people[0])
    second_person.refuse(agora.house, people[1], row, "not yet")
    row.refresh_from_db()
    assert row.state == "refused"
    for verb in (second_person.confirm, second_person.refuse):
        with pytest.raises(ConflictError):
            verb(agora.house, people[1], row)
    assert done == []


def test_who_asked_takes_it_back(agora: Agora, people: list[User], done: list[Any]) -> None:
    row = ask(agora, people[0])
    second_person.refuse(agora.house, people[0], row)
    row.refresh_from_db()
    assert row.state == "withdrawn"
    assert Record.objects.filter(kind="second_person.withdrawn").exists()


def test_who_has_left_asks_for_nothing_any_more(
    agora: Agora, people: list[User], done: list[Any]
) -> None:
    row = ask(agora, people[0])
    User.objects.filter(pk=people[0].pk).update(is_active=False)
    with pytest.raises(ConflictError):
        second_person.confirm(agora.house, people[1], row)
    assert done == []


def test_a_kind_may_narrow_who_sees_a_request(
    agora: Agora, people: list[User], done: list[Any]
) -> None:
    second_person.register(KIND, Permission.CASE_ASSIGN, lambda *_given: None, lambda *_seen: False)
    row = ask(agora, people[0])
    assert not second_person.may_see(people[1], row)
    with pytest.raises(NotFoundError):
        second_person.confirm(agora.house, people[1], row)


@pytest.mark.parametrize(
    "wrong",
    [{"summary": " "}, {"summary": "x" * 301}, {"reason": ""}, {"reason": "x" * 2_001}],
)
def test_a_request_says_what_and_why(
    agora: Agora, people: list[User], done: list[Any], wrong: dict[str, str]
) -> None:
    with pytest.raises(InvalidInputError):
        ask(agora, people[0], **wrong)
    assert not SecondPersonRequest.objects.exists()


def test_an_unknown_kind_is_refused(agora: Agora, people: list[User]) -> None:
    with pytest.raises(InvalidInputError):
        second_person.ask(agora.house, people[0], "test.nothing", {}, "Do it.", "It must be.")


def test_the_acts_of_the_house_are_known(agora: Agora) -> None:
    assert second_person.kind_of("account.role").permission is Permission.USER_MANAGE
    assert second_person.kind_of("decision.restrict").permission is Permission.CASE_DECIDE
