# SPDX-License-Identifier: Apache-2.0
"""`kill -9` and power loss under a witness: what it cosigned it never forgets."""

from __future__ import annotations

import contextlib
import random
import threading
import time

import httpx2
import pytest

from tests.faults.conftest import FULL
from tests.faults.test_power import NEEDED, losses, said
from tests.support.ledger import ORIGIN
from tests.support.power import Cut
from tests.support.witnessed import LOG, ask, fork
from tests.support.witnessing import make, process
from vigie.ledger.verify.errors import LedgerError
from vigie.ledger.witness_store import FileWitnessStore

KILLS = 500 if FULL else 6
EARLY = """
import threading
from vigie.ledger import witness_store
from vigie.witness import home

class Early(witness_store.FileWitnessStore):
    'Answers before it writes: what a witness must never do.'
    seen = None

    def load(self, origin):
        return self.seen or super().load(origin)

    def compare_and_set(self, origin, old, new):
        if ((found := self.load(origin)) and found.size or 0) != old:
            return False
        self.seen = new
        threading.Timer(0.05, lambda: self._put(origin, new)).start()
        return True

home.FileWitnessStore = Early
from vigie.cli import main
main()
"""

pytestmark = pytest.mark.campaign


class Grow:
    """A log that has its checkpoints cosigned as fast as the witness answers."""

    def __init__(self, address: str, size: int) -> None:
        self.size = size
        """What was acknowledged last."""
        self._address = f"{address}/add-checkpoint"
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        with contextlib.suppress(httpx2.HTTPError), httpx2.Client() as client:
            while True:
                body = ask(self.size, self.size + 1)
                answer = client.post(self._address, content=body)
                if answer.status_code == 409:
                    # The answer before was lost with the process: it had been written.
                    self.size = int(answer.text)
                    continue
                assert answer.status_code == 200
                self.size += 1

    def wait(self) -> None:
        """Wait for the first acknowledgement."""
        limit, first = time.monotonic() + 20, self.size
        while self.size == first and time.monotonic() < limit:
            time.sleep(0.001)

    def stop(self) -> None:
        """Wait for the end: the witness is gone."""
        self._thread.join(20)


def remembers(address: str, size: int) -> bool:
    """Say whether the witness refuses to begin anew, and knows at least this size."""
    answer = httpx2.post(f"{address}/add-checkpoint", content=fork(size))
    return answer.status_code == 409 and int(answer.text) >= size


def forgets(folder, dice: random.Random, kills: int, *fault: str) -> bool:
    """Kill a witness again and again; say whether it ever forgot what it had cosigned."""
    make(folder, LOG.vkey)
    acknowledged = 0
    for _ in range(kills):
        with process(folder, *fault) as (running, address):
            if acknowledged and not remembers(address, acknowledged):
                return True
            log = Grow(address, acknowledged)
            log.wait()
            time.sleep(dice.uniform(0.0, 0.15))
            running.kill()
            log.stop()
            acknowledged = log.size
    assert acknowledged > kills
    return False


def test_no_kill_makes_a_witness_forget_what_it_cosigned(tmp_path, dice) -> None:
    assert not forgets(tmp_path / "w", dice, KILLS)


def test_control_a_witness_that_answers_before_it_writes_forgets(tmp_path, dice) -> None:
    assert forgets(tmp_path / "w", dice, 8, "-c", EARLY)


def witness_lost(cut: Cut) -> bool:
    """Say whether the witness, opened again, knows less than it had cosigned."""
    try:
        seen = FileWitnessStore(cut.folder / "seen").load(ORIGIN)
    except (LedgerError, OSError):
        return True
    return (seen.size if seen else 0) < said(cut, "cosigned")


def test_no_cut_of_power_makes_a_witness_forget(tmp_path) -> None:
    make(tmp_path / "data", LOG.vkey)
    assert losses(tmp_path, "witness", witness_lost) == 0


def test_control_a_witness_that_does_not_sync_forgets(tmp_path) -> None:
    make(tmp_path / "data", LOG.vkey)
    lost = losses(tmp_path, "witness", witness_lost, "forget-files")
    print(f"without syncs {lost} cuts make a witness forget")
    assert lost * 200 >= NEEDED * (1000 if FULL else 200)
