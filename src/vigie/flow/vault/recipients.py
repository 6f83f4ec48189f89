# SPDX-License-Identifier: Apache-2.0
"""The file of public keys changes as a whole, under a lock: nobody seals to half of it."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from vigie import locks
from vigie.evidence import keys
from vigie.flow.vault import layout
from vigie.screening.snapshot_files import write_durably
from vigie.settings import Settings

LOCK: Final = "vault-recipients.lock"
WAIT_S: Final = 10.0


def change(settings: Settings, **values: Any) -> keys.Recipients:
    """Set fields of the file; returns what it says now."""
    folder = layout.folder(settings)
    for lane in (keys.GENERAL, keys.CHILD):
        # The machine door finds its folders: it makes none of its own.
        layout.make_folder(folder / layout.INCOMING / lane)
    with locks.acquire(settings.run_dir / LOCK, wait=WAIT_S):
        made = msgspec.structs.replace(keys.load(folder), **values)
        write_durably(folder / keys.FILE, msgspec.json.encode(made), mode=0o644)
    return made
