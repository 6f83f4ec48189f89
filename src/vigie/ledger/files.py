# SPDX-License-Identifier: Apache-2.0
"""Files that are there as a whole or not at all, also after a power cut.

Written under another name, synced, renamed, and the folder synced: a reader
never sees half a file, and what was answered is on the disk.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Protocol


class Files(Protocol):
    """Writes and removes files of a log. Tests put a forgetful layer here."""

    def write(self, path: Path, data: bytes) -> None:
        """Put a file in place, whole; durable once its folder is synced."""
        ...

    def sync(self, folder: Path) -> None:
        """Make the names in a folder durable."""
        ...


class DurableFiles:
    """The real thing: fsync and rename."""

    def write(self, path: Path, data: bytes) -> None:
        """Write under a name of its own, sync, rename."""
        if not path.parent.is_dir():
            make_folder(path.parent)
        draft = path.with_name(f".{path.name}.tmp")
        with draft.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)

    def sync(self, folder: Path) -> None:
        """Sync the folder's names."""
        sync_folder(folder)


def sync_folder(folder: Path) -> None:
    """Make renames in a folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def make_folder(folder: Path) -> None:
    """Create a folder and what leads to it, each name durable."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    for path in reversed(missing):
        path.mkdir(exist_ok=True)
        sync_folder(path.parent)
