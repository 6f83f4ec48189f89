# SPDX-License-Identifier: Apache-2.0
"""Making a backup while the installation runs.

Each database is copied by SQLite at one moment of its own; the order makes the
copies fit each other (see `contents`). Of lane `child` no wrapped key goes in:
what was shredded must not come back from a backup.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import shutil
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any, Final, cast

import msgspec

from vigie.core.clock import iso
from vigie.core.errors import ConflictError, VigieError
from vigie.flow.backup import contents, stream
from vigie.flow.backup.manifest import MANIFEST, Manifest
from vigie.flow.checkpoints import StoreSource
from vigie.flow.house import House
from vigie.ledger.files import sync_folder
from vigie.sqlite_driver import sqlite3
from vigie.store.database import FILE_NAME

_CHUNK: Final = 1 << 20
_NO_CHILD_KEYS: Final = "UPDATE store_evidence SET wrapped='[]' WHERE lane='child'"


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """A backup that was made."""

    file: str
    checkpoint: str
    """The published checkpoint, beside it: keep it elsewhere too."""
    bytes: int
    manifest: Manifest


def make(house: House, out: Path, to: Sequence[str]) -> Made:
    """Write a backup into a folder, encrypted to the recipients.

    Raises InvalidInputError for a recipient that is none, ConflictError where a
    backup of this moment is there already.
    """
    keys = stream.recipients(to)
    out.mkdir(parents=True, exist_ok=True, mode=0o700)
    now = house.now()
    name = f"vigie-{iso(now)[:19].replace(':', '')}Z"
    target, draft = out / f"{name}.tar.age", out / f".{name}.partial"
    if target.exists() or draft.exists():
        raise ConflictError(f"{target} is there already.", code="backup_exists")
    shown = house.settings.log_dir / "checkpoint"
    note = shown.read_bytes() if shown.exists() else b""
    try:
        with _scratch(house) as scratch, stream.writer(draft, keys) as pipe:
            manifest = _write(house, pipe, scratch, now)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    (out / f"{name}.checkpoint").write_bytes(note)
    sync_folder(out)
    size = target.stat().st_size
    beside = str(out / f"{name}.checkpoint")
    return Made(file=str(target), checkpoint=beside, bytes=size, manifest=manifest)


@contextlib.contextmanager
def _scratch(house: House) -> Iterator[Path]:
    """Lend a folder on the disk where the databases lie in the clear anyway."""
    run = house.settings.run_dir
    run.mkdir(parents=True, exist_ok=True)
    for old in run.glob("backup-*"):
        shutil.rmtree(old, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix="backup-", dir=run))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _write(house: House, pipe: IO[bytes], scratch: Path, now: int) -> Manifest:
    settings = house.settings
    digests: dict[str, str] = {}
    entries = StoreSource().size()
    with tarfile.open(fileobj=pipe, mode="w|", format=tarfile.PAX_FORMAT) as tar:
        for part in contents.parts(settings):
            path = _copied(part, scratch) if part.database else part.path
            digest = _add(tar, part.name, path)
            if digest is not None:
                digests[part.name] = digest
            if part.database:
                path.unlink(missing_ok=True)
        manifest = Manifest(
            at=now,
            origin=settings.log_origin,
            database="postgresql" if settings.database_url else "sqlite",
            entries=entries,
            files=digests,
            left_out=contents.left_out(settings),
        )
        _put(tar, MANIFEST, msgspec.json.encode(manifest))
    return manifest


def _copied(part: contents.Part, scratch: Path) -> Path:
    """Copy a database as of one moment; the copy is one file, without a WAL beside it."""
    target = scratch / "copy.sqlite3"
    with (
        contextlib.closing(sqlite3.connect(f"file:{part.path}?mode=ro", uri=True)) as source,
        contextlib.closing(sqlite3.connect(str(target), isolation_level=None)) as copy,
    ):
        source.execute("PRAGMA busy_timeout=10000")
        source.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")
        if part.name == FILE_NAME:
            _forget_child_keys(copy)
        _check(copy, part.name)
    return target


def _forget_child_keys(copy: Any) -> None:
    copy.execute("PRAGMA secure_delete=ON")
    copy.execute(_NO_CHILD_KEYS)
    copy.execute("VACUUM")


def _check(copy: Any, name: str) -> None:
    if copy.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
        raise VigieError(f"The database {name} is damaged.", code="damaged")


def _add(tar: tarfile.TarFile, name: str, path: Path) -> str | None:
    """Add a file; return its digest, None where it is gone: purged or replaced meanwhile."""
    try:
        with path.open("rb") as file:
            data = tarfile.TarInfo(name)
            data.size = path.stat().st_size
            data.mode = 0o600
            hashed = _Hashing(file)
            tar.addfile(data, cast("IO[bytes]", hashed))  # it reads: no more is asked of it
            return hashed.digest.hexdigest()
    except FileNotFoundError:
        return None


class _Hashing:
    """Reads a file and hashes what was read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.digest = hashlib.sha256()

    def read(self, size: int = _CHUNK) -> bytes:
        """Return the next bytes."""
        data = self._file.read(size)
        self.digest.update(data)
        return data


def _put(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(data), 0o600
    tar.addfile(info, io.BytesIO(data))
