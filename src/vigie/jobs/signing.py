# SPDX-License-Identifier: Apache-2.0
"""Signing checkpoints: within a second of a change, and by one process only."""

from __future__ import annotations

import threading
from typing import Final

import structlog

from vigie import locks
from vigie.core.errors import VigieError
from vigie.flow import anchors
from vigie.flow.checkpoints import Published, open_log, publish_checkpoint
from vigie.flow.house import House
from vigie.ledger.log import Log
from vigie.ledger.verify.errors import LedgerError
from vigie.store.models import Cosignature

LOCK: Final = "checkpointer.lock"
log = structlog.get_logger(__name__)


def sign_once(house: House) -> Published | None:
    """Publish one checkpoint if nobody else signs; None where nothing was new."""
    try:
        lock = locks.acquire(house.settings.run_dir / LOCK)
    except locks.HeldError:
        return None
    with lock:
        ledger = start(house)
        return publish_checkpoint(ledger, house)


def start(house: House) -> Log:
    """Open the log and compare it with what was signed before."""
    ledger = open_log(house.settings)
    ledger.start(house.now())
    return ledger


def sign_until(house: House, stop: threading.Event) -> None:
    """Sign while this process holds the checkpointer's lock (the caller took it)."""
    ledger = start(house)
    cosigned = Cosigned(house)
    while not stop.wait(house.settings.checkpoint_seconds):
        cosigned.show(ledger)
        publish_checkpoint(ledger, house)


class Cosigned:
    """Puts what witnesses cosigned under the published checkpoint.

    The signer does it: whoever else wrote there could put an older one over a
    newer. Witnesses' lines come through the store, from `jobs`.
    """

    def __init__(self, house: House) -> None:
        self._house = house
        self._last = -1

    def show(self, ledger: Log) -> None:
        """Publish lines that came since the last call, if there are any."""
        newest = Cosignature.objects.order_by("-pk").values_list("pk", "size").first()
        if newest is None or newest[0] == self._last:
            return
        self._last = newest[0]
        try:
            note, quorum = anchors.note(newest[1]), anchors.newest_cosigned(self._house)
        except VigieError:
            return  # the witness file cannot be read: `jobs` and `vigie check` say so
        if note is not None:
            ledger.show_cosigned(newest[1], note.encode())
        if quorum is not None:
            ledger.keep_cosigned(quorum.encode())


class Signing:
    """Signs within `jobs`, unless another process is the checkpointer."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.refused = ""
        self._lock: locks.Lock | None = None
        self._ledger: Log | None = None
        self._cosigned = Cosigned(house)

    def turn(self) -> Published | None:
        """Sign what is new; None where nothing is, or where somebody else signs."""
        if self.refused or not self._hold():
            return None
        try:
            if self._ledger is None:
                self._ledger = start(self.house)
            self._cosigned.show(self._ledger)
            return publish_checkpoint(self._ledger, self.house)
        except LedgerError as problem:
            # A refusal to sign is final for this process: a person must look.
            self.refused = problem.code
            log.error("checkpoint_refused", code=problem.code)  # noqa: TRY400
            return None

    def _hold(self) -> bool:
        if self._lock is None:
            try:
                self._lock = locks.acquire(self.house.settings.run_dir / LOCK, address="jobs")
            except locks.HeldError:
                return False
        return True

    def close(self) -> None:
        """Let another process sign."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None
