# SPDX-License-Identifier: Apache-2.0
"""Notices: each notifier is answered; trusted flaggers go first; suspended ones are told."""

from __future__ import annotations

import pytest

from tests.support.notices import case_of, give, settle
from tests.support.people import Agora
from vigie.core.errors import RefusedError
from vigie.flow.decide import Verb
from vigie.flow.notices.flaggers import add_flagger, end_flagger, interval, precision
from vigie.flow.notices.form import Channel
from vigie.flow.notices.receive import NoticeReceipt
from vigie.store.models import (
    Letter,
    NoticeItem,
    NoticeState,
    TaskState,
)

# Answers


def test_each_notifier_is_answered_when_the_case_is_decided(agora: Agora) -> None:
    agora.proposal()
    first = give(agora).notice
    second = give(agora, name="Bo", email="bo@example.org", language="de").notice
    settle(agora, case_of(NoticeReceipt(notice=first, code="", checkpoint=None)), Verb.WITHHOLD)
    for notice in (first, second):
        notice.refresh_from_db()
        assert notice.state == NoticeState.DECIDED
        assert notice.items.get().outcome == "restricted"
    sent = Letter.objects.filter(template="notice_decision")
    assert sorted(sent.values_list("to", "language")) == [
        ("ana@example.org", "fr"),
        ("bo@example.org", "de"),
    ]
    delay = agora.settings.undo_seconds * 1000
    assert {one.task.not_before for one in sent} == {agora.clock.now_ms() + delay}


def test_a_notice_is_answered_when_all_its_locations_are_decided(agora: Agora) -> None:
    given = give(agora, locations=("https://a.example/1", "https://a.example/2"))
    one, two = given.notice.items.order_by("position")
    assert one.case is not None
    assert two.case is not None
    settle(agora, one.case, Verb.LEAVE)
    given.notice.refresh_from_db()
    assert given.notice.state == NoticeState.RECEIVED
    assert not Letter.objects.filter(template="notice_decision").exists()
    settle(agora, two.case, Verb.WITHHOLD)
    given.notice.refresh_from_db()
    assert given.notice.state == NoticeState.DECIDED
    assert Letter.objects.filter(template="notice_decision").count() == 1
    outcomes = given.notice.items.order_by("position").values_list("outcome", flat=True)
    assert list(outcomes) == ["not_restricted", "restricted"]


def test_an_undo_takes_the_answer_back_before_it_left(agora: Agora) -> None:
    given = give(agora)
    settle(agora, case_of(given), Verb.LEAVE)
    settle(agora, case_of(given), Verb.UNDO)
    given.notice.refresh_from_db()
    assert (given.notice.state, given.notice.items.get().outcome) == (NoticeState.RECEIVED, "")
    letter = Letter.objects.get(template="notice_decision")
    assert letter.task.state == TaskState.CANCELLED


def test_a_later_change_is_told_again(agora: Agora) -> None:
    given = give(agora)
    settle(agora, case_of(given), Verb.WITHHOLD)
    settle(agora, case_of(given), Verb.LIFT)
    assert given.notice.items.get().outcome == "not_restricted"
    assert Letter.objects.filter(template="notice_decision").count() == 2


def test_a_notice_about_an_item_that_was_erased_before_a_decision_is_answered(
    agora: Agora,
) -> None:
    from vigie.flow.erase import erase_item

    agora.proposal()
    given = give(agora)
    erase_item(agora.house, "p-100", "test", service="agora")
    given.notice.refresh_from_db()
    assert given.notice.state == NoticeState.CLOSED
    assert given.notice.items.get().outcome == "gone"
    letter = Letter.objects.get(template="notice_decision")
    assert "rien" in letter.context["outcome"] or "nothing" in letter.context["outcome"]


@pytest.mark.parametrize("category", ["intimate", "stalking", "minors"])
def test_mails_to_a_victim_have_a_neutral_subject_and_no_content(
    agora: Agora, category: str
) -> None:
    give(agora, category=category)
    letter = Letter.objects.get()
    assert letter.template == "neutral_receipt"
    assert set(letter.context) == {"code", "url"}


def test_without_an_address_nothing_is_sent_and_the_notice_is_decided(agora: Agora) -> None:
    given = give(agora, email="")
    settle(agora, case_of(given), Verb.LEAVE)
    given.notice.refresh_from_db()
    assert given.notice.state == NoticeState.DECIDED
    assert not Letter.objects.exists()


# Trusted flaggers


def test_the_status_of_a_flagger_is_stored_as_it_was_at_receipt(agora: Agora) -> None:
    flagger, _ = add_flagger(agora.house, "Hotline", "DSC decision 1/26", "test")
    given = give(agora, channel=Channel.FLAGGER, key=flagger.key)
    assert given.notice.flagger == flagger
    assert case_of(given).trusted
    end_flagger(agora.house, "Hotline", "test")
    agora.clock.advance(1)
    later = give(agora, channel=Channel.FLAGGER, key=flagger.key, token="2")
    assert later.notice.flagger is None
    given.notice.refresh_from_db()
    assert given.notice.flagger == flagger


def test_a_status_holds_between_its_days_only(agora: Agora) -> None:
    now = agora.clock.now_ms()
    flagger, _ = add_flagger(
        agora.house, "Soon", "list", "test", valid_from=now + 10, valid_until=now + 20
    )
    seen = []
    for step in (0, 10, 10):
        agora.clock.advance(step)
        given = give(agora, channel=Channel.FLAGGER, key=flagger.key, token=str(agora.clock.ms))
        seen.append(given.notice.flagger is not None)
    assert seen == [False, True, False]


def test_precision_counts_decided_locations_with_an_interval(agora: Agora) -> None:
    flagger, _ = add_flagger(agora.house, "Hotline", "list", "test")
    assert precision(flagger) == (0, 0, 0.0, 1.0)
    for n, verb in enumerate((Verb.WITHHOLD, Verb.LEAVE)):
        where = (f"https://a.example/{n}",)
        given = give(agora, channel=Channel.FLAGGER, key=flagger.key, locations=where)
        settle(agora, case_of(given), verb)
    found = precision(flagger)
    assert (found.upheld, found.decided) == (1, 2)
    assert interval(8, 10).low == pytest.approx(0.4902, abs=1e-4)
    assert interval(8, 10).high == pytest.approx(0.9433, abs=1e-4)


# Suspension (Art. 23(2))


def test_a_suspended_notifier_is_told_and_what_can_cost_a_life_is_taken(agora: Agora) -> None:
    from vigie.store.models import Measure

    notifier = give(agora).notice.notifier
    Measure.objects.create(
        subject_kind="notifier",
        subject=notifier,
        kind="suspension",
        state="in_force",
        points=3,
        proposed_at=1,
        until=agora.clock.now_ms() + 1,
    )
    with pytest.raises(RefusedError) as caught:
        give(agora, explanation="again")
    assert caught.value.code == "suspended"
    assert give(agora, category="threat").notice.notifier == notifier
    agora.clock.advance(1)
    assert give(agora, explanation="again").number
    assert NoticeItem.objects.count() == 3
