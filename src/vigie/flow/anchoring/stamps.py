# SPDX-License-Identifier: Apache-2.0
"""Having checkpoints stamped: hourly and on every export, by the first authority that answers.

The token's digest goes back into the log (`time.anchor`): every entry after it
is later than the token's time, every entry before its checkpoint earlier.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from vigie.core.errors import OutsideError
from vigie.exchange import tsa
from vigie.flow import anchors, records
from vigie.flow.anchoring import parties, unreached
from vigie.flow.transaction import writing
from vigie.store.models import PublishedCheckpoint, TimeAnchor

if TYPE_CHECKING:
    from vigie.exchange.tsa import Authority, Stamp
    from vigie.flow.house import House

KIND: Final = "tsa"
RECORD: Final = "time.anchor"

Ask = Callable[["Authority", bytes], "Stamp"]


def stamp_due(house: House, ask: Ask = tsa.stamp) -> TimeAnchor | None:
    """Have the newest checkpoint stamped where the last stamp is an hour old.

    The last one is the last that was made, not the one with the latest time: a
    clock that jumped back must not keep stamps away.
    """
    last = TimeAnchor.objects.order_by("-pk").values_list("at", flat=True).first()
    if last is not None and 0 <= house.now() - last < anchors.STAMP_MS:
        return None
    return _stamp(house, ask, anchors.newest(), patient=True)


def stamp_now(house: House, size: int | None = None, ask: Ask = tsa.stamp) -> TimeAnchor | None:
    """Have the newest checkpoint, or the one of this size, stamped now; None: nobody answers."""
    row = anchors.newest()
    if size is not None:
        row = PublishedCheckpoint.objects.filter(size=size).first()
    return _stamp(house, ask, row, patient=False)


def _stamp(
    house: House, ask: Ask, row: PublishedCheckpoint | None, *, patient: bool
) -> TimeAnchor | None:
    if row is None or row.size == 0:
        return None
    there = TimeAnchor.objects.filter(size=row.size).order_by("pk").first()
    if there is not None and not patient:
        return there
    made: TimeAnchor | None = None
    for one in parties.authorities(house.settings):
        if patient and not unreached.is_due(one.name, house.now()):
            continue
        made = _asked(house, row, one, ask) or made
        if made is not None and abs(made.gen_time - made.at) <= anchors.DRIFT_MS:
            break  # a clock that differs from ours: hear the next authority too
    return made


def _asked(house: House, row: PublishedCheckpoint, one: Authority, ask: Ask) -> TimeAnchor | None:
    try:
        got = ask(one, anchors.stamped(row.note))
    except OutsideError as problem:
        unreached.failed(one.name, KIND, problem.code, house.now())
        return None
    unreached.reached(one.name)
    return _kept(house, row, one, got)


def _kept(house: House, row: PublishedCheckpoint, one: Authority, got: Stamp) -> TimeAnchor:
    now = house.now()
    plain = {
        "size": row.size,
        "root": row.root,
        "authority": one.name,
        "gen_time": got.gen_time,
        "sha256": sha256(got.response).hexdigest(),
    }
    with writing():
        draft = records.draft(RECORD, now, plain)
        records.append_one(draft)
        return TimeAnchor.objects.create(
            size=row.size,
            authority=one.name,
            token=got.response,
            chain=got.chain,
            gen_time=got.gen_time,
            at=now,
            record_id=draft.record_id,
        )
