# SPDX-License-Identifier: Apache-2.0
"""The jobs process: fold, archive, send, issue, build Snapshots, sign, forget.

Single by flock on `run/jobs.lock`, which the caller holds. Loading this package
loads no Django: the process of a role decides with which data folder it runs.
"""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

from vigie.settings import Settings

if TYPE_CHECKING:
    from vigie.flow.house import House


def run(settings: Settings, stop: threading.Event) -> None:
    """Do everything until told to stop; what is in hand is finished first."""
    load_django(settings)
    from vigie.flow.house import build  # noqa: PLC0415 - after Django
    from vigie.jobs.crew import Crew  # noqa: PLC0415

    Crew(build(settings), stop).run()


def run_checkpointer(settings: Settings, stop: threading.Event) -> None:
    """Sign checkpoints only, until told to stop; holds `run/checkpointer.lock`."""
    load_django(settings)
    from vigie.flow.house import build  # noqa: PLC0415 - after Django
    from vigie.jobs.signing import sign_until  # noqa: PLC0415

    sign_until(build(settings), stop)


def drain(house: House) -> None:
    """Fold and seal everything that is there, build the Snapshot, sign; then return.

    The caller holds the lock of `jobs`.
    """
    from vigie.jobs.folding import Folding  # noqa: PLC0415 - loads Django
    from vigie.jobs.signing import sign_once  # noqa: PLC0415

    folding = Folding(house)
    try:
        folding.drain()
    finally:
        folding.close()
    sign_once(house)


def load_django(settings: Settings) -> None:
    """Set Django up for this data folder, once in a process."""
    os.environ["VIGIE_DATA_DIR"] = str(settings.data_dir)
    os.environ["VIGIE_DATABASE_URL"] = settings.database_url
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vigie.django_settings")
    from vigie import sqlite_driver  # noqa: F401, PLC0415 - before Django looks for SQLite

    import django  # noqa: PLC0415  # isort: skip

    django.setup()
