# SPDX-License-Identifier: Apache-2.0
"""Going on under the same log number although the store is behind: from a copy of the log.

The published log holds every entry, 33 opaque bytes each. Where somebody still
has a copy, the entries that the store lost are put back: the tree is whole
again and grows on, nothing forks. What stood behind them is lost all the same;
a record says which indexes nobody here can open.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

from vigie.core.errors import ConflictError, RefusedError
from vigie.flow import records
from vigie.flow.anchoring import forks, parties
from vigie.flow.backup.unpack import WHO
from vigie.flow.checkpoints import StoreSource
from vigie.flow.house import House
from vigie.flow.insert import insert
from vigie.flow.transaction import writing
from vigie.ledger.frontier import Frontier
from vigie.ledger.policy import of_key
from vigie.ledger.source import read_all
from vigie.ledger.verify.errors import LedgerError
from vigie.ledger.verify.logdir import ReadLog, verify_log
from vigie.store.models import LogEntry

RECORD: Final = "log.refilled"
_GROUP: Final = 4096
_ROW: Final = ("index", "entry", "record", "promised_until", "since")


class Refilled(NamedTuple):
    """The entries that were put back: from this index to before that one."""

    first: int
    until: int


def refill(house: House, copy: Path, reason: str, by: str) -> Refilled:
    """Put back the entries that the store lost, from a verified copy of our own log.

    Raises RefusedError where the copy is not whole, not signed by this log's
    key, or does not begin with the store's own entries; ConflictError where it
    holds nothing more. The caller holds the locks of `jobs` and of the
    checkpointer, and compares again afterwards.
    """
    forks.check_reason(reason)
    log = _verified(house, copy)
    first, until = StoreSource().size(), log.checkpoint.size
    if until <= first:
        raise ConflictError(
            "This copy holds no more entries than the store.", code="nothing_to_refill"
        )
    _check_begins(log, first)
    now = house.now()
    with writing():
        for start in range(first, until, _GROUP):
            rows = log.entries[start : min(start + _GROUP, until)]
            insert(LogEntry, _ROW, [(start + n, e, None, None, now) for n, e in enumerate(rows)])
        plain = {"first": first, "until": until}
        personal = {"reason": reason, "by": by}
        records.append_one(records.draft(RECORD, now, plain, personal))
    _let_go(house)
    return Refilled(first, until)


def _verified(house: House, copy: Path) -> ReadLog:
    try:
        return verify_log(str(copy), of_key(parties.log_vkey(house.settings)))
    except LedgerError as problem:
        raise RefusedError(
            f"This is no whole copy of this log: {problem.message}",
            code="bad_copy",
            field=problem.field,
            fix="Give a folder as it is served under /log/1/.",
        ) from problem


def _check_begins(log: ReadLog, first: int) -> None:
    frontier = Frontier()
    for _ in frontier.append(read_all(StoreSource(), 0, first)):
        pass
    if frontier.root() != log.root_at(first):
        raise RefusedError(
            "The copy does not begin with the entries of this store: two histories.",
            code="other_history",
            fix="`vigie ledger begin-next --reason ...` is the honest way on.",
        )


def _let_go(house: House) -> None:
    """Take the refusal off the file: the log itself checks again when it starts."""
    state = forks.state_of(house)
    state.set_refusal_aside()
    alarm = state.alarm()
    if alarm is not None and alarm.who == WHO:
        with suppress(LedgerError):
            state.dismiss_alarm()
