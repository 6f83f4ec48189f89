# SPDX-License-Identifier: Apache-2.0
"""Where sealed evidence lies, and what of it may go into a backup."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from vigie.evidence import keys
from vigie.screening.snapshot_files import write_durably
from vigie.settings import Settings

FOLDER: Final = "evidence"
INCOMING: Final = "incoming"


def folder(settings: Settings) -> Path:
    """Return the folder of ciphertexts and public keys."""
    return settings.evidence_dir


def recipients(settings: Settings) -> keys.Recipients:
    """Return the public keys in force."""
    return keys.load(folder(settings))


def name_of(lane: str, evidence_id: str) -> str:
    """Return where a record's ciphertext lies, below the data folder."""
    return f"{FOLDER}/{lane}/{evidence_id[:2]}/{evidence_id}.age"


def path_of(settings: Settings, file: str) -> Path:
    """Return the path of a row's file; one that leads outside is refused by ValueError."""
    path = settings.data_dir / file
    if not path.resolve().is_relative_to(folder(settings).resolve()):
        raise ValueError("outside the vault's folder")
    return path


def write(settings: Settings, file: str, ciphertext: bytes) -> Path:
    """Put a ciphertext in its place, on disk with every folder above it when this returns."""
    path = path_of(settings, file)
    make_folder(path.parent)
    write_durably(path, ciphertext, mode=0o600)
    return path


def make_folder(path: Path) -> None:
    """Make a folder whose name outlasts a loss of power; those above it too."""
    if path.is_dir():
        return
    make_folder(path.parent)
    path.mkdir(exist_ok=True, mode=0o700)
    above = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(above)
    finally:
        os.close(above)


def never_backed_up(settings: Settings) -> tuple[Path, ...]:
    """Return what no backup may hold: identities, and everything of lane `child`.

    A backup that held them would open what was shredded since.
    """
    return (
        settings.vault_dir,
        folder(settings) / keys.CHILD,
        folder(settings) / INCOMING / keys.CHILD,
    )
