# SPDX-License-Identifier: Apache-2.0
"""Several restrictions of one decision: each has its page, its record, its time."""

from __future__ import annotations

from msgspec.structs import replace

from tests.support import made
from vigie.core.actions import Outcome
from vigie.flow.statements import due_statements, issue_statement
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
