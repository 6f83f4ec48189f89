# SPDX-License-Identifier: Apache-2.0
"""What the author of a picture reads: nothing that points to the person harmed."""

from __future__ import annotations

from tests.support.victims import Road, hashes, seen
from vigie.flow.intimate import search
from vigie.flow.intimate.confirm import CLAUSE, confirm
from vigie.portal.notice.status import answers
from vigie.store.models import Case, Statement


def test_what_only_a_hash_found_was_found_by_a_program_and_points_to_nobody(road: Road) -> None:
    """Art. 17(3)(b) and (c): page and record for the EU database say the same."""
    road.notice(hashes=hashes(seen(1)))
    road.screen(seen(1, quality=60), name="p-3", kept=True)
    while search.turn(road.house):
        pass
    found, user = Case.objects.get(), road.person()
    road.look(user, found)
    row = confirm(road.house, user, found, road.confirmation(found))
    statement = Statement.objects.get(decision=row)
    english = str(statement.content["en"])
    assert "A program identified the content." in english
    assert "We became aware of the content and examined it." in english
    assert "notice" not in english.lower()
    [record, *_] = statement.database_records
    assert (record["source_type"], record["automated_detection"]) == ("SOURCE_VOLUNTARY", "Yes")
    assert record["automated_decision"] == "AUTOMATED_DECISION_PARTIALLY"


def test_who_gave_notice_reads_every_ground_and_everywhere_in_one_word(road: Road) -> None:
    road.screen(seen(1), name="p-3", kept=True)
    given = road.notice("p-3")
    case, user = Case.objects.get(), road.person()
    road.look(user, case)
    row = confirm(road.house, user, case, road.confirmation(case))
    assert "*" in row.territories
    [answer] = answers(given.notice)
    assert answer.territories == ["*"]
    assert f"terms and conditions, clause {CLAUSE}" in answer.provisions
    assert len(answer.provisions) > 1
