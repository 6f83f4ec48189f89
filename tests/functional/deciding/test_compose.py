# SPDX-License-Identifier: Apache-2.0
"""A person composes a decision: action, territory, grounds, confirmed elements, related items."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.people import Agora
from vigie.core.actions import ActionKind
from vigie.core.decision import Ground
from vigie.core.errors import ConflictError, InvalidInputError, RefusedError
from vigie.flow import consequences, decide_two, second_person
from vigie.flow.decide import PersonDecision, RelatedError, Verb, case_of, decide
from vigie.flow.queues import claims
from vigie.flow.queues.first import all_queues
from vigie.flow.statements import due_statements, issue_statement
from vigie.law import elements_of
from vigie.store.models import (
    Case,
    DecisionRecord,
    Effect,
    LogEntry,
    PolicyRecord,
    PolicyVersion,
    SecondPersonRequest,
    Statement,
    User,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def vidal(agora: Agora) -> User:
    return agora.person()


def in_force(clause: str) -> None:
    """Put a clause of the terms in force, as a published policy does."""
    policy = PolicyRecord.objects.create(policy_id=clause)
    policy.current = PolicyVersion.objects.create(
        policy=policy,
        version=1,
        document={"terms": {"clause": clause, "title": {"en": "Be civil"}}},
        source="",
        digest="",
        state="live",
        published_by="admin",
        published_at=0,
    )
    policy.save()


def law(*names: str) -> tuple[Ground, ...]:
    return tuple(Ground(offence=one) for one in names)


def asked(user: User, on: int, **more: Any) -> PersonDecision:
    given: dict[str, Any] = {"verb": Verb.WITHHOLD, "reason": "It denies.", "user": user} | more
    return PersonDecision(on=on, **given)


def restrict(user: User, on: int, *places: str, **more: Any) -> PersonDecision:
    given = {"action": ActionKind.DISABLED, "territories": places, "grounds": law("fr_denial")}
    return asked(user, on, **(given | more))


def test_a_milder_action_than_the_proposed_one_is_taken(agora: Agora, vidal: User) -> None:
    number = agora.proposal()
    made = decide(agora.house, restrict(vidal, number, "FR", action=ActionKind.LABELLED))
    assert (made.outcome, made.territories, made.offences) == ("label", ["FR"], ["fr_denial"])
    assert Effect.objects.get().action == ActionKind.LABELLED
    assert Statement.objects.get().content["restrictions"][0]["action"] == ActionKind.LABELLED


def test_a_ground_that_nobody_proposed_acts_in_its_own_country_alone(
    agora: Agora, vidal: User
) -> None:
    number = agora.proposal()
    with pytest.raises(InvalidInputError) as refused:
        decide(agora.house, restrict(vidal, number, "FR", grounds=law("de_130_hate")))
    assert (refused.value.code, refused.value.field) == ("outside_ground", "territories")
    made = decide(agora.house, restrict(vidal, number, "DE", grounds=law("de_130_hate")))
    assert made.offences == ["de_130_hate"]


def test_a_ground_that_acts_in_none_of_the_places_is_not_named(agora: Agora, vidal: User) -> None:
    number = agora.proposal()
    both = law("fr_denial", "de_130_denial")
    made = decide(agora.house, restrict(vidal, number, "FR", grounds=both))
    assert made.offences == ["fr_denial"]
    assert "StGB" not in str(Statement.objects.get().content["en"])


@pytest.mark.parametrize(
    ("grounds", "code"),
    [
        ((Ground(offence="no_such"),), "no_offence"),
        ((Ground(terms="7.9"),), "no_clause"),
    ],
)
def test_what_is_no_ground_carries_nothing(
    agora: Agora, vidal: User, grounds: tuple[Ground, ...], code: str
) -> None:
    number = agora.proposal()
    with pytest.raises(InvalidInputError) as refused:
        decide(agora.house, restrict(vidal, number, "FR", grounds=grounds))
    assert (refused.value.code, refused.value.field) == (code, "grounds")


def test_every_entry_of_the_law_is_a_ground_counsel_s_business_or_none(
    agora: Agora, vidal: User
) -> None:
    number = agora.proposal()
    refused = {}
    for entry in agora.house.law.entries.values():
        if entry.is_ground and not entry.needs_counsel:
            continue
        with pytest.raises(InvalidInputError) as told:
            decide(agora.house, restrict(vidal, number, "FR", grounds=law(entry.id)))
        refused[entry.id] = told.value.code
    assert {"not_a_ground", "counsel_first"} == set(refused.values())
    assert DecisionRecord.objects.count() == 1


def test_each_element_of_a_provision_is_confirmed_and_stands_in_the_record(
    agora: Agora, vidal: User
) -> None:
    number = agora.proposal()
    entry = agora.house.law.get("it_604bis")
    keys = tuple(one.key for one in elements_of(entry))
    assert len(keys) >= 1
    for given in ((), keys[:-1]):
        with pytest.raises(InvalidInputError) as refused:
            decide(
                agora.house,
                restrict(vidal, number, "IT", grounds=law(entry.id), confirmed=given),
            )
        assert (refused.value.code, refused.value.field) == ("unconfirmed", "confirmed")
    made = decide(agora.house, restrict(vidal, number, "IT", grounds=law(entry.id), confirmed=keys))
    for one in elements_of(entry):
        assert f'"code":"{one.code}"'.encode() in made.record.canonical
    assert entry.provision.encode() in made.record.canonical


def test_removing_everywhere_needs_a_ground_that_acts_everywhere(agora: Agora, vidal: User) -> None:
    number = agora.proposal()
    with pytest.raises(InvalidInputError) as refused:
        decide(agora.house, restrict(vidal, number, action=ActionKind.REMOVED))
    assert refused.value.code == "ground_not_everywhere"


def test_a_clause_of_the_terms_in_force_carries_any_place(agora: Agora, vidal: User) -> None:
    in_force("civility")
    number = agora.proposal()
    civility = (Ground(terms="civility"),)
    made = decide(agora.house, restrict(vidal, number, action=ActionKind.REMOVED, grounds=civility))
    assert made.outcome == "remove"
    assert made.territories == sorted(agora.house.everywhere)
    assert "Be civil" in str(Statement.objects.get().content["en"])


def test_without_a_place_nothing_with_borders_is_done(agora: Agora, vidal: User) -> None:
    with pytest.raises(InvalidInputError) as refused:
        decide(agora.house, restrict(vidal, agora.proposal()))
    assert refused.value.code == "no_territory"


def test_facts_stand_in_each_language_as_they_were_given(agora: Agora, vidal: User) -> None:
    told = {"fr": "Le message nie.", "de": "Die Nachricht leugnet."}
    decide(agora.house, restrict(vidal, agora.proposal(), "FR", told="It denies.", told_in=told))
    content = Statement.objects.get().content
    assert "Le message nie." in str(content["fr"])
    assert "Die Nachricht leugnet." in str(content["de"])
    assert "It denies." in str(content["en"])
    assert "It denies." not in str(content["fr"])


def test_related_items_are_decided_together_each_with_its_own_record(
    agora: Agora, vidal: User
) -> None:
    first, second, third = (agora.proposal(f"p-{n}") for n in range(3))
    made = decide(agora.house, restrict(vidal, first, "FR", also=(second, third)))
    rows = DecisionRecord.objects.filter(kind="person").order_by("number")
    assert [row.item_id for row in rows] == ["p-0", "p-1", "p-2"]
    assert Statement.objects.count() == Effect.objects.count() == 3
    assert Case.objects.filter(state="decided").count() == 3
    assert len({row.record_id for row in rows}) == 3
    assert made.decision_id.encode() in rows[1].record.canonical


def test_of_related_items_all_are_decided_or_none_and_each_is_named(
    agora: Agora, vidal: User
) -> None:
    first, second, third = (agora.proposal(f"p-{n}") for n in range(3))
    decide(agora.house, asked(vidal, second, verb=Verb.LEAVE))
    before = LogEntry.objects.count()
    with pytest.raises(RelatedError) as refused:
        decide(agora.house, restrict(vidal, first, "FR", also=(second, third)))
    assert {n: one.code for n, one in refused.value.problems.items()} == {
        second: "decided_meanwhile"
    }
    assert LogEntry.objects.count() == before
    assert Case.objects.filter(state="open").count() == 2


def test_consequences_follow_for_every_row(
    agora: Agora, vidal: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    monkeypatch.setattr(consequences, "follow", lambda _h, row, *_: seen.append(row.number))
    first, second = agora.proposal("p-0"), agora.proposal("p-1")
    decide(agora.house, restrict(vidal, first, "FR", also=(second, second, first + 0)[:2]))
    assert len(seen) == len(set(seen)) == 2


def test_somebody_else_s_claim_is_a_conflict_until_it_is_taken_over(
    agora: Agora, vidal: User
) -> None:
    roth = agora.person("m.roth", role="moderator")
    number = agora.proposal()
    claims.take(agora.house, Case.objects.get(), roth)
    with pytest.raises(ConflictError) as refused:
        decide(agora.house, restrict(vidal, number, "FR"))
    assert refused.value.code == "claimed"
    decide(agora.house, restrict(vidal, number, "FR", take_over=True))
    assert Case.objects.get().claimed_by is None


def test_a_claim_that_is_over_stops_nobody(agora: Agora, vidal: User) -> None:
    number = agora.proposal()
    claims.take(agora.house, Case.objects.get(), agora.person("m.roth", role="moderator"))
    agora.clock.advance(3_600_000)
    assert decide(agora.house, restrict(vidal, number, "FR")).outcome == "withhold"


def test_a_case_of_a_category_that_somebody_is_not_given_is_not_theirs(
    agora: Agora, vidal: User
) -> None:
    number = agora.proposal()
    Case.objects.update(category="hate")
    vidal.barred = ["hate"]
    with pytest.raises(RefusedError):
        decide(agora.house, restrict(vidal, number, "FR"))


def test_a_queue_of_two_persons_waits_for_the_second(agora: Agora, vidal: User) -> None:
    roth = agora.person("m.roth", role="moderator")
    number = agora.proposal()
    queue = all_queues()["general"]
    queue.two_persons = True
    queue.save()
    wish = restrict(vidal, number, "FR", told="It denies.")
    with pytest.raises(RefusedError) as refused:
        decide(agora.house, wish)
    assert refused.value.code == "second_person"
    request = decide_two.ask_second(agora.house, wish)
    assert decide_two.ask_second(agora.house, wish) == request
    assert SecondPersonRequest.objects.count() == 1
    assert not Effect.objects.exists()
    with pytest.raises(RefusedError):
        second_person.confirm(agora.house, vidal, request)
    second_person.confirm(agora.house, roth, request)
    made = DecisionRecord.objects.get(kind="person")
    assert (made.decided_by, made.territories) == ("c.vidal", ["FR"])
    assert "It denies." in str(Statement.objects.get().content)


def test_leaving_needs_no_second_person(agora: Agora, vidal: User) -> None:
    number = agora.proposal()
    queue = all_queues()["general"]
    queue.two_persons = True
    queue.save()
    assert decide(agora.house, asked(vidal, number, verb=Verb.LEAVE)).outcome == "allow"


def test_without_a_webhook_an_issued_statement_is_lifted_not_cancelled(
    agora: Agora, vidal: User
) -> None:
    made = decide(agora.house, restrict(vidal, agora.proposal(), "FR"))
    agora.clock.advance(3_600_000)
    for statement in due_statements(agora.house.now()):
        issue_statement(agora.house, statement)
    assert Statement.objects.get().state == "issued"
    lifted = decide(agora.house, asked(vidal, made.number, verb=Verb.LIFT))
    assert Statement.objects.get().state == "lifted"
    assert Effect.objects.get(decision=lifted).action == "LIFTED"


def test_without_a_webhook_a_statement_that_nobody_saw_is_cancelled(
    agora: Agora, vidal: User
) -> None:
    made = decide(agora.house, restrict(vidal, agora.proposal(), "FR"))
    decide(agora.house, asked(vidal, made.number, verb=Verb.LIFT))
    assert Statement.objects.get().state == "cancelled"


def test_lifting_leaves_the_case_with_who_decided_it_and_its_undo_restores(
    agora: Agora, vidal: User
) -> None:
    roth = agora.person("m.roth", role="moderator")
    made = decide(agora.house, restrict(vidal, agora.proposal(), "FR"))
    lifted = decide(agora.house, asked(roth, made.number, verb=Verb.LIFT))
    case = Case.objects.get()
    assert (case.state, case.decided_by, case.outcome_decision) == ("decided", "c.vidal", made)
    back = decide(agora.house, asked(roth, lifted.number, verb=Verb.UNDO))
    assert back.territories == ["FR"]
    assert Case.objects.get().state == "decided"


def test_the_record_names_the_reviewer_by_number(agora: Agora) -> None:
    user = agora.person("x.name", role="moderator", number=7)
    made = decide(agora.house, restrict(user, agora.proposal(), "FR"))
    assert made.record.key.fields["by"] == "moderator 7"
    assert "x.name" not in str(Statement.objects.get().content)
    assert b"x.name" not in made.record.canonical


def test_a_restriction_has_an_action_and_other_verbs_have_none(agora: Agora, vidal: User) -> None:
    with pytest.raises(InvalidInputError):
        decide(agora.house, restrict(vidal, agora.proposal(), "FR", verb=Verb.LEAVE))


def test_the_case_of_a_decision_is_found_from_any_link_of_its_chain(
    agora: Agora, vidal: User
) -> None:
    number = agora.proposal()
    made = decide(agora.house, restrict(vidal, number, "FR"))
    assert case_of(made) == case_of(DecisionRecord.objects.get(number=number))
