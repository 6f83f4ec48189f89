# SPDX-License-Identifier: Apache-2.0
"""The threads of `jobs`: each does one kind of work at its own pace.

Folding must not wait for a webhook that hangs, nor a signature for the building
of an index. Each thread has a database connection of its own; one that fails
is written down, waits and goes on.
"""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import structlog
from django.apps import apps
from django.db import close_old_connections, connections

from vigie.flow import retain
from vigie.flow.deliver import deliver, deliver_mail, mark_overdue
from vigie.flow.gateway import usage
from vigie.flow.house import House
from vigie.flow.intimate import search as intimate
from vigie.flow.orders import clocks, effects, silence
from vigie.flow.orders import read as reading
from vigie.flow.queues.claims import forget_watches
from vigie.flow.queues.route import route
from vigie.flow.reports import send as reports
from vigie.flow.search import index
from vigie.flow.search_day import officers
from vigie.flow.snapshot_sweep import sweep
from vigie.flow.snapshots import PUBLISHING, mark_changed, publish_snapshot
from vigie.flow.statements import due_statements, issue_statement
from vigie.flow.strikes.measures import expire_measures
from vigie.flow.vault import follow as preservation
from vigie.flow.vault.adopt import adopt
from vigie.jobs.anchoring import STAMP_PAUSE, WITNESS_PAUSE, Anchoring
from vigie.jobs.folding import Folding
from vigie.jobs.signing import Signing
from vigie.jobs.status import Figures
from vigie.screening.snapshot import LIGHT

FOLD_PAUSE: Final = 0.1
FORGET_EVERY: Final = 10.0
RETAIN_EVERY: Final = 60.0
SWEEP_EVERY: Final = 3_600.0
SNAPSHOT_PAUSE: Final = 0.25
SEND_PAUSE: Final = 0.25
REPORTS_PAUSE: Final = 2.0
ROUTE_PAUSE: Final = 0.5
"""A case shows up in its queue at the latest so many seconds after the fold."""
STATUS_PAUSE: Final = 1.0
COPIES_PAUSE: Final = 2.0
TAG_PAUSE: Final = 1.0
VAULT_PAUSE: Final = 1.0
CLOCKS_PAUSE: Final = 1.0
ORDERS_PAUSE: Final = 2.0
AFTER_FAILURE: Final = 1.0
log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Every:
    """True once in so many seconds."""

    seconds: float
    last: float = 0.0

    def due(self) -> bool:
        """Say whether the time has come, and start it anew."""
        now = time.monotonic()
        if now - self.last < self.seconds:
            return False
        self.last = now
        return True


def _where(problem: Exception) -> dict[str, str]:
    """Say what failed and where, never with which values: messages may hold content."""
    frames = traceback.extract_tb(problem.__traceback__)
    line = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else ""
    return {"kind": type(problem).__name__, "line": line}


def _know_relations() -> None:
    """Let Django find out which models name which, before threads ask at once.

    It fills these tables when first asked, without a lock; a thread that reads
    a half-filled one fails with FieldError.
    """
    for model in apps.get_models():
        model._meta.get_fields(include_hidden=True)  # noqa: SLF001 - Django's documented API
        assert model._meta.fields_map is not None  # noqa: S101, SLF001


class Crew:
    """All work of `jobs`."""

    def __init__(self, house: House, stop: threading.Event) -> None:
        self.house = house
        self.stop = stop
        self.figures = Figures(house)
        self._folding = Folding(house, pause=self._pause)
        self._signing = Signing(house)
        self._anchoring = Anchoring(house)
        self._forget = Every(FORGET_EVERY)
        self._retain = Every(RETAIN_EVERY)
        self._sweep = Every(SWEEP_EVERY)
        self._watches = Every(RETAIN_EVERY)
        self._caught_up = house.now()

    def run(self) -> None:
        """Work until told to stop; then finish what is in hand."""
        work: tuple[tuple[str, Callable[[], bool], float], ...] = (
            ("send", self.send, SEND_PAUSE),
            ("mail", self.mail, SEND_PAUSE),
            ("route", self.route, ROUTE_PAUSE),
            ("tag", self.tag, TAG_PAUSE),
            ("copies", self.copies, COPIES_PAUSE),
            ("vault", self.vault, VAULT_PAUSE),
            ("reports", self.reports, REPORTS_PAUSE),
            ("clocks", self.clocks, CLOCKS_PAUSE),
            ("orders", self.orders, ORDERS_PAUSE),
            ("snapshot", self.snapshot, SNAPSHOT_PAUSE),
            ("brakes", self.brakes, SNAPSHOT_PAUSE),
            ("sign", self.sign, self.house.settings.checkpoint_seconds),
            ("witness", self._anchoring.witnesses, WITNESS_PAUSE),
            ("stamp", self._anchoring.stamps, STAMP_PAUSE),
            ("status", self.status, STATUS_PAUSE),
        )
        _know_relations()
        mark_changed(self.house)
        threads = [
            threading.Thread(target=self._keep, args=one, name=one[0], daemon=True) for one in work
        ]
        for thread in threads:
            thread.start()
        try:
            self._keep("fold", self.fold, FOLD_PAUSE)
        finally:
            for thread in threads:
                thread.join(timeout=5)
            self._folding.close()
            self._signing.close()
            connections.close_all()

    def _keep(self, name: str, turn: Callable[[], bool], pause: float) -> None:
        """Repeat a turn until told to stop; one that found work is repeated at once."""
        while not self.stop.is_set():
            try:
                close_old_connections()
                busy = turn()
            except Exception as problem:  # noqa: BLE001 - the other work must go on
                log.error("job_failed", job=name, **_where(problem))  # noqa: TRY400
                self.figures.set(**{f"{name}_failed_at": self.house.now()})
                self.stop.wait(AFTER_FAILURE)
                continue
            if not busy:
                self.stop.wait(pause)
        connections.close_all()

    def _pause(self, seconds: float) -> None:
        self.stop.wait(seconds)

    def fold(self) -> bool:
        """Fold, archive, finish erasures, delete what is over."""
        try:
            taken = self._folding.turn()
        except Exception:
            # A fold that fails falls behind, and readiness must say so.
            self.figures.set(fold_lag_seconds=self._behind())
            raise
        self._folding.erase()
        if self._forget.due():
            self._folding.forget()
        if self._retain.due():
            retain.retain(self.house)
        lag = self._folding.lag_seconds() if taken else 0.0
        self._caught_up = self.house.now() - round(lag * 1000)
        self.figures.set(fold_lag_seconds=lag)
        return taken > 0

    def _behind(self) -> float:
        """Return the seconds since nothing waited to be folded."""
        return max(0.0, (self.house.now() - self._caught_up) / 1000)

    def send(self) -> bool:
        """Send what is due, issue statements, mark what nobody confirmed."""
        sent = deliver(self.house)
        issued = [issue_statement(self.house, one) for one in due_statements(self.house.now())]
        mark_overdue(self.house)
        expire_measures(self.house)
        return bool(sent.delivered or any(issued))

    def mail(self) -> bool:
        """Hand over the mails that are due; a server that hangs holds up nothing else."""
        return deliver_mail(self.house).delivered > 0

    def route(self) -> bool:
        """Send new cases to their queues; end what ends by itself."""
        if self._watches.due():
            forget_watches(self.house)
            officers.end_over(self.house)
        return route(self.house) > 0

    def tag(self) -> bool:
        """Write what new decisions can be found by."""
        return index.tag(self.house) > 0

    def copies(self) -> bool:
        """Look for copies of claimed pictures: in the past, and among what came since."""
        return intimate.turn(self.house) > 0

    def orders(self) -> bool:
        """Read orders that were received and not read: a reader that died, a busy moment."""
        return reading.run(self.house) > 0

    def clocks(self) -> bool:
        """Warn of clocks that run out; end the silences that are over and tell the persons."""
        ended = silence.run(self.house) + effects.run(self.house)
        return clocks.run(self.house) + ended > 0

    def reports(self) -> bool:
        """Send the reports that people approved; ask what became of those begun."""
        return reports.send_due(self.house) > 0

    def vault(self) -> bool:
        """Preserve what decisions wait for; make rows of what the machine door sealed."""
        preserved = preservation.turn(self.house)
        return adopt(self.house) + preserved > 0

    def snapshot(self) -> bool:
        """Put what changed into a new Snapshot."""
        number = publish_snapshot(self.house)
        if number is not None:
            self.figures.set(snapshot=number)
        if self._sweep.due():  # in this thread: no large part is being built meanwhile
            with PUBLISHING:
                sweep(self.house)
        return number is not None

    def brakes(self) -> bool:
        """Put brakes, keys and such in force, also while a large part is being built."""
        number = publish_snapshot(self.house, only=LIGHT)
        if number is not None:
            self.figures.set(snapshot=number)
        return number is not None

    def sign(self) -> bool:
        """Publish a checkpoint of what is new."""
        published = self._signing.turn()
        self.figures.set(signing_refused=int(bool(self._signing.refused)))
        if published is not None:
            self.figures.promises(published.waited)
            self.figures.set(log_size=published.size)
        return False

    def status(self) -> bool:
        """Say how it goes, and what gateway keys have used."""
        self.figures.write()
        if self.figures.value("fold_lag_seconds") is not None:
            usage.write(self.house, self._caught_up)
        return False
