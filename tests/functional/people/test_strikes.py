# SPDX-License-Identifier: Apache-2.0
"""Strikes count what persons restrict; the ladder proposes; a person decides after a warning."""

from __future__ import annotations

import pytest

from tests.support.people import Agora
from vigie.core.errors import ConflictError, InvalidInputError, NotFoundError, RefusedError
from vigie.flow import webhooks
from vigie.flow.decide import PersonDecision, Verb, decide
from vigie.flow.strikes import unfounded, weights
from vigie.flow.strikes.count import count_notice
from vigie.flow.strikes.measures import (
    ASSESSED,
    MeasureDecision,
    decide_measure,
    expire_measures,
    lift_measure,
    suspension_of,
)
from vigie.flow.strikes.points import points
from vigie.flow.strikes.weights import Step
from vigie.flow.transaction import writing
from vigie.store.models import (
    DecisionRecord,
    Letter,
    Measure,
    MeasureKind,
    MeasureState,
    Notice,
    OutgoingTask,
    Record,
    Strike,
    StrikeState,
    SubjectKind,
    User,
)

DAY = 86_400_000
ASSESSMENT = dict.fromkeys(ASSESSED, "said in a sentence")


@pytest.fixture
def vidal(agora: Agora) -> User:
    return agora.person()


def withhold(agora: Agora, user: User, item: str, **more) -> DecisionRecord:
    """A person restricts a post of author a-9."""
    number = agora.proposal(item, **more)
    return act(agora, user, number, Verb.WITHHOLD)


def act(agora: Agora, user: User, number: int, verb: Verb) -> DecisionRecord:
    """Decide by a verb."""
    asked = PersonDecision(on=number, verb=verb, reason="clear", user=user, confirmed=EVERYTHING)
    return decide(agora.house, asked)


EVERYTHING: tuple[str, ...] = ()


@pytest.fixture(autouse=True)
def _all_elements(agora: Agora, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every element of the two provisions is confirmed in these tests."""
    from vigie.law import elements_of

    found = [
        e.key
        for one in ("fr_denial", "de_130_denial")
        for e in elements_of(agora.house.law.entries[one])
    ]
    monkeypatch.setattr("tests.functional.people.test_strikes.EVERYTHING", tuple(found))


def has(agora: Agora, author: str) -> int:
    """The points of an author now."""
    return points(SubjectKind.AUTHOR, author, "agora", agora.house.now())


def confirm(agora: Agora, measure: Measure, user: User, **more) -> Measure:
    """Confirm a proposal with an assessment."""
    asked = MeasureDecision(
        measure=measure.pk, user=user, confirm=True, assessment=ASSESSMENT, **more
    )
    return decide_measure(agora.house, asked)


def proposed() -> Measure:
    """The one proposal that waits."""
    return Measure.objects.get(state=MeasureState.PROPOSED)


def suspended(agora: Agora, vidal: User) -> Measure:
    """An author who was warned, went on and was suspended."""
    for n in range(2):
        withhold(agora, vidal, f"p-{n}")
    confirm(agora, proposed(), vidal)
    agora.clock.advance(DAY)
    for n in range(2, 4):
        withhold(agora, vidal, f"p-{n}")
    return confirm(agora, proposed(), vidal)


def test_a_persons_restriction_counts_once_and_lifting_takes_it_back(agora, vidal):
    row = withhold(agora, vidal, "p-1")
    assert has(agora, row.author) == 1
    lifted = act(agora, vidal, row.number, Verb.LIFT)
    assert has(agora, row.author) == 0
    assert Strike.objects.get().state == StrikeState.REVERSED
    act(agora, vidal, lifted.number, Verb.UNDO)
    assert has(agora, row.author) == 1


def test_undo_takes_the_strike_back(agora, vidal):
    row = withhold(agora, vidal, "p-1")
    act(agora, vidal, row.number, Verb.UNDO)
    assert has(agora, row.author) == 0


def test_what_is_left_and_what_a_program_did_counts_nothing(agora, vidal):
    act(agora, vidal, agora.proposal("p-1"), Verb.LEAVE)
    assert not Strike.objects.exists()


def test_strike_expires_by_the_clock_and_by_its_policy(agora, vidal):
    admin = agora.person("root", "admin")
    weights.set_weight(agora.house, admin, "denial", 3, 10)
    row = withhold(agora, vidal, "p-1")
    assert has(agora, row.author) == 3
    agora.clock.advance(10 * DAY - 1)
    assert has(agora, row.author) == 3
    agora.clock.advance(1)
    assert has(agora, row.author) == 0


def test_weight_of_nothing_counts_nothing(agora, vidal):
    weights.set_weight(agora.house, agora.person("root", "admin"), "denial", 0, 10)
    withhold(agora, vidal, "p-1")
    assert not Strike.objects.exists()


def test_ladder_proposes_a_warning_and_acts_on_nobody(agora, vidal):
    webhooks.add_webhook(agora.house, "https://platform.example/hooks")
    withhold(agora, vidal, "p-1")
    assert not Measure.objects.exists()
    withhold(agora, vidal, "p-2")
    one = proposed()
    assert (one.kind, one.points, one.needed) == (MeasureKind.WARNING, 2, 2)
    assert not OutgoingTask.objects.filter(event="account.measure").exists()
    assert not Letter.objects.exists()


def test_suspension_waits_for_a_warning_however_many_points_there_are(agora, vidal):
    for n in range(7):
        withhold(agora, vidal, f"p-{n}")
    one = proposed()
    assert (one.kind, one.points) == (MeasureKind.WARNING, 7)
    confirm(agora, one, vidal)
    assert not Measure.objects.filter(state=MeasureState.PROPOSED).exists()
    withhold(agora, vidal, "p-8")
    assert proposed().kind == MeasureKind.SUSPENSION


def test_suspension_is_told_ends_by_itself_and_is_told_again(agora, vidal):
    webhooks.add_webhook(agora.house, "https://platform.example/hooks")
    made = suspended(agora, vidal)
    assert (made.kind, made.needed) == (MeasureKind.SUSPENSION, 4)
    assert made.until == agora.house.now() + 7 * DAY
    author = Strike.objects.earliest("pk").subject
    asked = (SubjectKind.AUTHOR, author, "agora")
    assert suspension_of(*asked, agora.house.now()) == made
    agora.clock.advance(7 * DAY)
    assert suspension_of(*asked, agora.house.now()) is None
    assert expire_measures(agora.house) == 1
    told = OutgoingTask.objects.filter(event="account.measure").order_by("pk")
    said = [(t.payload["data"]["kind"], t.payload["data"]["state"]) for t in told]
    assert said == [("warning", "in_force"), ("suspension", "in_force"), ("suspension", "expired")]
    assert told[1].payload["data"]["author_id"] == "a-9"
    assert Record.objects.filter(kind="measure.decided").count() == 2


def test_statement_of_a_suspension_says_what_until_why_and_how_to_contest(agora, vidal):
    made = suspended(agora, vidal)
    for language, word in (("en", "suspended"), ("fr", ""), ("de", "")):
        page = made.content[language]
        assert word in page["title"]
        assert page["lead"]
        assert len(page["redress"]) == 3
        assert "said in a sentence" in str(page["why"])
        assert "c.vidal" not in str(page)
    assert made.token_digest


def test_reversed_strikes_lift_what_no_longer_stands_and_only_that(agora, vidal):
    made = suspended(agora, vidal)
    row = DecisionRecord.objects.get(item_id="p-3", kind="person")
    act(agora, vidal, row.number, Verb.LIFT)
    made.refresh_from_db()
    assert made.state == MeasureState.LIFTED
    warning = Measure.objects.get(kind=MeasureKind.WARNING)
    assert warning.state == MeasureState.IN_FORCE
    act(agora, vidal, DecisionRecord.objects.get(item_id="p-0", kind="person").number, Verb.LIFT)
    warning.refresh_from_db()
    assert warning.state == MeasureState.LIFTED


def test_proposal_that_lost_its_points_cannot_be_confirmed(agora, vidal):
    withhold(agora, vidal, "p-1")
    row = withhold(agora, vidal, "p-2")
    one = proposed()
    act(agora, vidal, row.number, Verb.LIFT)
    with pytest.raises(ConflictError):
        confirm(agora, one, vidal)


def test_refused_proposal_comes_again_only_with_a_new_strike(agora, vidal):
    for n in range(2):
        withhold(agora, vidal, f"p-{n}")
    refusal = MeasureDecision(measure=proposed().pk, user=vidal, confirm=False, reason="not yet")
    assert decide_measure(agora.house, refusal).state == MeasureState.REFUSED
    assert not Measure.objects.filter(state=MeasureState.PROPOSED).exists()
    withhold(agora, vidal, "p-9")
    assert proposed().points == 3


def test_what_a_person_decides_is_checked(agora, vidal):
    for n in range(2):
        withhold(agora, vidal, f"p-{n}")
    one = proposed()
    moderator = agora.person("m.olsen", "moderator")
    with pytest.raises(RefusedError):
        confirm(agora, one, moderator)
    for missing in ASSESSED:
        less = {name: text for name, text in ASSESSMENT.items() if name != missing}
        asked = MeasureDecision(measure=one.pk, user=vidal, confirm=True, assessment=less)
        with pytest.raises(InvalidInputError) as refused:
            decide_measure(agora.house, asked)
        assert refused.value.field == missing
    with pytest.raises(InvalidInputError):
        decide_measure(agora.house, MeasureDecision(measure=one.pk, user=vidal, confirm=False))
    confirm(agora, one, vidal)
    with pytest.raises(ConflictError):
        confirm(agora, one, vidal)


def test_suspension_without_a_warning_in_force_is_refused_by_the_verb(agora, vidal):
    made = suspended(agora, vidal)
    Measure.objects.filter(pk=made.pk).update(state=MeasureState.PROPOSED)
    lift_measure(agora.house, vidal, Measure.objects.get(kind="warning").pk, "an error")
    with pytest.raises(ConflictError, match="No warning"):
        confirm(agora, made, vidal)


def test_ladder_without_a_warning_first_is_refused(agora):
    admin = agora.person("root", "admin")
    steps = [Step(3, MeasureKind.SUSPENSION, 7)]
    with pytest.raises(InvalidInputError, match="warning comes first"):
        weights.set_ladder(agora.house, admin, SubjectKind.AUTHOR, steps)
    with pytest.raises(RefusedError):
        weights.set_ladder(agora.house, agora.person("m", "moderator"), SubjectKind.AUTHOR, [])


def test_own_ladder_of_the_operator_holds(agora, vidal):
    admin = agora.person("root", "admin")
    steps = [Step(1, MeasureKind.WARNING, 0), Step(2, MeasureKind.SUSPENSION, 3)]
    weights.set_ladder(agora.house, admin, SubjectKind.AUTHOR, steps)
    withhold(agora, vidal, "p-1")
    confirm(agora, proposed(), vidal)
    agora.clock.advance(DAY)
    withhold(agora, vidal, "p-2")
    assert confirm(agora, proposed(), vidal).until == agora.house.now() + 3 * DAY


def notice(agora: Agora, number: int) -> Notice:
    """A notice as it was received, with the sender's address."""
    from vigie.flow import records

    now = agora.house.now()
    draft = records.draft("notice.received", now, {"notice": number})
    with writing():
        index = records.append_one(draft)
        return Notice.objects.create(
            number=number,
            channel="portal",
            service="agora",
            category="hate",
            email="anna@person.example",
            notifier="n-1",
            code_digest=f"{number:064d}",
            fingerprint="f",
            received_at=now,
            record_id=draft.record_id,
            log_index=index,
        )


def test_unfounded_notices_count_for_their_sender_once_each_and_mails_tell(agora, vidal):
    for number in (1, 2):
        one = notice(agora, number)
        with writing():
            assert count_notice(agora.house, one, None) is not None
            assert count_notice(agora.house, one, None) is None
    made = confirm(agora, proposed(), vidal)
    assert made.subject_kind == SubjectKind.NOTIFIER
    letter = Letter.objects.get()
    assert letter.template == "notifier_warning"
    assert letter.to == "anna@person.example"
    assert not OutgoingTask.objects.filter(event="account.measure").exists()


def answered_notice(agora: Agora, number: int, **more) -> Notice:
    """A notice that was decided and not followed."""
    one = notice(agora, number)
    one.state = "decided"
    for name, value in more.items():
        setattr(one, name, value)
    one.save()
    return one


def test_person_calls_a_notice_unfounded_and_takes_it_back(agora, vidal):
    answered_notice(agora, 1)
    made = unfounded.call_unfounded(agora.house, vidal, 1, "three words of abuse")
    assert made.unfounded
    assert Strike.objects.get().subject_kind == SubjectKind.NOTIFIER
    with pytest.raises(ConflictError):
        unfounded.call_unfounded(agora.house, vidal, 1, "again")
    unfounded.take_back(agora.house, vidal, 1, "read again")
    assert Strike.objects.get().state == StrikeState.REVERSED
    with pytest.raises(ConflictError):
        unfounded.take_back(agora.house, vidal, 1, "again")


def test_who_tells_of_children_is_never_counted(agora, vidal):
    answered_notice(agora, 1, category="child")
    with pytest.raises(RefusedError):
        unfounded.call_unfounded(agora.house, vidal, 1, "why")


def test_notice_that_waits_or_is_not_there_is_not_called_anything(agora, vidal):
    notice(agora, 1)
    with pytest.raises(ConflictError):
        unfounded.call_unfounded(agora.house, vidal, 1, "why")
    with pytest.raises(NotFoundError):
        unfounded.call_unfounded(agora.house, vidal, 2, "why")
    with pytest.raises(InvalidInputError):
        unfounded.call_unfounded(agora.house, vidal, 1, " ")
    with pytest.raises(RefusedError):
        unfounded.call_unfounded(agora.house, agora.person("m", "moderator"), 1, "why")


def test_suspended_notifier_is_told_until_when_and_then_heard_again(agora, vidal):
    from vigie.flow.notices.suspended import check_processed

    for number in range(1, 5):
        answered_notice(agora, number)
        unfounded.call_unfounded(agora.house, vidal, number, "abuse")
        agora.clock.advance(1_000)
        if number == 2:
            confirm(agora, proposed(), vidal)
    made = confirm(agora, proposed(), vidal)
    assert made.kind == MeasureKind.SUSPENSION
    now = agora.house.now()
    with pytest.raises(RefusedError) as refused:
        check_processed("n-1", "agora", "hate", now)
    assert refused.value.code == "suspended"
    check_processed("n-1", "agora", "child", now)
    check_processed("n-1", "agora", "threat", now)
    assert made.until is not None
    check_processed("n-1", "agora", "hate", made.until)
