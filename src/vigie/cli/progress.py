# SPDX-License-Identifier: Apache-2.0
"""Progress on standard error: a bar for a person, a line now and then for a log."""

from __future__ import annotations

import sys
import time
from typing import Final, Self

from vigie.cli import frame

EVERY: Final = 10.0


class Progress:
    """Counts what was done. Shows nothing but to the person who waits."""

    def __init__(self, what: str, total: int, *, quiet: bool = False) -> None:
        self._what = what
        self._total = max(total, 1)
        self._done = 0
        self._items = 0
        self._next = time.monotonic() + EVERY
        self._quiet = quiet
        self._bar = None if quiet or not sys.stderr.isatty() else _Bar(what, self._total)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def add(self, size: int, items: int) -> None:
        """Note bytes read and items done."""
        self._done += size
        self._items += items
        if self._bar is not None:
            self._bar.show(self._done, self._items)
        elif not self._quiet and time.monotonic() >= self._next:
            share = min(100, 100 * self._done // self._total)
            frame.note(f"{self._what}: {share} %, {self._items:,} items")
            self._next = time.monotonic() + EVERY


class _Bar:
    """A bar of rich, loaded only where somebody sees it."""

    def __init__(self, what: str, total: int) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as RichProgress

        self._progress = RichProgress(
            TextColumn(what),
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[items]:,} items"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
        )
        self._task = self._progress.add_task(what, total=total, items=0)
        self._progress.start()

    def show(self, done: int, items: int) -> None:
        """Move the bar."""
        self._progress.update(self._task, completed=done, items=items)

    def close(self) -> None:
        """Leave the bar as it stands."""
        self._progress.stop()
