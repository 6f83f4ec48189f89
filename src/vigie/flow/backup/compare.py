# SPDX-License-Identifier: Apache-2.0
"""Holding the store against every checkpoint that is known outside it.

The same check after a restored backup, a failover of PostgreSQL that lost
commits, or a doubt: where somebody outside knows a longer or another history,
this log never signs again; the next number begins by an explicit act.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

from vigie.core.errors import InvalidInputError, NotFoundError, OutsideError
from vigie.exchange import outbound
from vigie.exchange import witness as exchange
from vigie.flow import records
from vigie.flow.anchoring import forks, parties
from vigie.flow.backup.unpack import WHO
from vigie.flow.checkpoints import StoreSource, open_log
from vigie.flow.house import House
from vigie.flow.transaction import writing
from vigie.ledger.checkpoint import open_checkpoint
from vigie.ledger.frontier import Frontier
from vigie.ledger.note import Verifier
from vigie.ledger.source import read_all
from vigie.ledger.state import Alarm
from vigie.ledger.verify.checkpoints import Checkpoint
from vigie.ledger.verify.errors import LedgerError

RECORD: Final = "log.compared"
_MOST: Final = 1 << 20
_OWN: Final = "what this log signed itself"
SAME: Final = "same"
AHEAD: Final = "ahead"
OTHER: Final = "other"
UNREACHED: Final = "unreached"


class Known(NamedTuple):
    """A checkpoint that our key signed, and where it was found; note empty: not reached."""

    where: str
    note: bytes
    checkpoint: Checkpoint | None = None


class Row(NamedTuple):
    """What one place knows, held against the store: `same`, `ahead`, `other`, `unreached`."""

    where: str
    state: str
    size: int | None


class Comparison(NamedTuple):
    """The store against all that is known outside."""

    found: int
    """Entries in the store."""
    rows: tuple[Row, ...]
    newest: bytes = b""
    """The largest checkpoint that was found."""

    @property
    def contradicts(self) -> bool:
        """True where somebody knows a longer or another history."""
        return any(row.state in (AHEAD, OTHER) for row in self.rows)

    @property
    def outside(self) -> int:
        """How many places outside this folder were compared."""
        return sum(row.where != _OWN and row.state != UNREACHED for row in self.rows)

    @property
    def lost(self) -> int:
        """How many published entries the store does not hold."""
        ahead = [row.size or 0 for row in self.rows if row.state == AHEAD]
        return max(ahead, default=self.found) - self.found


def gather(house: House, places: Sequence[str]) -> list[Known]:
    """Read the checkpoints at these files and addresses, and at every witness.

    Raises InvalidInputError for a place that shows something which this log's
    key never signed: a mistaken file must not pass for a comparison.
    """
    keys = [Verifier(parties.log_vkey(house.settings))]
    found = [_opened(place, _fetched(place), keys) for place in places]
    for one in parties.witnesses(house.settings):
        where = f"witness {one.name}"
        try:
            note = exchange.latest(one, house.settings.log_origin, list(keys))
        except OutsideError:
            found.append(Known(where, b""))
            continue
        if note is not None:
            found.append(_opened(where, note.encode(), keys))
    own = forks.state_of(house).signed()
    return [*found, *([_opened(_OWN, own, keys)] if own else [])]


def _fetched(place: str) -> bytes:
    if not place.startswith(("https://", "http://")):
        try:
            return Path(place).read_bytes()
        except OSError as problem:
            raise NotFoundError(
                f"{place} cannot be read.", code="no_checkpoint", field="--checkpoint"
            ) from problem
    got = outbound.get(
        outbound.target(place, allow_private=True), {}, most=_MOST, wanted=lambda _: True
    )
    if not got.body:
        raise OutsideError(f"{place} answered {got.status}.", code="no_checkpoint")
    return got.body


def _opened(where: str, note: bytes, keys: Sequence[Verifier]) -> Known:
    try:
        return Known(where, note, open_checkpoint(note, keys))
    except LedgerError as problem:
        raise InvalidInputError(
            f"{where} is no checkpoint that this log's key signed.",
            code="not_our_checkpoint",
            field="--checkpoint",
            fix="Give the file `checkpoint` of this log, or of a copy of it.",
        ) from problem


def compare(known: Sequence[Known]) -> Comparison:
    """Hold the store's entries against the checkpoints, in one pass over the entries."""
    source = StoreSource()
    found, at, frontier = source.size(), 0, Frontier()
    rows = [Row(one.where, UNREACHED, None) for one in known if one.checkpoint is None]
    opened = [(one, one.checkpoint) for one in known if one.checkpoint is not None]
    for one, checkpoint in sorted(opened, key=lambda pair: pair[1].size):
        state = AHEAD
        if checkpoint.size <= found:
            for _ in frontier.append(read_all(source, at, checkpoint.size)):
                pass
            at = checkpoint.size
            state = SAME if frontier.root() == checkpoint.root else OTHER
        rows.append(Row(one.where, state, checkpoint.size))
    newest = max(opened, key=lambda pair: pair[1].size)[0].note if opened else b""
    return Comparison(found, tuple(rows), newest)


def settle(house: House, compared: Comparison, by: str) -> None:
    """Draw the consequence: sign on, stay stopped, or stop for good (see `stopped`).

    Where nothing outside could be asked, what stood stands. The caller holds
    the locks of `jobs` and of the checkpointer.
    """
    state = forks.state_of(house)
    alarm = state.alarm()
    waits = alarm is not None and alarm.who == WHO
    if compared.contradicts:
        _stop(house, compared, waits=waits)
        return
    if compared.outside:
        plain = {"entries": compared.found, "places": compared.outside}
        with writing():
            records.append_one(records.draft(RECORD, house.now(), plain, {"by": by}))
        if waits:
            state.dismiss_alarm()


def _stop(house: House, compared: Comparison, *, waits: bool) -> None:
    """Let the log itself refuse where it is shorter; sound an alarm where it is another."""
    state = forks.state_of(house)
    if waits:
        state.dismiss_alarm()
    if compared.lost:
        state.store_signed(compared.newest)
        with suppress(LedgerError):
            open_log(house.settings).start(house.now())
    for row in compared.rows:
        if row.state == OTHER:
            seen = row.size or 0
            reason = "A checkpoint that our own key signed shows another history of this log."
            forks.sound(house, Alarm(row.where, reason, compared.found, seen, house.now()))


def stopped(house: House) -> str:
    """Try to open the log for signing; say why it cannot, empty: it can.

    The caller holds the lock of the checkpointer.
    """
    try:
        open_log(house.settings).start(house.now())
    except LedgerError as problem:
        return problem.message
    return ""
