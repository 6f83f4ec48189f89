# SPDX-License-Identifier: Apache-2.0
"""Who outside does not answer: since when, how often asked, when asked again."""

from __future__ import annotations

from typing import Final

from vigie.flow.transaction import writing
from vigie.store.models import Unreached

FIRST_MS: Final = 5_000
LAST_MS: Final = 900_000
"""Asked at least every quarter of an hour, however long it was silent."""
_DOUBLINGS: Final = 10


def is_due(party: str, now: int) -> bool:
    """Say whether to ask; a clock that jumped back makes nobody wait longer than usual."""
    row = Unreached.objects.filter(party=party).only("next_try").first()
    return row is None or row.next_try <= now or row.next_try - now > LAST_MS


def failed(party: str, kind: str, problem: str, now: int) -> None:
    """Note that somebody did not answer, and wait longer each time."""
    with writing():
        row = Unreached.objects.filter(party=party).first()
        if row is None:
            row = Unreached(party=party, kind=kind, since=now)
        wait = min(FIRST_MS << min(row.attempts, _DOUBLINGS), LAST_MS)
        row.attempts += 1
        row.next_try, row.problem = now + wait, problem[:64]
        row.save()


def reached(party: str) -> None:
    """Note that somebody answered."""
    if Unreached.objects.filter(party=party).exists():
        with writing():
            Unreached.objects.filter(party=party).delete()
