# SPDX-License-Identifier: Apache-2.0
"""The vault process: the one door behind which sealed evidence is opened.

It alone reads the identities; everybody else has public keys. It answers on a
Unix socket, looks every leave up itself, and writes nothing but that a leave was
used or refused. Loading this package loads no Django.
"""

from __future__ import annotations

import os
import threading

from vigie.settings import Settings


def run(settings: Settings, stop: threading.Event) -> None:
    """Answer until told to stop; holds `run/vault.lock`, which the caller took."""
    os.environ["VIGIE_DATA_DIR"] = str(settings.data_dir)
    os.environ["VIGIE_DATABASE_URL"] = settings.database_url
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vigie.django_settings")
    from vigie import sqlite_driver  # noqa: F401, PLC0415 - before Django looks for SQLite

    import django  # noqa: PLC0415  # isort: skip

    django.setup()
    from vigie.flow.house import build  # noqa: PLC0415 - after Django
    from vigie.vault.server import serve  # noqa: PLC0415

    serve(build(settings), stop)
