# SPDX-License-Identifier: Apache-2.0
"""What `jobs` says of itself: `run/jobs.status.json`, read by /readyz and /metrics."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Iterable
from typing import Any, Final

import msgspec
from django.db.models import Min

from vigie.core.clock import HOUR_MS
from vigie.flow.house import House
from vigie.flow.orders import listing
from vigie.store.models import (
    BrokenPromise,
    Case,
    CaseState,
    ClockState,
    DutyClock,
    Effect,
    OutgoingTask,
    Statement,
    StatementState,
    TaskState,
)
from vigie.web import limits

FILE: Final = "jobs.status.json"
KEPT: Final = 10_000
_UNSENT: Final = (TaskState.WAITING, TaskState.FAILED, TaskState.SENT)


class Figures:
    """Collects figures of all threads; written as one file, whole."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._waited: deque[int] = deque(maxlen=KEPT)
        self._values: dict[str, Any] = {}
        self._lock = threading.Lock()

    def set(self, **values: Any) -> None:
        """Set figures by name."""
        with self._lock:
            self._values.update(values)

    def value(self, name: str) -> Any:
        """Return a figure as it was last set; None before."""
        with self._lock:
            return self._values.get(name)

    def promises(self, waited: Iterable[int]) -> None:
        """Take the milliseconds from answer to checkpoint of new entries."""
        with self._lock:
            self._waited.extend(waited)

    def write(self) -> None:
        """Write the file; readers see the old or the new one."""
        with self._lock:
            values = {**self._values, **self._promise(), **counted(self._house.now())}
        values["at"] = self._house.now()
        folder = self._house.settings.run_dir
        folder.mkdir(parents=True, exist_ok=True)
        draft = folder / f".{FILE}.{os.getpid()}"
        draft.write_bytes(msgspec.json.encode(values))
        draft.replace(folder / FILE)

    def _promise(self) -> dict[str, float]:
        if not self._waited:
            return {"promise_p99_seconds": 0.0}
        ordered = sorted(self._waited)
        return {"promise_p99_seconds": ordered[(len(ordered) * 99) // 100] / 1000}


def counted(now: int) -> dict[str, float]:
    """Return the figures that the store itself holds."""
    oldest = OutgoingTask.objects.filter(state__in=_UNSENT, not_before__lte=now).aggregate(
        oldest=Min("not_before")
    )["oldest"]
    return {
        "oldest_unsent_seconds": 0.0 if oldest is None else max(0.0, (now - oldest) / 1000),
        "tasks_dead": OutgoingTask.objects.filter(state=TaskState.DEAD).count(),
        "effects_overdue": Effect.objects.filter(overdue=True).count(),
        "cases_open": Case.objects.filter(state=CaseState.OPEN).count(),
        "promises_broken": BrokenPromise.objects.count(),
        "statements_waiting": Statement.objects.filter(state=StatementState.PREPARED).count(),
        "clocks_late": DutyClock.objects.filter(state=ClockState.MISSED).count(),
        "clocks_due_hour": listing.soon(None, now, HOUR_MS).count(),
        **limits.counted(),
    }
