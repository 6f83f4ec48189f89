# SPDX-License-Identifier: Apache-2.0
"""The next log number: begun by a person, after this one has refused to sign.

The next log holds the same entries from the first on, under a key of its own
(one public key has one place in a policy). What the old number promised and the
store lost stays lost: the record says how much.
"""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from vigie import origin as origins
from vigie.core.errors import ConflictError
from vigie.flow import records
from vigie.flow.anchoring import forks
from vigie.flow.checkpoints import StoreSource, state_folder
from vigie.flow.transaction import writing
from vigie.keys import KeyName
from vigie.ledger.files import DurableFiles
from vigie.ledger.log import next_origin
from vigie.ledger.state import LogState, split_origin
from vigie.ledger.verify.checkpoints import Checkpoint
from vigie.ledger.verify.errors import LedgerError
from vigie.ledger.verify.merkle import EMPTY_ROOT
from vigie.screening.snapshot_files import write_durably

if TYPE_CHECKING:
    from vigie.flow.house import House

RECORD: Final = "log.begun"


def begin_next(house: House, reason: str, by: str) -> str:
    """Begin the next log number; return its origin.

    Raises ConflictError where this log has neither refused nor an alarm: a log
    that can go on must. The caller holds the locks of `jobs` and of the
    checkpointer; processes read the new name when they start.
    """
    forks.check_reason(reason)
    settings = house.settings
    state = forks.state_of(house)
    size = StoreSource().size()
    _refuse(state, settings.log_origin, size, house.now())
    try:
        following = next_origin(state_folder(settings), settings.log_origin, DurableFiles())
    except LedgerError as problem:
        raise ConflictError(
            "This log has not refused to sign: it goes on.", code="log_goes_on"
        ) from problem
    refusal = state.refusal()
    signed = refusal.signed_size if refusal else 0
    plain = {"log": following, "before": settings.log_origin, "signed": signed, "entries": size}
    with writing():
        personal = {"reason": reason, "by": by}
        records.append_one(records.draft(RECORD, house.now(), plain, personal))
    _new_key(settings.keys_dir, split_origin(settings.log_origin)[1])
    write_durably(settings.keys_dir / origins.FILE, following.encode())
    return following


def _refuse(state: LogState, origin: str, size: int, now: int) -> None:
    """Turn a fork alarm into the refusal that the next number needs."""
    alarm = state.alarm()
    if alarm is None or state.refusal() is not None:
        return
    with suppress(LedgerError):
        signed = Checkpoint(origin, alarm.signed_size, EMPTY_ROOT)
        state.refuse(alarm.reason, signed, size, now)


def _new_key(folder: Path, number: int) -> None:
    """Put the old number's key aside and make one for the next; begun twice it changes nothing."""
    aside = folder / f"{KeyName.LOG}-{number}"
    if not aside.exists():
        (folder / KeyName.LOG).replace(aside)
    if not (folder / KeyName.LOG).exists():
        old = os.umask(0o177)
        try:
            write_durably(folder / KeyName.LOG, secrets.token_hex(32).encode() + b"\n")
        finally:
            os.umask(old)
