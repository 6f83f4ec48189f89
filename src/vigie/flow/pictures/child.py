# SPDX-License-Identifier: Apache-2.0
"""What a list of class `child` knows is shown to nobody; its item moves to that queue.

The queue holds hashes, names of lists and references only. The bytes were in
memory for this one question and are gone; the record says that the platform's
copy must be fetched again by whoever has the duty to keep it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.utils.translation import gettext_noop as _

from vigie.core.decision import Match
from vigie.core.errors import RefusedError
from vigie.core.item import MediaFacts
from vigie.flow import child_items, records
from vigie.flow.house import House
from vigie.flow.queues import claims
from vigie.flow.transaction import writing
from vigie.journal.record import media_hashes
from vigie.store.models import Case, CaseEventKind, CaseState, Queue

MATCHED: Final = "media.matched"
NOT_KEPT: Final = "not kept: fetch the platform's copy again"


def refusal() -> RefusedError:
    """Say why nothing is shown, without describing anything."""
    return RefusedError(
        _(
            "A list of class child knows this. It is shown to nobody; the people for child "
            "safety go on with it."
        ),
        code="known_child",
        fix=_("Go on with the next case. Nothing more is asked of you."),
    )


def move(house: House, case: Case, facts: MediaFacts, found: Sequence[Match]) -> None:
    """Put an item with all its open cases into the queue `child` and record the match."""
    now = house.now()
    with writing():
        known = _facts(case, facts, found, now)
        child_items.take_along(case.decision, now)
        case.refresh_from_db()
        case.facts = known
        if case.state != CaseState.OPEN:
            # What was decided before stands in the queue again, for those who may see it.
            case.queue, case.category = Queue.CHILD.value, "child"
        case.claimed_by, case.claimed_until = None, 0
        case.save()
        claims.note(case, CaseEventKind.ROUTED, None, now)
        plain = {
            "case": case.pk,
            "decision": case.decision_id,
            "class": "child",
            "basis": sorted({one.basis.value for one in found}),
            "copy": NOT_KEPT,
        }
        personal = {"hashes": list(media_hashes((facts,)))}
        records.append_one(records.draft(MATCHED, now, plain, personal))


def _facts(case: Case, facts: MediaFacts, found: Sequence[Match], now: int) -> dict[str, Any]:
    """Return what the queue holds, in the shape of a match at the machine door."""
    return child_items.references(case.decision, now) | {
        "hashes": list(media_hashes((facts,))),
        "lists": sorted({bank for one in found for bank in one.banks}),
    }
