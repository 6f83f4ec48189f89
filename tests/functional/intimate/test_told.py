# SPDX-License-Identifier: Apache-2.0
"""What the author of a picture reads: nothing that points to the person harmed."""

from __future__ import annotations

from tests.support.victims import Road, hashes, seen
from vigie.flow.intimate import search
from vigie.flow.intimate.confirm import confirm
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
