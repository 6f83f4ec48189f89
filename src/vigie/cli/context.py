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

    Raises UnavailableError where the folder was never set up, or by another
    version of Vigie.
    """
    settings = frame.settings(folder)
    if not settings.keys_dir.is_dir():
        raise UnavailableError(
            f"{folder} is not set up.",
            code="not_set_up",
            field="--data-dir",
            fix=f"Run `vigie init --data-dir {folder}`.",
        )
    house = load_house(settings)
    check_version(folder)
    return house


def check_version(folder: Path) -> None:
    """Raise UnavailableError where the store is not of the form that this version knows."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    if set(executor.loader.applied_migrations) - set(executor.loader.disk_migrations):
        raise UnavailableError(
            f"{folder} was used by a newer version of Vigie.",
            code="newer_store",
            field="--data-dir",
            fix="Install that version or a later one.",
        )
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise UnavailableError(
            f"{folder} was made by an older version of Vigie.",
            code="older_store",
            field="--data-dir",
            fix=f"Make a backup, then run `vigie init --data-dir {folder}`: it brings the store "
            "up to date and keeps all that is there.",
        )


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
