# SPDX-License-Identifier: Apache-2.0
"""What the store keeps of the AI gateway's use and users, and when it goes."""

from __future__ import annotations

import json
import threading

import pytest

from tests.support.books import STOPPED, Gate
from vigie.core.clock import DAY_MS
from vigie.core.gateway import Ending, week_begins, week_of
from vigie.flow import erase, retain, search_day
from vigie.flow.gateway import usage
from vigie.flow.statements import due_statements, issue_statement
from vigie.gateway.budgets import BudgetError, Budgets, settled_reader
from vigie.jobs.crew import Crew
from vigie.jobs.folding import Folding
from vigie.journal.reader import writers
from vigie.screening.access import AccessKey
from vigie.store.models import (
    DecisionRecord,
    GatewayCase,
    GatewayCaseState,
    GatewayDay,
    GatewayPrint,
    GatewayStop,
    GatewayUsage,
)


@pytest.fixture
def folding(house):
    given = Folding(house, pause=lambda _: None)
    yield given
    given.close()


def test_another_week_is_another_person(house, gate, clock, application):
    mine = gate.books.user(application, "u-1")
    assert mine == gate.books.user(application, "u-1")
    assert mine != gate.books.user("another", "u-1")
    clock.advance(week_begins(week_of(house.now()) + 1) - house.now() - 1)
    assert gate.books.user(application, "u-1") == mine
    clock.advance(1)
    assert gate.books.user(application, "u-1") != mine


def test_a_cell_knows_ten_people_and_then_none(house, gate, folding):
    for number in range(9):
        gate.exchange(user=f"u-{number}")
    gate.exchange(user="u-3")
    gate.exchange(user="")
    folding.drain()
    cell = GatewayDay.objects.get()
    assert (cell.exchanges, len(cell.people), cell.many) == (11, 9, False)
    gate.exchange(user="the tenth")
    folding.drain()
    cell.refresh_from_db()
    assert (cell.exchanges, cell.people, cell.many) == (12, [], True)


def test_use_is_settled_and_told_to_every_door(house, gate, folding, clock, application):
    other = Gate(house.settings, house.pseudonym_key, clock, application=application)
    for one in (gate, other, gate):
        one.exchange()
        one.settle()
    folding.drain()
    row = GatewayUsage.objects.get()
    assert (row.requests, row.input_tokens, row.output_tokens) == (3, 21, 33)
    usage.write(house, house.now() - 5)
    said = json.loads((house.settings.run_dir / usage.FILE).read_bytes())
    assert said["at"] == house.now() - 5 - usage.SETTLING_MS
    assert said["keys"][application]["requests"] == 3
    assert said["keys"][application]["tokens"] == 54
    clock.advance(DAY_MS)
    said = usage.settled(house, house.now())
    assert said["keys"] == {}
    assert said["yesterday"] == {"chat": (3, 0)}
    other.close()


def test_pseudonyms_end_with_their_week_and_the_term(house, gate, folding, clock):
    for _ in range(5):
        gate.exchange(STOPPED)
    gate.exchange(STOPPED, user="once")
    folding.drain()
    clock.advance(30 * DAY_MS)
    retain.retain(house)
    assert GatewayStop.objects.exclude(user="").count() == 6
    clock.advance(8 * DAY_MS)
    retain.retain(house)
    assert GatewayStop.objects.exclude(user="").count() == 5  # their case is open
    GatewayCase.objects.update(state=GatewayCaseState.CLOSED)
    retain.retain(house)
    assert not GatewayStop.objects.exclude(user="").exists()
    assert not GatewayCase.objects.exclude(user="").exists()


def test_an_open_case_keeps_a_pseudonym_half_a_year_at_most(house, gate, folding, clock):
    for _ in range(5):
        gate.exchange(STOPPED)
    folding.drain()
    clock.advance(190 * DAY_MS)
    retain.retain(house)
    assert not GatewayStop.objects.exclude(user="").exists()
    assert not GatewayCase.objects.exclude(user="").exists()


@pytest.mark.parametrize(
    ("model", "days"), [(GatewayPrint, 30), (GatewayUsage, 400), (GatewayDay, 760)]
)
def test_prints_use_and_figures_end(house, gate, folding, clock, model, days):
    gate.exchange()
    gate.settle()
    folding.drain()
    clock.advance(days * DAY_MS)
    retain.retain(house)
    assert model.objects.exists()
    clock.advance(DAY_MS + 1)
    retain.retain(house)
    assert not model.objects.exists()


def test_digests_of_people_do_not_outlast_their_day(house, gate, folding, clock):
    gate.exchange()
    folding.drain()
    assert GatewayDay.objects.get().people
    clock.advance(2 * DAY_MS)
    retain.retain(house)
    assert GatewayDay.objects.get().people == []
    assert not GatewayDay.objects.get().many


def test_while_a_search_stands_nothing_of_it_goes(house, gate, folding, clock, monkeypatch):
    gate.exchange(STOPPED)
    gate.settle()
    folding.drain()
    clock.advance(900 * DAY_MS)
    with monkeypatch.context() as patch:
        patch.setattr(search_day, "stops_deletion", lambda: True)
        retain.retain(house)
        assert GatewayPrint.objects.exists()
        assert GatewayUsage.objects.exists()
        assert GatewayStop.objects.exclude(user="").exists()
    retain.retain(house)
    assert not GatewayPrint.objects.exists()


def test_what_a_pseudonym_did_is_erased_by_it(house, gate, folding, clock):
    told = gate.exchange(STOPPED)
    folding.drain()
    clock.advance(DAY_MS)
    for one in due_statements(house.now()):
        issue_statement(house, one)
    erase.erase_author(house, told.user, by="v")
    folding.drain()
    assert GatewayStop.objects.get().user == ""
    assert DecisionRecord.objects.get().author == ""


def test_a_budget_is_overshot_by_no_more_than_others_admit_between_two_settlements(
    house, folding, clock, application
):
    """Two doors, a budget of 20 requests: both see what the other had settled."""
    key = AccessKey(id=application, sha256="", scopes=("ai",), limits={"requests_per_day": 20})
    doors = [
        Gate(house.settings, house.pseudonym_key, clock, application=application) for _ in range(2)
    ]
    file = house.settings.run_dir / usage.FILE
    budgets = [Budgets(settled_reader(file)) for _ in doors]
    admitted = [0, 0]

    def offer(number: int) -> bool:
        try:
            budgets[number].take(key, clock.now_ms())
        except BudgetError:
            return False
        admitted[number] += 1
        budgets[number].ended(key, clock.now_ms(), doors[number].exchange())
        return True

    def settle() -> None:
        clock.advance(4_000)
        for one in doors:
            one.settle()
        folding.drain()
        usage.write(house, house.now())

    for _ in range(8):
        assert offer(0)
        assert offer(1)
    settle()
    # Sixteen are known to both: each may admit four more before it hears of the other's.
    first = sum(offer(0) for _ in range(10))
    second = sum(offer(1) for _ in range(10))
    assert (first, second) == (4, 4)
    settle()
    assert not offer(0)
    assert not offer(1)
    assert sum(admitted) == 24  # 20, and what one door admitted between two settlements
    assert GatewayUsage.objects.get().requests == 24
    for one in doors:
        one.close()


def test_rows_without_a_decision_do_not_hold_a_dead_doors_journal(house, gate, clock):
    gate.exchange()
    first = Folding(house, pause=lambda _: None)
    first.drain()
    gate.run(gate.books.ended(gate.facts(ending=Ending.BRAKED), []))
    gate.settle()
    gate.journal.close()
    first.turn()
    clock.advance(house.settings.journal_keep * 1000 + 1)
    first.forget()
    assert writers(house.settings.journal_dir) == []
    assert sum(GatewayDay.objects.values_list("exchanges", flat=True)) == 2
    first.close()


def test_jobs_tells_the_use_of_keys_once_it_knows_how_far_it_has_folded(house, gate):
    gate.exchange()
    gate.settle()
    file = house.settings.run_dir / usage.FILE
    crew = Crew(house, threading.Event())
    crew.status()
    assert not file.exists()
    crew.fold()
    crew.status()
    said = json.loads(file.read_bytes())
    assert said["keys"][gate.application]["requests"] == 1
    assert said["at"] == house.now() - usage.SETTLING_MS
    crew._folding.close()
