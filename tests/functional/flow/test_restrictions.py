# SPDX-License-Identifier: Apache-2.0
"""Several restrictions of one decision: each has its page, its record, its time."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from msgspec.structs import replace

from tests.support import made
from tests.support.made import Door
from vigie.core.actions import Outcome
from vigie.flow.house import build
from vigie.flow.statements import due_statements, issue_statement
from vigie.jobs.folding import Folding
from vigie.portal.content import show
from vigie.store.models import Statement


def test_each_restriction_has_its_page_its_record_and_its_confirmed_time(
    house, door, fold_all, clock
):
    first, second = made.pause()["actions"][0], made.listed()["actions"][0]
    second = replace(second, grounds=first.grounds, territories=("DE", "FR"))
    sealed = door.restrict(outcome=Outcome.REMOVE, actions=(first, second))
    fold_all()
    door.confirm(sealed.decision_id, "DE")
    fold_all()
    [due] = due_statements(house.now())
    issue_statement(house, due)
    statement = Statement.objects.get()
    assert [sorted(one["decision_visibility"]) for one in statement.database_records] == [
        ["DECISION_VISIBILITY_CONTENT_REMOVED"],
        ["DECISION_VISIBILITY_CONTENT_DEMOTED"],
    ]
    puids = {one["puid"] for one in statement.database_records}
    assert len(puids) == 2
    [more] = statement.content["more"]
    for language in ("en", "fr", "de"):
        assert statement.content[language]["title"] != more[language]["title"]
    assert show(statement, "de").measures[1].text == more["de"]


def test_a_time_is_confirmed_for_the_restriction_it_was_said_of(house, door, fold_all, clock):
    first, second = made.pause()["actions"][0], made.listed()["actions"][0]
    first = replace(first, territories=("AT",))
    second = replace(second, grounds=first.grounds, territories=("DE",))
    sealed = door.restrict(outcome=Outcome.REMOVE, actions=(first, second))
    fold_all()
    door.now = clock.now_ms() - 60_000
    door.confirm(sealed.decision_id, "DE")
    fold_all()
    [due] = due_statements(house.now())
    issue_statement(house, due)
    content = Statement.objects.get().content
    removed, demoted = content["restrictions"]
    assert removed["applied_at"] is not None
    assert demoted["applied_at"] is None


@pytest.mark.django_db(transaction=True)
def test_the_record_of_an_older_store_becomes_the_first_of_its_list(settings, clock):
    house = build(settings, clock)
    door = Door(settings, house.pseudonym_key, house.now())
    door.restrict()
    Folding(house, pause=lambda _: None).drain()
    door.close()
    executor = MigrationExecutor(connection)
    older = executor.migrate([("store", "0001_initial")]).apps
    try:
        older.get_model("store", "Statement").objects.update(database_record={"puid": "one"})
    finally:
        executor = MigrationExecutor(connection)
        executor.migrate(executor.loader.graph.leaf_nodes())
    assert Statement.objects.get().database_records == [{"puid": "one"}]
