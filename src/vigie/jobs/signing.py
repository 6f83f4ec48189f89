# SPDX-License-Identifier: Apache-2.0
"""Signing checkpoints: within a second of a change, and by one process only."""

from __future__ import annotations

import threading
from typing import Final

import structlog

from vigie import locks
from vigie.flow.checkpoints import Published, open_log, publish_checkpoint
from vigie.flow.house import House
from vigie.ledger.log import Log
from vigie.ledger.verify.errors import LedgerError

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
    while not stop.wait(house.settings.checkpoint_seconds):
        publish_checkpoint(ledger, house)


class Signing:
    """Signs within `jobs`, unless another process is the checkpointer."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.refused = ""
        self._lock: locks.Lock | None = None
        self._ledger: Log | None = None

    def turn(self) -> Published | None:
        """Sign what is new; None where nothing is, or where somebody else signs."""
        if self.refused or not self._hold():
            return None
        try:
            if self._ledger is None:
                self._ledger = start(self.house)
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
