# SPDX-License-Identifier: Apache-2.0
"""A person confirms on one blurred copy; the platform's own hash acts; all of it can be undone."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.screening import Says, signal
from tests.support.victims import Road, hashes, head, off, seen
from vigie.core.actions import Outcome
from vigie.core.errors import ConflictError, InvalidInputError, RefusedError
from vigie.flow.appeals.form import AppealForm
from vigie.flow.appeals.lodge import lodge_appeal
from vigie.flow.appeals.resolve import Resolution, resolve_appeal
from vigie.flow.decide import PersonDecision, Verb, decide
from vigie.flow.intimate import search
from vigie.flow.intimate.confirm import CLAUSE, confirm, entries_of, grounds_of, reject
from vigie.flow.intimate.media import Medium, media_of
from vigie.law import elements_of
from vigie.screening.matching.base import CLAIMS, NOTIFIED
from vigie.store.models import (
    AppealState,
    BankEntry,
    Case,
    CaseState,
    ClaimState,
    DecidedMedia,
    DecisionRecord,
    Effect,
    Notice,
    NoticeState,
    PictureClaim,
    PolicyRecord,
    Record,
    Statement,
    Strike,
    SubjectKind,
    User,
)

HERS = seen(1)
"""As she has it on her telephone."""
THEIRS = seen(1, size=(300, 225), quality=60)
"""As the platform serves it: near, and not the same."""
WORDS = "It shows me at home last summer in the blue dress"


@pytest.fixture
def case(road: Road) -> Case:
    """A noticed post whose picture the platform hashed, and its case."""
    made = road.screen(THEIRS, name="p-1", text="a caption", kept=True)
    assert made.outcome is Outcome.ALLOW
    road.notice("p-1", hashes=hashes(HERS), explanation=WORDS)
    return Case.objects.get()


@pytest.fixture
def vidal(road: Road, case: Case) -> User:
    """A reviewer who has seen the blurred copy."""
    user = road.person()
    road.look(user, case)
    return user


def listed(name: str) -> set[str]:
    rows = BankEntry.objects.filter(bank__name=name, active=True)
    return set(rows.values_list("value", flat=True))


def look_around(road: Road) -> None:
    while search.turn(road.house):
        pass


def acting(made: Any) -> list[tuple[str, str]]:
    return [(action.by, action.state) for action in made.actions]


# What a person must have done


@pytest.mark.parametrize(
    ("changed", "field"), [({"intimate": False}, "intimate"), ({"fits": False}, "fits")]
)
def test_both_questions_must_be_answered_with_yes(
    road: Road, case: Case, vidal: User, changed: Any, field: str
) -> None:
    with pytest.raises(InvalidInputError) as caught:
        confirm(road.house, vidal, case, road.confirmation(case, **changed))
    assert (caught.value.code, caught.value.field) == ("not_confirmed", field)
    check_nothing_happened()


def check_nothing_happened() -> None:
    assert not listed(NOTIFIED)
    assert not Effect.objects.exists()
    assert Case.objects.get().state == CaseState.OPEN


def test_nobody_confirms_without_having_looked(road: Road, case: Case) -> None:
    user = road.person()
    with pytest.raises(InvalidInputError) as caught:
        confirm(road.house, user, case, road.confirmation(case))
    assert caught.value.code == "look_first"
    check_nothing_happened()
    confirm(road.house, user, case, road.confirmation(case, elsewhere=True))
    assert THEIRS.pdq in listed(NOTIFIED)


@pytest.mark.parametrize("role", ["moderator", "auditor", "policy_editor", "child_safety"])
def test_who_may_not_work_in_the_queue_confirms_nothing(road: Road, case: Case, role: str) -> None:
    user = road.person("other", role)
    road.look(user, case)
    with pytest.raises(RefusedError):
        confirm(road.house, user, case, road.confirmation(case))
    check_nothing_happened()


def test_another_case_is_not_confirmed_here(road: Road) -> None:
    road.screen(THEIRS, name="p-2", kept=True)
    road.notice("p-2", category="hate", explanation="words")
    with pytest.raises(InvalidInputError) as caught:
        confirm(
            road.house, road.person(), Case.objects.get(), road.confirmation(Case.objects.get())
        )
    assert caught.value.code == "not_intimate"


def test_who_comes_second_is_told(road: Road, case: Case, vidal: User) -> None:
    asked = road.confirmation(case)
    confirm(road.house, vidal, case, asked)
    case.refresh_from_db()
    with pytest.raises(ConflictError):
        confirm(road.house, vidal, case, asked)


# What happens then


def test_the_platforms_own_hash_enters_the_list_and_not_the_notifiers(
    road: Road, case: Case, vidal: User
) -> None:
    assert THEIRS.pdq != HERS.pdq
    assert listed(CLAIMS) == {HERS.pdq}
    row = confirm(road.house, vidal, case, road.confirmation(case))
    assert listed(NOTIFIED) == {THEIRS.pdq, THEIRS.sha256}
    entries = BankEntry.objects.filter(bank__name=NOTIFIED)
    assert {one.reference for one in entries} == {row.label}
    assert {one.bank.owner for one in entries} == {"operator"}
    assert {one.bank.cls for one in entries} == {"intimate"}
    assert listed(CLAIMS) == set()
    assert PictureClaim.objects.get().state == ClaimState.ENDED
    assert Notice.objects.get().state == NoticeState.DECIDED
    assert row.outcome == "withhold"
    assert Record.objects.filter(kind="intimate.confirmed").count() == 1


@pytest.mark.parametrize("bits", [0, 1, 10])
def test_from_then_on_near_copies_need_no_further_look(
    road: Road, case: Case, vidal: User, bits: int
) -> None:
    row = confirm(road.house, vidal, case, road.confirmation(case))
    made = road.screen(off(THEIRS, bits), name="p-copy")
    assert acting(made) == [("rule b", "sent")]
    assert set(made.actions[0].territories) == set(row.territories)
    assert not Case.objects.exclude(pk=case.pk).exists()
    statement = Statement.objects.get(decision__item_id="p-copy")
    assert statement.content["en"]


def test_the_same_bytes_need_no_further_look(road: Road, case: Case, vidal: User) -> None:
    confirm(road.house, vidal, case, road.confirmation(case))
    made = road.screen(THEIRS, name="p-copy")
    assert acting(made) == [("rule b", "sent")]
    assert made.verdicts[0].reasons[0].clause in {"same_bytes", "listed"}


@pytest.mark.parametrize("bits", [11, 31])
def test_what_is_less_near_goes_to_a_person(road: Road, case: Case, vidal: User, bits: int) -> None:
    confirm(road.house, vidal, case, road.confirmation(case))
    made = road.screen(off(THEIRS, bits), name="p-near")
    assert {state for _, state in acting(made)} == {"proposed"}
    look_around(road)
    assert Case.objects.filter(decision__item_id="p-near").exists()


def test_each_ground_acts_in_its_own_places(road: Road, case: Case, vidal: User) -> None:
    confirm(road.house, vidal, case, road.confirmation(case))
    for row in DecidedMedia.objects.filter(active=True):
        if "offence" in row.ground:
            entry = road.house.law.entries[row.ground["offence"]]
            assert set(row.territories) <= set(entry.territories)
        else:
            assert row.ground == {"terms": CLAUSE}
            assert set(row.territories) == set(road.house.everywhere)


def test_provisions_with_unconfirmed_elements_are_left_out(road: Road) -> None:
    entries = entries_of(road.house)
    unsure = [one for one in entries if elements_of(one)]
    assert unsure
    named = {one.offence for one in grounds_of(road.house, ())[0]}
    assert named.isdisjoint({one.id for one in unsure})
    keys = tuple(one.key for entry in unsure for one in elements_of(entry))
    assert {one.id for one in unsure} <= {g.offence for g in grounds_of(road.house, keys)[0]}


def test_without_the_clause_in_force_only_the_law_acts(road: Road, case: Case, vidal: User) -> None:
    PolicyRecord.objects.filter(policy_id="intimate_terms").update(current=None)
    row = confirm(road.house, vidal, case, road.confirmation(case))
    assert set(row.territories) == {"DE", "FR", "IT"}
    assert row.offences == [
        "de_201a",
        "fr_deepfake",
        "fr_ncii",
        "fr_sexual_deepfake",
        "it_612quater",
    ]


def test_chosen_copies_are_restricted_with_it_and_others_are_not(
    road: Road, case: Case, vidal: User
) -> None:
    road.screen(off(THEIRS, 2), name="p-2")
    road.screen(off(THEIRS, 12), name="p-3")
    look_around(road)
    notice = Notice.objects.get()
    chosen = notice.copies.get(item_id="p-2")
    row = confirm(road.house, vidal, case, road.confirmation(case, copies=(chosen.pk,)))
    outcomes = {
        one.item_id: one.outcome
        for one in DecisionRecord.objects.filter(superseded_by=None, kind="person")
    }
    assert outcomes == {"p-1": "withhold", "p-2": "withhold"}
    assert listed(NOTIFIED) == {THEIRS.pdq, THEIRS.sha256}
    chosen.refresh_from_db()
    assert chosen.notice_item is not None
    assert chosen.notice_item.outcome == "restricted"
    together = DecisionRecord.objects.get(item_id="p-2", kind="person")
    assert row.decision_id.encode() in bytes(together.record.content)


def test_copies_of_another_notice_cannot_be_taken_along(
    road: Road, case: Case, vidal: User
) -> None:
    other = seen(8)
    road.screen(other, name="p-8")
    road.notice(hashes=hashes(other), email="other@example.org")
    look_around(road)
    theirs = Notice.objects.get(email="other@example.org")
    [foreign] = theirs.copies.all()
    confirm(road.house, vidal, case, road.confirmation(case, copies=(foreign.pk,)))
    assert not DecisionRecord.objects.filter(item_id="p-8", kind="person").exists()


def test_of_several_pictures_the_one_that_was_confirmed_acts(road: Road) -> None:
    garden = seen(30)
    road.screen(garden, THEIRS, name="p-1", kept=True)
    road.notice("p-1", hashes=hashes(HERS))
    case, user = Case.objects.get(), road.person()
    road.look(user, case)
    assert [one.pdq for one in media_of(case.decision)] == [garden.pdq, THEIRS.pdq]
    confirm(road.house, user, case, road.confirmation(case, medium=1))
    assert listed(NOTIFIED) == {THEIRS.pdq, THEIRS.sha256}
    assert road.screen(garden, name="p-garden").actions == ()
    assert acting(road.screen(THEIRS, name="p-copy")) == [("rule b", "sent")]


def test_a_picture_known_by_the_platforms_hash_alone_acts_too(road: Road) -> None:
    road.screen(off(THEIRS, 0), name="p-1", kept=True)
    road.notice("p-1", hashes=hashes(HERS))
    case, user = Case.objects.get(), road.person()
    road.look(user, case)
    confirm(road.house, user, case, road.confirmation(case))
    assert listed(NOTIFIED) == {THEIRS.pdq}
    assert acting(road.screen(off(THEIRS, 4), name="p-copy")) == [("rule b", "sent")]


def test_an_address_that_vigie_never_saw_is_restricted_and_the_claims_go_on(road: Road) -> None:
    road.notice("p-77", hashes=hashes(HERS))
    case, user = Case.objects.get(), road.person()
    row = confirm(road.house, user, case, road.confirmation(case, elsewhere=True))
    assert row.outcome == "withhold"
    assert not listed(NOTIFIED)
    assert listed(CLAIMS) == {HERS.pdq}
    road.screen(THEIRS, name="p-later")
    look_around(road)
    [later] = Case.objects.filter(state=CaseState.OPEN)
    assert later.decision.item_id == "p-later"


def test_hashes_of_media_are_told_apart() -> None:
    row = DecisionRecord(
        media=["sha256:a", "md5:b", "pdq:c", "sha256:d", "pdq:e", "md5:f", "pdq:g"]
    )
    assert media_of(row) == [Medium("a", "b", "c"), Medium("d", "", "e"), Medium("", "f", "g")]
    assert media_of(DecisionRecord(media=["md5:b"])) == []
    assert media_of(DecisionRecord(media=[])) == []


# What the author reads


def test_the_statement_quotes_nobody_and_names_nobody(road: Road, case: Case, vidal: User) -> None:
    confirm(road.house, vidal, case, road.confirmation(case))
    for language in ("en", "fr", "de"):
        page = str(Statement.objects.get().content[language])
        for word in ("R. Lind", "r.lind@example.org", "blue dress", "home last summer", "N-1"):
            assert word not in page


# Back again


def test_undone_at_once_everything_is_as_before(road: Road, case: Case, vidal: User) -> None:
    row = confirm(road.house, vidal, case, road.confirmation(case))
    road.clock.advance(5_000)
    asked = PersonDecision(on=row.number, verb=Verb.UNDO, reason="wrong button", user=vidal)
    decide(road.house, asked)
    case.refresh_from_db()
    assert case.state == CaseState.OPEN
    assert not listed(NOTIFIED)
    assert listed(CLAIMS) == {HERS.pdq}
    assert not DecidedMedia.objects.filter(active=True).exists()
    assert road.screen(THEIRS, name="p-copy").actions == ()


def test_lifted_later_nothing_acts_any_more(road: Road, case: Case, vidal: User) -> None:
    row = confirm(road.house, vidal, case, road.confirmation(case))
    road.clock.advance(86_400_000)
    asked = PersonDecision(on=row.number, verb=Verb.LIFT, reason="she agreed", user=vidal)
    decide(road.house, asked)
    assert not listed(NOTIFIED)
    assert road.screen(off(THEIRS, 3), name="p-copy").actions == ()


def test_a_complaint_that_is_upheld_withdraws_the_hashes(
    road: Road, case: Case, vidal: User
) -> None:
    confirm(road.house, vidal, case, road.confirmation(case))
    road.clock.advance(60_000)
    form = AppealForm(grounds="She agreed in writing.", statement=Statement.objects.get())
    appeal = lodge_appeal(road.house, form).appeal
    answer = Resolution(
        outcome=AppealState.GRANTED, reason="the agreement is there", answer="You were right."
    )
    resolve_appeal(road.house, road.person("m.roth"), appeal, answer)
    assert not listed(NOTIFIED)
    assert not DecidedMedia.objects.filter(active=True).exists()
    assert road.screen(THEIRS, name="p-copy").actions == ()


# Left as it is


def test_rejected_the_claims_end_and_the_notifier_is_answered(
    road: Road, case: Case, vidal: User
) -> None:
    reject(road.house, vidal, case, head(case).number, "a portrait that she published herself")
    notice = Notice.objects.get()
    assert (notice.state, notice.unfounded) == (NoticeState.DECIDED, False)
    assert listed(CLAIMS) == set()
    assert not Strike.objects.exists()
    assert not Effect.objects.exists()
    assert road.screen(THEIRS, name="p-copy").actions == ()


def test_only_a_persons_word_counts_a_notice_as_manifestly_unfounded(
    road: Road, case: Case, vidal: User
) -> None:
    reject(road.house, vidal, case, head(case).number, "a picture of a bridge", unfounded=True)
    assert Notice.objects.get().unfounded
    strike = Strike.objects.get()
    assert (strike.subject_kind, strike.notice_number) == (SubjectKind.NOTIFIER, 1)


def test_what_was_hidden_for_a_rejected_notice_is_shown_again(
    road: Road, case: Case, vidal: User
) -> None:
    nude = Says("nude", ["nudity"], lambda _item: [signal("nudity", 0.95)])
    hidden = road.screen(off(THEIRS, 4), name="p-2", others=[nude])
    assert acting(hidden) == [("rule g", "sent")]
    look_around(road)
    reject(road.house, vidal, case, head(case).number, "not she")
    last = DecisionRecord.objects.filter(item_id="p-2").order_by("-number").first()
    assert last is not None
    assert (last.outcome, last.kind) == ("allow", "person")
