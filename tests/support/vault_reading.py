# SPDX-License-Identifier: Apache-2.0
"""An officer who opens records one after another, in a process of its own.

`python -m tests.support.vault_reading FOLDER COUNT TRIES`: says `opened N` for each whose
bytes came, `refused CODE` or `down N` for each that did not; ends after COUNT openings.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import django


def main(folder: Path, count: int, tries: int) -> None:
    """Seal and open, whatever happens to the vault process meanwhile."""
    django.setup()
    from vigie.core.clock import SystemClock
    from vigie.core.errors import RefusedError, UnavailableError
    from vigie.flow import desk_settings
    from vigie.flow.house import build
    from vigie.flow.vault import access, seal
    from vigie.settings import Settings
    from vigie.store.models import User

    house = build(Settings(data_dir=folder), SystemClock())
    desk_settings.set(house, None, "evidence_per_day", 500)
    user = User.objects.filter(username="l.anders").first()
    user = user or User.objects.create_user("l.anders", None, role="legal")
    opened = 0
    for number in range(tries):
        if opened == count:
            break
        data = f"record {number}".encode()
        row = seal.seal(
            house, data=data, kind="media", cls="hate", rule="complaint", basis="test",
            service="default", item_id=f"p-{number}",
        )  # fmt: skip
        try:
            same = access.read(house, user, row, "review") == data
            print("opened" if same else "garbled", row.number, flush=True)
            opened += 1
        except RefusedError as problem:
            print("refused", problem.code, flush=True)
        except UnavailableError:
            print("down", row.number, flush=True)
            # Each try counts against the day's cap, and a loaded machine starts slowly.
            time.sleep(0.8)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
