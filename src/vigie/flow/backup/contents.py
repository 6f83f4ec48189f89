# SPDX-License-Identifier: Apache-2.0
"""What of a data folder goes into a backup, and in which order it is copied.

What signs and names goes in; what opens sealed things never does. The log
is copied before the store, so that the store holds every entry that the copied
checkpoint counts: a backup of a busy log must not look like a rollback.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Final, NamedTuple

from vigie.flow.vault import layout
from vigie.settings import Settings
from vigie.store.database import FILE_NAME

LOG_STATE: Final = "log-state"
LOG: Final = "log"
KEYS: Final = "keys"
JOURNAL: Final = "journal"
AFTER: Final = ("archive", "sealed", layout.FOLDER, "law", "letters", "trust")
"""Folders copied after the store: rows name their files, so more of them is harmless."""
FILES: Final = ("facts.yaml", "helplines.yaml")
_SIGNING: Final = re.compile(r"log(-[1-9]\d{0,8})?|receipt|pseudonym|django-secret|origin\Z")
_PASSING: Final = frozenset({"run", "snapshots", JOURNAL, LOG, LOG_STATE, KEYS, *AFTER, *FILES})
_SQLITE: Final = ".sqlite3"


class Part(NamedTuple):
    """One file: its name in the backup, where it is, and whether SQLite must copy it."""

    name: str
    path: Path
    database: bool = False


def parts(settings: Settings) -> Iterator[Part]:
    """Yield what goes in, in order; a file that vanishes meanwhile is the reader's to skip."""
    home = settings.data_dir
    yield from _log_parts(home)
    for path in _below(home / KEYS):
        if _SIGNING.fullmatch(path.name):
            yield _plain(home, path)
    if not settings.database_url:
        yield Part(FILE_NAME, home / FILE_NAME, database=True)
    for path in _below(settings.journal_dir):
        if path.name.endswith(_SQLITE):
            yield Part(f"{JOURNAL}/{path.name}", path, database=True)
    never = layout.never_backed_up(settings)
    for name in AFTER:
        for path in _below(home / name):
            if not any(path.is_relative_to(one) for one in never):
                yield _plain(home, path)
    yield from (_plain(home, home / name) for name in FILES if (home / name).is_file())


def _log_parts(home: Path) -> Iterator[Part]:
    """What was signed first, then checkpoints, then the tiles that they need."""
    yield from (_plain(home, path) for path in _below(home / LOG_STATE))
    for tiles in (False, True):
        # Listed anew for the tiles: a partial one that gave way meanwhile is there as a full
        # one, and one written since belongs to no copied checkpoint and does no harm.
        for path in _below(home / LOG):
            if ("tile" in path.relative_to(home / LOG).parts) == tiles:
                yield _plain(home, path)


def _plain(home: Path, path: Path) -> Part:
    return Part(path.relative_to(home).as_posix(), path)


def _below(folder: Path) -> list[Path]:
    """Return the files below a folder; no links, no drafts that are being written."""
    found = (p for p in folder.rglob("*") if p.is_file() and not p.is_symlink())
    return sorted(p for p in found if not p.name.endswith((".tmp", ".new", ".partial")))


def left_out(settings: Settings) -> list[str]:
    """Say what of the data folder is in no backup and cannot be made again."""
    home = settings.data_dir
    found = [
        f"{KEYS}/{path.name}" for path in _below(home / KEYS) if not _SIGNING.fullmatch(path.name)
    ]
    for path in layout.never_backed_up(settings):
        if path.exists():
            inside = path.is_relative_to(home)
            found.append(path.relative_to(home).as_posix() if inside else str(path))
    for path in sorted(home.iterdir()):
        known = path.name in _PASSING or path.name.startswith((FILE_NAME, "."))
        if not known and path != settings.vault_dir:
            found.append(path.name)
    return found


def is_name(name: str) -> bool:
    """Say whether a backup may hold a file of this name: below the folder, of a known room."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or str(path) != name or "\\" in name:
        return False
    if path.parts[0] == KEYS:
        return len(path.parts) == 2 and bool(_SIGNING.fullmatch(path.name))
    rooms = {JOURNAL, LOG, LOG_STATE, *AFTER}
    return name in {FILE_NAME, *FILES} or (len(path.parts) > 1 and path.parts[0] in rooms)
