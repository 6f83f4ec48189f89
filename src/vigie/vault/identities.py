# SPDX-License-Identifier: Apache-2.0
"""The vault's private keys: one file an epoch, mode 0600, in a folder of mode 0700.

Of lane `child` a folder holds a blob for each pair of officers: the epoch's
identity, encrypted to one and then to the other. None of it goes into a backup.
Deleting a file overwrites it first; a disk that moves blocks around may keep the
old ones, which is why epochs end and old backups must too.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from vigie.core.errors import RefusedError, UnavailableError
from vigie.evidence import age, keys
from vigie.screening.snapshot_files import write_durably

FILE_MODE: Final = 0o600
FOLDER_MODE: Final = 0o700


def make_folder(folder: Path) -> None:
    """Make the folder, or narrow one that is there."""
    folder.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
    folder.chmod(FOLDER_MODE)


def write(folder: Path, epoch: int, secret: str) -> None:
    """Keep an epoch's identity of lane `general`."""
    make_folder(folder)
    write_durably(_general(folder, epoch), secret.encode("ascii") + b"\n", mode=FILE_MODE)


def write_pairs(folder: Path, epoch: int, blobs: Mapping[str, bytes]) -> None:
    """Keep an epoch's identity of lane `child`: a blob for each pair, nothing in the open."""
    make_folder(folder)
    make_folder(_child(folder, epoch))
    for pair, blob in blobs.items():
        write_durably(_child(folder, epoch) / f"{pair}.age", blob, mode=FILE_MODE)


def read(folder: Path, epoch: int) -> str:
    """Return an epoch's identity of lane `general`. Raises UnavailableError `no_identity`."""
    try:
        return _general(folder, epoch).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        raise UnavailableError(
            "The identity of this epoch is not here.",
            code="no_identity",
            fix="It was destroyed, or lies elsewhere: the escrow can open it.",
        ) from None


def join(folder: Path, epoch: int, secrets: Sequence[str]) -> str:
    """Return an epoch's identity of lane `child` from the keys of two officers.

    Raises RefusedError `two_keys` for other than two different keys,
    UnavailableError `age_refused` where they are no pair of this epoch.
    """
    if len(secrets) != 2 or len({age.recipient_of(one) for one in secrets}) != 2:
        raise RefusedError("Two officers give a key each.", code="two_keys")
    for path in sorted(_child(folder, epoch).glob("*.age")):
        try:
            return keys.join(path.read_bytes(), *secrets)
        except UnavailableError:
            continue
    raise UnavailableError("These two keys do not open it together.", code="age_refused")


def epochs(folder: Path) -> tuple[int, ...]:
    """Return whose identities are here, of both lanes."""
    found = [path.stem.partition("-")[2] for path in folder.glob("general-*.txt")]
    found += [path.name.partition("-")[2] for path in folder.glob("child-*") if path.is_dir()]
    return tuple(sorted(int(one) for one in found if one.isdigit()))


def destroy(folder: Path, epoch: int) -> bool:
    """Delete an epoch's identity for good; False where none was here."""
    child = _child(folder, epoch)
    paths = [_general(folder, epoch), *child.glob("*.age")]
    gone = [path for path in paths if path.exists()]
    for path in gone:
        _overwrite(path)
        path.unlink()
    if child.is_dir():
        child.rmdir()
    return bool(gone)


def too_open(folder: Path) -> list[str]:
    """Return which names others than their owner may read; looks at modes, opens nothing."""
    if not folder.is_dir():
        return []
    paths = [folder, *folder.rglob("*")]
    return [
        path.relative_to(folder.parent).as_posix()
        for path in paths
        if stat.S_IMODE(path.stat().st_mode) & 0o077
    ]


def _overwrite(path: Path) -> None:
    with path.open("r+b") as handle:
        handle.write(bytes(path.stat().st_size))
        handle.flush()
        os.fsync(handle.fileno())


def _general(folder: Path, epoch: int) -> Path:
    return folder / f"general-{epoch}.txt"


def _child(folder: Path, epoch: int) -> Path:
    return folder / f"child-{epoch}"
