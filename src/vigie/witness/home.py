# SPDX-License-Identifier: Apache-2.0
"""The folder of a witness: its key, the logs it knows, what it cosigned.

    key         Ed25519 seed in hexadecimal, mode 0600; never leaves this folder
    name        the name that its signatures bear
    logs.txt    `log VKEY [URL]`; `log VKEY origin TEXT` where the log's name is not its key's
    seen/       the last cosigned checkpoint of each log

Losing `seen/` while keeping `key` lets a log show this witness a second history:
restore both or neither.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from vigie.core.errors import ConflictError, InvalidInputError, UnavailableError
from vigie.ledger.files import DurableFiles
from vigie.ledger.note import Cosigner, NoteVerifier, generate_key, parse_vkey, verifier_of
from vigie.ledger.verify.errors import LedgerError
from vigie.ledger.verify.notes import ED25519
from vigie.ledger.witness import Seen
from vigie.ledger.witness_store import FileWitnessStore

KEY: Final = "key"
NAME: Final = "name"
LOGS: Final = "logs.txt"
SEEN: Final = "seen"
LOCK: Final = "witness.lock"
_ORIGIN: Final = "origin"
_LOG: Final = "log"
_HEAD: Final = "# Logs that this witness cosigns: log VKEY [URL]\n"

Trusted = dict[str, list[NoteVerifier]]


class WitnessHome:
    """A witness's folder, opened."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._stamp: tuple[int, int] | None = None
        self._trusted: Trusted = {}
        self.store = FileWitnessStore(folder / SEEN)

    def cosigner(self) -> Cosigner:
        """Return the witness's key. Raises UnavailableError where the folder is not set up."""
        try:
            name = (self.folder / NAME).read_text(encoding="utf-8").strip()
            return Cosigner(name, bytes.fromhex((self.folder / KEY).read_text(encoding="ascii")))
        except (OSError, ValueError, LedgerError) as problem:
            raise UnavailableError(
                f"{self.folder} is no witness's folder.",
                code="no_witness",
                field="--dir",
                fix="Run `vigie witness init --dir FOLDER --name NAME`.",
            ) from problem

    def trusted(self) -> Trusted:
        """Return the known logs by origin; the file is read again when it changes.

        Raises InvalidInputError naming the line that cannot be read.
        """
        path = self.folder / LOGS
        try:
            found = path.stat()
        except FileNotFoundError:
            return {}
        stamp = (found.st_mtime_ns, found.st_size)
        if stamp != self._stamp:
            self._trusted = parse_logs(path.read_text(encoding="utf-8"))
            self._stamp = stamp
        return self._trusted

    def seen(self) -> dict[str, Seen | None]:
        """Return what was cosigned last for each known log."""
        return {origin: self.store.load(origin) for origin in self.trusted()}


def parse_logs(text: str) -> Trusted:
    """Read the file of known logs: by origin, the keys that may sign for it."""
    found: Trusted = {}
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        try:
            origin, verifier = _log(words)
        except LedgerError as problem:
            raise InvalidInputError(
                f"{LOGS} line {number}: {problem.message}", code="bad_log", field=LOGS
            ) from problem
        known = found.setdefault(origin, [])
        if all(one.key != verifier.key for one in known):
            known.append(verifier)
    return found


def _log(words: list[str]) -> tuple[str, NoteVerifier]:
    if words[0] != _LOG or len(words) < 2:
        raise LedgerError("A line is `log VKEY`.")
    key = parse_vkey(words[1])
    if key.kind != ED25519:
        raise LedgerError("A log's key has type 0x01.")
    named = len(words) > 3 and words[2] == _ORIGIN
    return " ".join(words[3:]) if named else key.name, verifier_of(key)


def create(folder: Path, name: str) -> str:
    """Set a witness up; return its vkey. Raises ConflictError where a key is there already."""
    try:
        seed, _ = generate_key(name)
        vkey = Cosigner(name, seed).vkey
    except LedgerError as problem:
        raise InvalidInputError(
            problem.message, code="bad_name", field="--name", fix="Like witness.example/one."
        ) from problem
    (folder / SEEN).mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        fd = os.open(folder / KEY, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as problem:
        raise ConflictError(
            f"{folder} has a key already.", code="key_exists", fix="Choose another folder."
        ) from problem
    with os.fdopen(fd, "wb") as handle:
        handle.write(seed.hex().encode() + b"\n")
        handle.flush()
        os.fsync(handle.fileno())
    DurableFiles().write([(folder / NAME, name.encode()), (folder / LOGS, _HEAD.encode())])
    return vkey


def add_log(folder: Path, vkey: str, origin: str = "") -> str:
    """Let the witness cosign one more log, or another key of one; return its origin.

    A running witness takes it up at its next request.
    """
    home = WitnessHome(folder)
    home.cosigner()
    line = f"log {vkey}" + (f" origin {origin}" if origin else "")
    [(name, [verifier])] = parse_logs(line).items()
    if any(one.key == verifier.key for one in home.trusted().get(name, [])):
        raise ConflictError("This log is known already.", code="log_known")
    path = folder / LOGS
    text = path.read_text(encoding="utf-8") if path.exists() else _HEAD
    text += "" if text.endswith("\n") else "\n"
    DurableFiles().write([(path, f"{text}{line}\n".encode())])
    return name
