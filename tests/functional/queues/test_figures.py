# SPDX-License-Identifier: Apache-2.0
"""How long cases wait: counted honestly, late ones first, class child apart."""

from __future__ import annotations

from tests.support import queues as made
from tests.support.people import NOW, Agora
from tests.support.queues import HOUR
from vigie.flow.queues import figures, first
from vigie.flow.queues.figures import Count
from vigie.flow.queues.route import route
from vigie.store.models import Case, CaseState


def test_cases_are_counted_by_how_long_they_wait(agora: Agora) -> None:
    for hours in (0, 3, 4, 23, 24, 47, 48, 500):
        made.routed(agora, opened_at=NOW - hours * HOUR, due_at=NOW + (hours - 24) * HOUR)
    made.routed(agora, state=CaseState.DECIDED)
    made.queue("other")
    made.routed(agora, queue="other")
    found = figures.ageing(first.all_queues()["general"], NOW)
    assert [(one.hours, one.count.number) for one in found.buckets] == [
        (4, 2), (24, 2), (48, 2), (None, 2),
    ]  # fmt: skip
    assert found.waiting == Count(8)
    assert found.oldest == NOW - 500 * HOUR
    assert (found.late.number, found.soon.number) == (4, 1)
    assert found.next_due == NOW - 24 * HOUR


def test_an_empty_queue_has_no_oldest(agora: Agora) -> None:
    found = figures.ageing(first.all_queues()["general"])
    assert (found.waiting, found.oldest, found.next_due) == (Count(0), None, None)


def test_what_is_counted_no_further_says_so(agora: Agora) -> None:
    for _ in range(4):
        made.routed(agora)
    rows = Case.objects.all()
    assert figures.count(rows, 3) == Count(3, more=True)
    assert figures.count(rows, 4) == Count(4)
    assert figures.count(rows.order_by("pk"), 9) == Count(4)
    assert figures.total(["general", "child"]) == Count(4)


def test_late_cases_stand_the_longest_first_and_class_child_in_its_own_list(agora: Agora) -> None:
    agora.removal()
    route(agora.house)
    one = made.routed(agora, due_at=NOW - HOUR)
    other = made.routed(agora, due_at=NOW - 2 * HOUR)
    made.routed(agora, due_at=NOW)
    assert list(figures.late()) == [other, one]
    assert list(figures.late_child(NOW)) == []
    agora.clock.advance(2 * HOUR)
    assert [case.queue for case in figures.late_child()] == ["child"]
    assert "child" not in {case.queue for case in figures.late()}
