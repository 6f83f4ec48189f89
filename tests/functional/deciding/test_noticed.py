# SPDX-License-Identifier: Apache-2.0
"""Deciding what a notice put before a person: followed, not followed, undone, never naming."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.people import Agora
from vigie.core.actions import ActionKind
from vigie.core.decision import Ground
from vigie.core.errors import InvalidInputError, RefusedError
from vigie.flow.decide import PersonDecision, Verb, decide
from vigie.flow.keys import create_key
from vigie.flow.notices.form import Channel, NoticeForm
from vigie.flow.notices.receive import receive_notice
from vigie.store.models import ApiScope, Case, NoticeItem, Statement, TrustedFlagger, User

pytestmark = pytest.mark.django_db
WORDS = "In this post my former partner shows me at home without my agreement"


@pytest.fixture
def vidal(agora: Agora) -> User:
    return agora.person()


def notice(agora: Agora, location: str, **more: Any) -> Case:
    """Somebody gives notice; returns the case that it opened or joined."""
    given: dict[str, Any] = {
        "channel": Channel.PORTAL,
        "category": "denial",
        "explanation": "It denies what a court has found, in the author's own voice.",
        "good_faith": True,
        "name": "Noor Example",
        "email": "noor@mail.example",
    } | more
    receipt = receive_notice(agora.house, NoticeForm(locations=(location,), **given))
    case = NoticeItem.objects.get(notice=receipt.notice).case
    assert case is not None
    return case


def asked(user: User, case: Case, **more: Any) -> PersonDecision:
    given: dict[str, Any] = {
        "on": case.decision_id,
        "verb": Verb.WITHHOLD,
        "reason": "It denies.",
        "user": user,
    } | more
    return PersonDecision(**given)


def restrict(user: User, case: Case, **more: Any) -> PersonDecision:
    given: dict[str, Any] = {
        "action": ActionKind.DISABLED,
        "territories": ("FR",),
        "grounds": (Ground(offence="fr_denial"),),
    } | more
    return asked(user, case, **given)


def record_of(statement: Statement) -> dict[str, Any]:
    return statement.database_records[0]


def test_what_a_notice_brought_is_restricted_and_the_statement_says_so(
    agora: Agora, vidal: User
) -> None:
    agora.harmless("p-300")
    case = notice(agora, "https://agora.example/p/p-300")
    made = decide(agora.house, restrict(vidal, case))
    statement = Statement.objects.get(decision=made)
    assert record_of(statement)["source_type"] == "SOURCE_ARTICLE_16"
    assert record_of(statement)["automated_detection"] == "No"
    assert "A notice drew our attention to the content." in str(statement.content["en"])
    assert "Noor" not in str(statement.content)
    assert NoticeItem.objects.get().outcome == "restricted"


def test_what_a_trusted_flagger_brought_names_the_status_and_not_the_flagger(
    agora: Agora, vidal: User
) -> None:
    key, _secret = create_key(agora.house, "watch", [ApiScope.FLAGGER], service="agora")
    TrustedFlagger.objects.create(
        name="Watch", key=key, source="list", valid_from=0, created_by="admin"
    )
    agora.proposal("p-100")
    case = notice(agora, "https://agora.example/p/p-100", channel=Channel.FLAGGER, key=key)
    made = decide(agora.house, restrict(vidal, case))
    statement = Statement.objects.get(decision=made)
    assert record_of(statement)["source_type"] == "SOURCE_TRUSTED_FLAGGER"
    assert "Watch" not in str(statement.content)


def test_a_notice_about_what_a_program_proposed_keeps_the_automated_detection(
    agora: Agora, vidal: User
) -> None:
    agora.proposal("p-100")
    case = notice(agora, "https://agora.example/p/p-100")
    assert case.kind == "proposal"
    made = decide(agora.house, restrict(vidal, case))
    record = record_of(Statement.objects.get(decision=made))
    assert (record["source_type"], record["automated_detection"]) == ("SOURCE_ARTICLE_16", "Yes")


def test_a_notice_that_is_not_followed_restricts_nothing(agora: Agora, vidal: User) -> None:
    agora.harmless("p-300")
    case = notice(agora, "https://agora.example/p/p-300")
    made = decide(agora.house, asked(vidal, case, verb=Verb.LEAVE))
    assert (made.outcome, made.territories) == ("allow", [])
    assert NoticeItem.objects.get().outcome == "not_restricted"
    assert not Statement.objects.filter(decision=made).exists()


@pytest.mark.parametrize("verb", [Verb.LEAVE, Verb.WITHHOLD])
def test_an_undo_opens_the_case_of_a_notice_again(agora: Agora, vidal: User, verb: Verb) -> None:
    agora.harmless("p-300")
    # This category proposes nothing: the case is a question all the same.
    case = notice(agora, "https://agora.example/p/p-300", category="other")
    assert case.proposals == []
    wish = asked(vidal, case, verb=verb) if verb is Verb.LEAVE else restrict(vidal, case)
    made = decide(agora.house, wish)
    case.refresh_from_db()
    assert case.state == "decided"
    decide(agora.house, asked(vidal, case, on=made.number, verb=Verb.UNDO))
    case.refresh_from_db()
    assert (case.state, case.outcome_decision) == ("open", None)
    assert NoticeItem.objects.get().outcome == ""


def test_an_item_that_vigie_never_saw_is_decided_all_the_same(agora: Agora, vidal: User) -> None:
    case = notice(agora, "https://elsewhere.example/thing/1")
    made = decide(agora.house, restrict(vidal, case))
    assert made.outcome == "withhold"
    assert Statement.objects.get(decision=made).content["fr"]["title"]


@pytest.mark.parametrize(
    "told", ["Noor Example asked for it.", "noor  EXAMPLE!", "Ask noor@mail.example about it."]
)
def test_the_facts_never_name_who_gave_notice(agora: Agora, vidal: User, told: str) -> None:
    agora.harmless("p-300")
    case = notice(agora, "https://agora.example/p/p-300")
    with pytest.raises(InvalidInputError) as refused:
        decide(agora.house, restrict(vidal, case, told="It denies.", told_in={"fr": told}))
    assert (refused.value.code, refused.value.field) == ("names_notifier", "facts")


def test_the_facts_of_a_victim_s_case_do_not_quote_her(agora: Agora) -> None:
    senior = agora.person("lead", role="senior")
    agora.harmless("p-300")
    case = notice(agora, "https://agora.example/p/p-300", category="stalking", explanation=WORDS)
    quoted = "It says: my former partner shows me at home."
    with pytest.raises(InvalidInputError) as refused:
        decide(agora.house, restrict(senior, case, told=quoted))
    assert refused.value.code == "quotes_notice"
    made = decide(agora.house, restrict(senior, case, told="It shows a person at home."))
    assert "former" not in str(Statement.objects.get(decision=made).content)


@pytest.mark.parametrize("category", ["stalking", "minors", "intimate"])
def test_the_statement_of_a_victim_s_case_does_not_say_that_somebody_gave_notice(
    agora: Agora, category: str
) -> None:
    senior = agora.person("lead", role="senior")
    agora.harmless("p-300")
    case = notice(agora, "https://agora.example/p/p-300", category=category)
    made = decide(agora.house, restrict(senior, case))
    statement = Statement.objects.get(decision=made)
    said = str(statement.content["en"]) + str(statement.content["fr"])
    assert "We became aware of the content and examined it." in said
    for word in ("A notice", "drew our attention", "notification", "own initiative"):
        assert word not in said
    assert record_of(statement)["automated_detection"] == "No"


def test_a_proposal_that_moved_to_the_victims_path_was_found_by_a_program(agora: Agora) -> None:
    senior = agora.person("lead", role="senior")
    agora.proposal("p-100")
    case = notice(agora, "https://agora.example/p/p-100", category="intimate")
    assert case.kind == "intimate"
    made = decide(agora.house, restrict(senior, case))
    assert record_of(Statement.objects.get(decision=made))["automated_detection"] == "Yes"


def test_elsewhere_words_of_the_item_that_a_notice_repeats_may_be_said(
    agora: Agora, vidal: User
) -> None:
    agora.harmless("p-300")
    case = notice(agora, "https://agora.example/p/p-300", explanation=WORDS)
    told = "It says that a former partner shows me at home without my agreement."
    assert decide(agora.house, restrict(vidal, case, told=told)).outcome == "withhold"


def test_the_queue_of_victims_is_its_members(agora: Agora) -> None:
    moderator = agora.person("m.roth", role="moderator")
    agora.harmless("p-300")
    case = notice(agora, "https://agora.example/p/p-300", category="intimate", explanation=WORDS)
    with pytest.raises(RefusedError):
        decide(agora.house, asked(moderator, case, verb=Verb.LEAVE))
