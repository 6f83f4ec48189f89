# SPDX-License-Identifier: Apache-2.0
"""The sums of the overview: counted once, in a period, without class child."""

from __future__ import annotations

import msgspec
import pytest

from tests.support import found
from tests.support.found import HOUR, Made
from vigie.core.actions import Outcome
from vigie.flow.overview import days, sums
from vigie.flow.overview.alarms import Code, alarms
from vigie.flow.search import Target, index, parse, to_query
from vigie.store.models import (
    Case,
    ContentLook,
    DailyFigure,
    DecisionKind,
    DecisionRecord,
    Effect,
    LogEntry,
    Measure,
    OutgoingTask,
    Shift,
    User,
    WebhookEndpoint,
)

DAY = 24 * HOUR


def _day(house):
    return days.day_of(house.now())


def _tag(house):
    while index.tag(house):
        pass


def test_decisions_are_counted_once_by_day_person_and_outcome(house):
    now = house.now()
    found.keep(
        [
            Made(number=1, item="a", outcome="withhold", at=now),
            Made(number=2, item="b", outcome="withhold", at=now, kind="person"),
            Made(number=3, item="c", outcome="remove", at=now - DAY),
            Made(number=4, item="d", outcome="allow", at=now, sample=True),
            Made(number=5, item="e", outcome="remove", at=now, cls="child"),
        ]
    )
    _tag(house)
    _tag(house)
    today = _day(house)
    series = days.series(today - 2, today)
    assert [day.counts for day in series] == [
        {},
        {"machine.remove": 1},
        {"machine.withhold": 1, "person.withhold": 1},
    ]
    assert days.total(series, DecisionKind, days.RESTRICTING) == 3
    assert days.total(series, [DecisionKind.PERSON], [Outcome.WITHHOLD]) == 1


def test_the_sum_of_a_period_is_what_the_search_finds(house):
    made = found.many(300)
    found.keep(made)
    _tag(house)
    last = days.day_of(found.NOW)
    series = days.series(last - 27, last)
    number = days.total(series, [DecisionKind.PERSON], days.RESTRICTING)
    words = ", ".join(days.RESTRICTING)
    since = "2026-10-26"
    text = f"decision.by = person and decision.outcome in ({words}) and at >= {since}"
    assert to_query(parse(text), Target.DECISIONS, found.NOW).count() == number > 0


def test_counting_again_after_new_decisions_adds_only_those(house):
    found.keep([Made(number=1, item="a", outcome="allow", at=house.now())])
    _tag(house)
    found.keep([Made(number=2, item="b", outcome="allow", at=house.now())])
    _tag(house)
    assert DailyFigure.objects.get().number == 2


def test_messages_are_counted_by_receipt_without_child(house):
    now = house.now()
    found.keep(
        [
            Made(number=1, item="a", messages=(("webhook", "delivered"), ("webhook", "failed"))),
            Made(number=2, item="b", messages=(("webhook", "dead"), ("mail", "accepted"))),
            Made(number=3, item="c", cls="child", messages=(("webhook", "delivered"),)),
        ]
    )
    OutgoingTask.objects.update(done_at=now, next_try=now, not_before=now)
    webhook, mail, statement = sums.messages(now - DAY, now)
    assert (webhook.delivered, webhook.failed, webhook.dead, webhook.waiting) == (1, 1, 1, 0)
    assert (mail.kind, mail.delivered) == ("mail", 1)
    assert statement.kind == "statement"
    assert sums.messages(now + 1, now)[0].delivered == 0


def test_a_clock_counts_as_kept_only_where_the_decision_was_in_time(house):
    now = house.now()
    case = {"state": "decided", "closed_at": now}
    found.keep(
        [
            Made(number=1, item="a", case={**case, "due_at": now + 1}),
            Made(number=2, item="b", case={**case, "due_at": now - 1, "hard": True}),
            Made(number=3, item="c", case={**case, "due_at": now - 1}),
            Made(number=4, item="d", case={**case, "due_at": None}),
            Made(number=5, item="e", case={**case, "due_at": now - 1, "queue": "child"}),
            Made(number=6, item="f", case={"state": "open", "due_at": now - 1}),
        ]
    )
    assert sums.clocks(now - DAY) == sums.Clocks(3, 2, 1)


def test_without_anything_every_sum_is_empty(house):
    assert sums.answers(0) is None
    assert sums.overturned(0)[1] == []
    assert sums.log_state() == sums.LogState(0, 0, None)
    assert sums.screened(0) == 0
    assert sums.people(house).working == 0


def test_people_are_numbers_without_names(house):
    now = house.now()
    for number, paused in ((1, None), (2, now)):
        user = User.objects.create(username=f"u{number}", number=number)
        Shift.objects.create(
            user=user, started_at=now - HOUR, resumed_at=now - HOUR, seen_at=now, paused_at=paused
        )
        for _ in range(number):
            ContentLook.objects.create(user=user, kind="clear", at=now, shown_at=now)
    people = sums.people(house)
    assert (people.working, people.paused) == (1, 1)
    assert (people.median_looks, people.most_looks) == (1.5, 2)


@pytest.fixture
def senior(db):
    return User.objects.create(username="s.enior", role="senior", number=9)


def _say(house, **values):
    folder = house.settings.run_dir
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "jobs.status.json").write_bytes(msgspec.json.encode({"at": house.now(), **values}))


def test_silent_jobs_are_an_alarm_and_working_ones_are_not(house, senior):
    assert [one.code for one in alarms(house, senior)] == [Code.JOBS]
    _say(house)
    assert alarms(house, senior) == []
    _say(house, fold_lag_seconds=3_600)
    assert [one.code for one in alarms(house, senior)] == [Code.JOBS]
    (house.settings.run_dir / "jobs.status.json").write_bytes(b"[")
    assert [one.code for one in alarms(house, senior)] == [Code.JOBS]


def test_what_failed_and_what_waits_is_an_alarm_with_its_number(house, senior):
    now = house.now()
    _say(house)
    found.keep(
        [
            Made(number=1, item="a", messages=(("webhook", "dead"),), effects=("sent",)),
            Made(number=2, item="b", cls="child", effects=("sent",)),
        ]
    )
    Effect.objects.update(overdue=True, sent_at=now - HOUR)
    WebhookEndpoint.objects.create(
        url="https://a.example", secret="s", enabled=False, disabled_reason="410", created_at=now
    )
    Measure.objects.create(
        subject_kind="author", subject="aa", kind="warning", points=3, proposed_at=now - HOUR
    )
    LogEntry.objects.create(index=0, entry=bytes(33), since=now - HOUR)
    told = {one.code: (one.count.number, one.since) for one in alarms(house, senior)}
    assert told == {
        Code.LOG: (1, now - HOUR),
        Code.DEAD: (1, None),
        Code.ENDPOINT: (1, None),
        Code.EFFECT: (1, now - HOUR),
        Code.MEASURE: (1, now - HOUR),
    }


def test_appeals_are_summed_by_policy_with_their_interval(house, agora_appeals):
    total, by_policy = sums.overturned(0)
    assert (total.share.upheld, total.share.decided) == (2, 3)
    assert {one.policy: (one.share.upheld, one.share.decided) for one in by_policy} == {
        "denial": (1, 2),
        "spam": (1, 1),
    }
    for one in by_policy:
        assert one.share.low <= one.share.upheld / one.share.decided <= one.share.high


@pytest.fixture
def agora_appeals(house):
    """Three decided appeals, one that waits, one about class child."""
    from vigie.store.models import Appeal

    found.keep(
        [
            Made(number=1, item="a", policies=("denial",)),
            Made(number=2, item="b", policies=("denial",)),
            Made(number=3, item="c", policies=("spam",)),
            Made(number=4, item="d", policies=("spam",)),
            Made(number=5, item="e", policies=("child",), cls="child"),
        ]
    )
    states = ["granted", "refused", "partly", "lodged", "granted"]
    for number, state in enumerate(states, start=1):
        case = Case.objects.create(decision_id=number, kind="appeal", queue="appeals", opened_at=1)
        record = DecisionRecord.objects.get(number=number).record
        Appeal.objects.create(
            number=number, by="author", state=state, decision_id=number, case=case,
            channel="portal",
            code_digest=f"c{number}", received_at=1, resolved_at=house.now(), record=record,
            log_index=number,
        )  # fmt: skip


def test_no_sum_of_the_overview_reads_a_table_from_end_to_end(house):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    found.keep(found.many(400))
    _tag(house)
    user = User.objects.create(username="s.enior", role="senior", number=9)
    _say(house)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        alarms(house, user)
        sums.messages(0, house.now())
        sums.clocks(0)
        sums.answers(0)
        sums.overturned(0)
        sums.log_state()
        days.series(0, 30)
    if connection.vendor != "sqlite":
        return
    whole = []
    with connection.cursor() as cursor:
        for one in asked.captured_queries:
            cursor.execute(f"EXPLAIN QUERY PLAN {one['sql']}")
            whole += [row[3] for row in cursor.fetchall() if row[3].startswith("SCAN store_")]
    large = ("decisionrecord", "case", "outgoingtask", "statement", "appeal", "notice", "logentry")
    assert [line for line in whole if line.split("store_")[1].split()[0] in large
            and "INDEX" not in line] == []  # fmt: skip
