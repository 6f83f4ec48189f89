# SPDX-License-Identifier: Apache-2.0
"""Snapshots on disk: a manifest over immutable, content-addressed parts.

    snapshots/parts/<sha256>          a part: a JSON file, or the folder of the hash index
    snapshots/<number>.json           the manifest: parts by name with their SHA-256
    snapshots/CURRENT                 the number in force, replaced by rename

`jobs` alone writes; doors read. Numbers are never reused. Parts are synced
before the manifest, the manifest before `CURRENT`.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

import msgspec

from vigie.core.errors import UnavailableError

CURRENT: Final = "CURRENT"
PARTS: Final = (
    "policies",
    "law",
    "lexicons",
    "domains",
    "keys",
    "decided",
    "operator",
    "index_tail",
)
"""Parts that are JSON files; `index`, the base of the hash index, is a folder."""
INDEX: Final = "index"


class SnapshotError(UnavailableError):
    """A Snapshot that does not load is refused; the old one serves on."""

    code = "snapshot_refused"


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a Snapshot is made of. `parts`: name to SHA-256 in hexadecimal."""

    number: int
    at: str
    parts: dict[str, str]


def write_part(folder: Path, content: bytes) -> str:
    """Store a part under its digest, durably; return the digest."""
    digest = hashlib.sha256(content).hexdigest()
    target = folder / "parts" / digest
    if not target.exists():
        write_durably(target, content)
    return digest


def adopt_folder(folder: Path, built: Path) -> str:
    """Move a built folder of flat files in as a part; return its digest."""
    digest = folder_digest(built)
    target = folder / "parts" / digest
    if target.exists():
        shutil.rmtree(built)
        return digest
    for path in sorted(built.iterdir()):
        _sync(path)
    _sync(built)
    target.parent.mkdir(parents=True, exist_ok=True)
    built.rename(target)
    _sync(target.parent)
    return digest


def folder_digest(folder: Path) -> str:
    """Return the SHA-256 over the names and digests of a folder's files."""
    total = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        with path.open("rb") as handle:
            inner = hashlib.file_digest(handle, "sha256").hexdigest()
        total.update(f"{path.name} {inner}\n".encode())
    return total.hexdigest()


@cache
def check_folder(folder: Path) -> None:
    """Raise SnapshotError where a folder is not what its name says; asked once a process."""
    try:
        sound = folder_digest(folder) == folder.name
    except OSError as problem:
        raise SnapshotError(f"Part {INDEX} is missing.", field=INDEX) from problem
    if not sound:
        raise SnapshotError(f"Part {INDEX} is damaged.", field=INDEX)


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Store a manifest and put it in force."""
    path = folder / f"{manifest.number}.json"
    if path.exists():
        raise SnapshotError(f"Snapshot {manifest.number} exists; numbers are never reused.")
    write_durably(path, msgspec.json.format(msgspec.json.encode(manifest)))
    write_durably(folder / CURRENT, f"{manifest.number}\n".encode())


def current_number(folder: Path) -> int:
    """Return the number in force; 0 before the first one.

    Raises SnapshotError where `CURRENT` is damaged.
    """
    try:
        return int((folder / CURRENT).read_text(encoding="ascii"))
    except FileNotFoundError:
        return 0
    except ValueError as problem:
        raise SnapshotError("CURRENT holds no number.", diagnostics=str(problem)) from problem


def read_manifest(folder: Path, number: int) -> Manifest:
    """Read a manifest. Raises SnapshotError where it is missing or damaged."""
    try:
        return msgspec.json.decode((folder / f"{number}.json").read_bytes(), type=Manifest)
    except (OSError, msgspec.MsgspecError) as problem:
        raise SnapshotError(
            f"The manifest of snapshot {number} does not read.", diagnostics=str(problem)
        ) from problem


def read_parts(folder: Path, manifest: Manifest) -> Mapping[str, bytes]:
    """Read and check every JSON part. Raises SnapshotError at the first damage."""
    return {name: read_part(folder, manifest, name) for name in manifest.parts if name != INDEX}


def read_part(folder: Path, manifest: Manifest, name: str) -> bytes:
    """Read and check one JSON part. Raises SnapshotError where it is missing or damaged."""
    digest = manifest.parts[name]
    try:
        content = (folder / "parts" / digest).read_bytes()
    except OSError as problem:
        raise SnapshotError(f"Part {name} is missing.", field=name) from problem
    if hashlib.sha256(content).hexdigest() != digest:
        raise SnapshotError(f"Part {name} is damaged.", field=name)
    return content


def write_durably(path: Path, content: bytes, mode: int = 0o666) -> None:
    """Write beside, sync, rename, sync the folder. `mode`: less what the umask takes."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())
    beside.replace(path)
    _sync(path.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
