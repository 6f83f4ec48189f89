# SPDX-License-Identifier: Apache-2.0
"""Putting a backup into an empty folder, whole or not at all.

Until it was compared with what outsiders know, the restored log may not sign:
the alarm is written before the folder bears its name.
"""

from __future__ import annotations

import hashlib
import shutil
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

import msgspec

from vigie.core.clock import iso
from vigie.core.errors import ConflictError, RefusedError
from vigie.flow.backup import contents, stream
from vigie.flow.backup.manifest import FORMAT, MANIFEST, Manifest
from vigie.ledger.files import DurableFiles, sync_folder
from vigie.ledger.state import Alarm, LogState

WHO: Final = "restore"
_CHUNK: Final = 1 << 20
_MOST_MANIFEST: Final = 256 << 20


def unpack(backup: Path, target: Path, identity: Path) -> Manifest:
    """Unpack a backup; the target must not exist, or be empty.

    Raises ConflictError where something is there, RefusedError where the backup
    does not open, is cut or holds what no backup may hold.
    """
    keys = stream.identities(identity)
    if target.exists() and any(target.iterdir()):
        raise ConflictError(
            f"{target} is not empty.", code="not_empty", field="--data-dir", fix="Name a new one."
        )
    with _staging(target) as staging:
        with stream.reader(backup, keys) as pipe:
            manifest = _extract(pipe, staging)
        _hold(staging / contents.LOG_STATE, manifest)
        if target.exists():
            target.rmdir()
        staging.rename(target)
        sync_folder(target.parent)
    return manifest


@contextmanager
def _staging(target: Path) -> Iterator[Path]:
    target.parent.mkdir(parents=True, exist_ok=True)
    folder = target.parent / f".{target.name}.restoring"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _extract(pipe: IO[bytes], folder: Path) -> Manifest:
    found: dict[str, str] = {}
    manifest = None
    try:
        with tarfile.open(fileobj=pipe, mode="r|") as tar:
            for member in tar:
                source = tar.extractfile(member)
                if manifest is not None or source is None or not member.isreg():
                    raise _refused(member.name)
                if member.name == MANIFEST:
                    manifest = _manifest(source.read(_MOST_MANIFEST))
                    continue
                if member.name in found or not contents.is_name(member.name):
                    raise _refused(member.name)
                found[member.name] = _write(source, folder / member.name)
        while pipe.read(_CHUNK):  # to the very end, so that a cut is seen
            pass
    except (tarfile.TarError, EOFError) as problem:
        raise _refused("tar") from problem
    if manifest is None or manifest.files != found:
        raise _refused(MANIFEST)
    return manifest


def _manifest(data: bytes) -> Manifest:
    try:
        manifest = msgspec.json.decode(data, type=Manifest)
    except msgspec.DecodeError as problem:
        raise _refused(MANIFEST) from problem
    if manifest.format != FORMAT:
        raise _refused(MANIFEST)
    return manifest


def _write(source: IO[bytes], path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest = hashlib.sha256()
    with path.open("xb") as file:
        path.chmod(0o600)
        while data := source.read(_CHUNK):
            digest.update(data)
            file.write(data)
    return digest.hexdigest()


def _refused(what: str) -> RefusedError:
    return RefusedError(
        "This is no whole backup of Vigie.",
        code="bad_backup",
        diagnostics=what,
        fix="Take another copy; nothing was written.",
    )


def _hold(state: Path, manifest: Manifest) -> None:
    """Stop signing until the log was compared."""
    reason = (
        f"Restored from a backup of {iso(manifest.at)}; not compared yet with what was "
        "published since."
    )
    log = LogState(state, manifest.origin, DurableFiles())
    if log.alarm() is None:
        log.raise_alarm(Alarm(WHO, reason, manifest.entries, 0, manifest.at))
