# SPDX-License-Identifier: Apache-2.0
"""A complaint goes to somebody else than the first; what is upheld is reversed as a whole."""

from __future__ import annotations

import pytest

from tests.support.appeals import act, answered, lodged, restricted
from tests.support.people import Agora
from vigie.core.errors import ConflictError, InvalidInputError, RefusedError
from vigie.core.item import MediaFacts
from vigie.exchange.webhook import Receipt
from vigie.flow import tracking, webhooks
from vigie.flow.appeals import lodge
from vigie.flow.appeals.form import AppealForm
from vigie.flow.appeals.lodge import lodge_appeal
from vigie.flow.appeals.persons import took_part
from vigie.flow.chain import head_of, standing
from vigie.flow.decide import Verb
from vigie.flow.deliver import deliver
from vigie.flow.queues import access, serve
from vigie.flow.statements import due_statements, issue_statement
from vigie.flow.strikes.measures import ASSESSED, MeasureDecision, decide_measure
from vigie.flow.strikes.points import points
from vigie.store.models import (
    AppealState,
    Bank,
    BankEntry,
    Case,
    CaseKind,
    CaseState,
    DecidedMedia,
    DecisionRecord,
    Effect,
    Letter,
    LogEntry,
    Measure,
    MeasureState,
    OutgoingTask,
    Queue,
    Record,
    Statement,
    Strike,
    SubjectKind,
    User,
)

DAY = 86_400_000
MAIL = "author@person.example"


@pytest.fixture
def vidal(agora: Agora) -> User:
    return agora.person()


@pytest.fixture
def okoye(agora: Agora) -> User:
    return agora.person("n.okoye")


def last(row: DecisionRecord) -> DecisionRecord:
    """The last word about an item now."""
    row.refresh_from_db()
    return head_of(row)


def leave_the_house(agora: Agora) -> None:
    """Everything that waits is sent, confirmed and issued."""

    def taken(*_args, **_more):
        return Receipt(status=204, delivered=True, gone=False, digest="")

    agora.clock.advance(400_000)
    deliver(agora.house, send=taken)
    agora.clock.advance(400_000)
    for one in due_statements(agora.house.now()):
        issue_statement(agora.house, one)
    deliver(agora.house, send=taken)


def test_story_from_restriction_to_everything_reversed(agora, vidal, okoye):
    webhooks.add_webhook(agora.house, "https://platform.example/hooks")
    restricted(agora, vidal, "p-1")
    row = restricted(agora, vidal, "p-2", media=(MediaFacts(status="ok", sha256="cd" * 32),))
    warning = Measure.objects.get()
    decide_measure(
        agora.house,
        MeasureDecision(
            measure=warning.pk, user=vidal, confirm=True, assessment=dict.fromkeys(ASSESSED, "x")
        ),
    )
    assert {one.sha256 for one in DecidedMedia.objects.filter(active=True)} == {"cd" * 32}
    bank = Bank.objects.create(name="own/found", cls="intimate", owner="Agora", created_at=1)
    entry = BankEntry.objects.create(
        bank=bank, algorithm="sha256", value="cd" * 32, reference=row.label, added_at=1
    )
    leave_the_house(agora)
    appeal = lodged(agora, row, email=MAIL).appeal
    assert appeal.first_decider == "c.vidal"
    with pytest.raises(RefusedError, match="somebody else hears it"):
        answered(agora, vidal, appeal, AppealState.GRANTED)
    done = answered(agora, okoye, appeal, AppealState.GRANTED, seen=row.number)
    head = last(row)
    assert head.decided_by == "n.okoye"
    assert standing(head) == ()
    assert done.outcome_decision == head
    assert done.reversed["visibility"] == ["DE", "FR"]
    assert done.reversed["strikes"] == [Strike.objects.get(decision=row).pk]
    assert done.reversed["measures"] == [warning.pk]
    assert done.reversed["media"] == ["cd" * 32]
    assert done.reversed["entries"] == [entry.pk]
    assert points(SubjectKind.AUTHOR, row.author, "agora", agora.house.now()) == 1
    warning.refresh_from_db()
    entry.refresh_from_db()
    assert warning.state == MeasureState.LIFTED
    assert entry.active is False
    assert Statement.objects.get(decision=row).state == "lifted"
    assert Effect.objects.filter(decision=head, action="LIFTED").exists()
    events = set(OutgoingTask.objects.filter(state="waiting").values_list("event", flat=True))
    assert {"decision.superseded", "account.measure", "mail.appeal_outcome"} <= events
    assert {letter.template for letter in Letter.objects.all()} == {
        "appeal_receipt",
        "appeal_outcome",
        "measure_lifted",
    }
    assert Record.objects.filter(kind="appeal.resolved").count() == 1
    assert Case.objects.get(kind=CaseKind.APPEAL).state == CaseState.DECIDED


def test_receipt_is_a_promise_that_the_verifier_knows_and_the_code_leads_back(agora, vidal):
    made = lodged(agora, restricted(agora, vidal))
    assert made.receipt["note"].startswith("demo.invalid/log/1")
    assert made.receipt["openings"]
    assert LogEntry.objects.get(index=made.appeal.log_index).promised_until
    assert lodge.by_code(made.code.lower().replace("-", " ")) == made.appeal
    assert lodge.by_code(tracking.random_code()) is None
    assert lodge.by_code("x" * 500) is None
    assert made.code not in str(made.appeal.__dict__)


def test_nobody_of_the_chain_hears_it_or_is_served_it(agora, vidal, okoye):
    third = agora.person("p.lund")
    row = restricted(agora, vidal)
    leave_the_house(agora)
    lifted = act(agora, okoye, row.number, Verb.LIFT)
    again = act(agora, vidal, lifted.number, Verb.UNDO)
    appeal = lodged(agora, again).appeal
    assert took_part(appeal) == {"c.vidal", "n.okoye"}
    for one in (vidal, okoye):
        assert serve.next_case(agora.house, one, Queue.APPEALS) is None
        assert not access.may_work(one, appeal.case)
        with pytest.raises(RefusedError):
            answered(agora, one, appeal, AppealState.REFUSED)
    assert serve.next_case(agora.house, third, Queue.APPEALS) == appeal.case
    assert answered(agora, third, appeal, AppealState.REFUSED).state == AppealState.REFUSED
    assert standing(last(again))


def test_refused_complaint_changes_nothing_and_is_answered_with_redress(agora, vidal, okoye):
    row = restricted(agora, vidal)
    appeal = lodged(agora, row, email=MAIL).appeal
    done = answered(agora, okoye, appeal, AppealState.REFUSED)
    assert done.reversed == {}
    assert last(row) == row
    assert Strike.objects.get().state == "active"
    letter = Letter.objects.get(template="appeal_outcome")
    assert "not upheld" in letter.context["outcome"]
    with pytest.raises(ConflictError):
        answered(agora, okoye, appeal, AppealState.GRANTED)


def test_in_part_narrows_the_countries_and_never_adds_a_strike(agora, vidal, okoye):
    row = restricted(agora, vidal)
    leave_the_house(agora)
    appeal = lodged(agora, row).appeal
    for wrong in ((), ("DE", "FR"), ("AT",)):
        with pytest.raises(InvalidInputError) as refused:
            answered(agora, okoye, appeal, AppealState.PARTLY, keep=wrong)
        assert refused.value.field == "territories"
    done = answered(agora, okoye, appeal, AppealState.PARTLY, keep=("DE",))
    assert done.reversed == {"visibility": ["FR"]}
    [kept] = standing(last(row))
    assert kept.territories == ("DE",)
    assert Strike.objects.count() == 1
    assert Statement.objects.filter(decision=last(row)).exists()


def test_removed_everywhere_cannot_be_upheld_in_part(agora, okoye):
    number = agora.removal()
    admin = agora.person("root", "admin")
    row = DecisionRecord.objects.get(number=number)
    appeal = lodged(agora, row).appeal
    with pytest.raises(InvalidInputError, match="no borders"):
        answered(agora, admin, appeal, AppealState.PARTLY, keep=("DE",))


def test_class_child_is_heard_in_its_own_room_only(agora, okoye):
    keeper = agora.person("k.sato", "child_safety")
    appeal = lodged(agora, DecisionRecord.objects.get(number=agora.removal())).appeal
    assert appeal.case.queue == Queue.CHILD
    assert appeal.first_decider == ""
    assert not access.may_see(okoye, appeal.case)
    with pytest.raises(RefusedError):
        answered(agora, okoye, appeal, AppealState.REFUSED)
    assert access.may_work(keeper, appeal.case)
    answered(agora, keeper, appeal, AppealState.REFUSED)


def test_what_a_program_did_is_heard_by_anybody_with_the_permission(agora, okoye):
    moderator = agora.person("m.olsen", "moderator")
    row = restricted(agora, agora.person())
    appeal = lodged(agora, row).appeal
    with pytest.raises(RefusedError, match="role"):
        answered(agora, moderator, appeal, AppealState.REFUSED)


def test_once_for_each_side_while_it_waits_and_after(agora, vidal, okoye):
    row = restricted(agora, vidal)
    appeal = lodged(agora, row).appeal
    with pytest.raises(ConflictError) as refused:
        lodged(agora, row)
    assert refused.value.code == "appeal_open"
    answered(agora, okoye, appeal, AppealState.REFUSED)
    with pytest.raises(ConflictError) as refused:
        lodged(agora, row)
    assert refused.value.code == "appeal_decided"


def test_six_months_and_no_longer(agora, vidal):
    row = restricted(agora, vidal)
    leave_the_house(agora)
    issued = Statement.objects.get(decision=row).issued_at
    term = agora.settings.statement_days * DAY
    agora.clock.ms = issued + term
    with pytest.raises(ConflictError) as refused:
        lodged(agora, row)
    assert refused.value.code == "too_late"
    agora.clock.ms = issued + term - 1
    lodged(agora, row)


def test_lifted_restriction_cannot_be_contested(agora, vidal):
    row = restricted(agora, vidal)
    leave_the_house(agora)
    act(agora, vidal, row.number, Verb.LIFT)
    with pytest.raises(ConflictError) as refused:
        lodged(agora, row)
    assert refused.value.code == "nothing_to_contest"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"grounds": " "}, "grounds"),
        ({"grounds": "x" * 10_001}, "grounds"),
        ({"email": "nobody"}, "email"),
        ({"language": "xx"}, "language"),
    ],
)
def test_each_field_is_checked(agora, vidal, given, field):
    row = restricted(agora, vidal)
    with pytest.raises(InvalidInputError) as refused:
        lodged(agora, row, **given)
    assert refused.value.field == field


def test_nothing_contested_is_refused(agora):
    with pytest.raises(InvalidInputError):
        lodge_appeal(agora.house, AppealForm(grounds="x"))


def test_wish_to_be_heard_is_answered(agora, vidal, okoye):
    appeal = lodged(agora, restricted(agora, vidal), hearing=True).appeal
    with pytest.raises(InvalidInputError) as refused:
        answered(agora, okoye, appeal, AppealState.REFUSED)
    assert refused.value.field == "heard"
    done = answered(agora, okoye, appeal, AppealState.REFUSED, heard="called on Monday")
    assert done.heard == "called on Monday"


def test_item_decided_meanwhile_is_told_and_nothing_happens(agora, vidal, okoye):
    row = restricted(agora, vidal)
    leave_the_house(agora)
    appeal = lodged(agora, row).appeal
    act(agora, vidal, row.number, Verb.LIFT)
    with pytest.raises(ConflictError) as refused:
        answered(agora, okoye, appeal, AppealState.GRANTED, seen=row.number)
    assert refused.value.code == "decided_meanwhile"
    done = answered(agora, okoye, appeal, AppealState.GRANTED)
    assert done.outcome_decision is None
    assert done.reversed == {}


def test_answer_cannot_be_undone_like_a_decision(agora, vidal, okoye):
    row = restricted(agora, vidal)
    leave_the_house(agora)
    answered(agora, okoye, lodged(agora, row).appeal, AppealState.GRANTED)
    with pytest.raises(ConflictError) as refused:
        act(agora, okoye, last(row).number, Verb.UNDO)
    assert refused.value.code == "answers_complaint"


def test_suspension_is_contested_and_lifted(agora, vidal, okoye):
    assessment = dict.fromkeys(ASSESSED, "x")
    for n in range(2):
        restricted(agora, vidal, f"p-{n}")
    one = Measure.objects.get()
    decide_measure(
        agora.house,
        MeasureDecision(measure=one.pk, user=okoye, confirm=True, assessment=assessment),
    )
    one.refresh_from_db()
    form = AppealForm(measure=one, grounds="It was a quotation.")
    appeal = lodge_appeal(agora.house, form).appeal
    for barred in (vidal, okoye):
        with pytest.raises(RefusedError):
            answered(agora, barred, appeal, AppealState.GRANTED)
    third = agora.person("p.lund")
    done = answered(agora, third, appeal, AppealState.GRANTED)
    one.refresh_from_db()
    assert one.state == MeasureState.LIFTED
    assert done.reversed == {"measures": [one.pk]}
    assert Strike.objects.filter(state="active").count() == 2


def test_banks_of_others_are_left_alone(agora, vidal, okoye):
    bank = Bank.objects.create(name="list", cls="hate", owner="others", created_at=1)
    entry = BankEntry.objects.create(
        bank=bank, algorithm="sha256", value="ab" * 32, reference="77", added_at=1
    )
    row = restricted(agora, vidal)
    leave_the_house(agora)
    answered(agora, okoye, lodged(agora, row).appeal, AppealState.GRANTED)
    entry.refresh_from_db()
    assert entry.active
