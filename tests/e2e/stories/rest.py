# SPDX-License-Identifier: Apache-2.0
"""Lets all sessions of a folder look as if nobody had touched them for an hour.

`python -m tests.e2e.stories.rest FOLDER`
"""

from __future__ import annotations

import os
import sys


def main(folder: str) -> None:
    """Set the time of the last visit back, in the store."""
    os.environ["VIGIE_DATA_DIR"] = folder
    os.environ["DJANGO_SETTINGS_MODULE"] = "vigie.django_settings"
    import vigie.django_settings  # noqa: F401 - it chooses the SQLite library

    import django  # isort: skip

    django.setup()
    from vigie.console.signin import SEEN
    from vigie.store.models import DeskSession
    from vigie.store.sessions import SessionStore

    for row in DeskSession.objects.exclude(account=None):
        session = SessionStore(session_key=row.session_key)
        session[SEEN] = 1
        session.save()


if __name__ == "__main__":
    main(sys.argv[1])
