# SPDX-License-Identifier: Apache-2.0
"""Opens the store of a data folder for a command, and lends the jobs lock."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from vigie import locks
from vigie.cli import frame
from vigie.core.errors import UnavailableError

if TYPE_CHECKING:
    from vigie.flow.house import House
    from vigie.settings import Settings


def open_house(folder: Path) -> House:
    """Return what flow's verbs are given, with the store open.

    Raises UnavailableError where the folder was never set up.
    """
    settings = frame.settings(folder)
    if not settings.keys_dir.is_dir():
        raise UnavailableError(
            f"{folder} is not set up.",
            code="not_set_up",
            field="--data-dir",
            fix=f"Run `vigie init --data-dir {folder}`.",
        )
    return load_house(settings)


def load_house(settings: Settings) -> House:
    """Load Django with these settings and build the house."""
    load_django()
    from vigie.flow.house import build

    return build(settings)


def load_django() -> None:
    """Set Django up once; `frame.settings` has said with which folder."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "vigie.django_settings"
    from vigie import sqlite_driver  # noqa: F401 - before Django looks for SQLite

    import django  # isort: skip

    django.setup()


@contextmanager
def jobs_lock(settings: Settings) -> Iterator[bool]:
    """Hold the lock of `jobs` if it is free; False: a running `jobs` does the work."""
    with _lent(settings, "jobs") as mine:
        yield mine


@contextmanager
def signing_lock(settings: Settings) -> Iterator[bool]:
    """Hold the lock of the checkpointer if it is free; False: another process signs."""
    with _lent(settings, "checkpointer") as mine:
        yield mine


@contextmanager
def _lent(settings: Settings, role: str) -> Iterator[bool]:
    try:
        lock = locks.acquire(settings.run_dir / f"{role}.lock", address="a command")
    except locks.HeldError:
        yield False
        return
    with lock:
        yield True
