# SPDX-License-Identifier: Apache-2.0
"""Checking a whole log: every entry, tile and bundle against the checkpoint.

Reads a folder as it is served (or a copy). Tiles that a running log has already
written beyond its checkpoint are counted, not judged; all others must fit.
"""

from __future__ import annotations

import os
from typing import Dict, List, NamedTuple, Optional, Tuple

from vigie.ledger.verify.checkpoints import Checkpoint, parse_checkpoint
from vigie.ledger.verify.errors import LedgerError, MissingError, ProofError
from vigie.ledger.verify.merkle import hash_leaf, root_of
from vigie.ledger.verify.notes import parse_note
from vigie.ledger.verify.policy import Accepted, TrustPolicy
from vigie.ledger.verify.tiling import (
    BUNDLES,
    TILE_WIDTH,
    bundle_path,
    join_bundle,
    parse_tile_path,
    split_bundle,
    tile_path,
    tiles_of_row,
)

CHECKPOINT_FILE = "checkpoint"


class LogFiles(NamedTuple):
    """Counts of what was found in the folder."""

    checked: int
    ahead: int
    other: int


class ReadLog:
    """A log that was read and verified whole."""

    def __init__(
        self, checkpoint: Checkpoint, accepted: Optional[Accepted], entries: List[bytes]
    ) -> None:
        self.checkpoint = checkpoint
        self.accepted = accepted
        self.entries = entries
        self.files = LogFiles(0, 0, 0)
        self.rows = _rows(entries)
        self._roots: Dict[int, bytes] = {}
        self._set: Optional[frozenset[bytes]] = None

    def root_at(self, size: int) -> bytes:
        """Return the root that the log had at a smaller size."""
        if size not in self._roots:
            self._roots[size] = root_of(self.rows[0][:size] if self.rows else [])
        return self._roots[size]

    def holds(self, entry: bytes) -> bool:
        """Say whether the entry stands in the log."""
        if self._set is None:
            self._set = frozenset(self.entries)
        return entry in self._set

    def check_older(self, checkpoint: Checkpoint) -> None:
        """Refuse a checkpoint that shows another history than this log."""
        if checkpoint.origin != self.checkpoint.origin:
            raise ProofError("The proof is about another log.", field="checkpoint.origin")
        if checkpoint.size > self.checkpoint.size:
            raise ProofError("The log is shorter than it was.", field="checkpoint.size")
        if self.root_at(checkpoint.size) != checkpoint.root:
            raise ProofError("The log shows another history.", field="checkpoint.root")


def _rows(entries: List[bytes]) -> List[List[bytes]]:
    """Return the hashes of each tile level: only full tiles reach the next one."""
    rows = [[hash_leaf(entry) for entry in entries]]
    while len(rows[-1]) >= TILE_WIDTH:
        row = rows[-1]
        full = range(0, len(row) - TILE_WIDTH + 1, TILE_WIDTH)
        rows.append([root_of(row[at : at + TILE_WIDTH]) for at in full])
    return rows


def verify_log(folder: str, policy: Optional[TrustPolicy]) -> ReadLog:
    """Read a log and recompute all of it. Raises at the first thing that does not fit."""
    note = read_file(folder, CHECKPOINT_FILE)
    accepted = policy.accept(note) if policy else None
    checkpoint = accepted.checkpoint if accepted else parse_checkpoint(parse_note(note).text)
    entries: List[bytes] = []
    for number, width in tiles_of_row(checkpoint.size):
        entries.extend(_read_bundle(folder, number, width))
    log = ReadLog(checkpoint, accepted, entries)
    if log.root_at(checkpoint.size) != checkpoint.root:
        raise ProofError("The entries do not give the root that was signed.", field="checkpoint")
    _check_tiles_present(folder, log)
    log.files = _check_all_files(folder, log)
    return log


def read_file(folder: str, path: str) -> bytes:
    """Read one file of the log."""
    try:
        with open(os.path.join(folder, *path.split("/")), "rb") as file:
            return file.read()
    except OSError:
        raise MissingError("The log lacks {}.".format(path), field=path) from None


def _exists(folder: str, path: str) -> bool:
    return os.path.isfile(os.path.join(folder, *path.split("/")))


def _read_bundle(folder: str, number: int, width: int) -> List[bytes]:
    """Read a bundle; a partial one may have given way to the full one meanwhile."""
    path = bundle_path(number, width)
    if width < TILE_WIDTH and not _exists(folder, path):
        full = bundle_path(number)
        if _exists(folder, full):
            return split_bundle(read_file(folder, full), TILE_WIDTH)[:width]
    return split_bundle(read_file(folder, path), width)


def _check_tiles_present(folder: str, log: ReadLog) -> None:
    for level, row in enumerate(log.rows):
        for number, width in tiles_of_row(len(row)):
            path, full = tile_path(level, number, width), tile_path(level, number)
            if not (_exists(folder, path) or _exists(folder, full)):
                raise MissingError("The log lacks {}.".format(path), field=path)


def _check_all_files(folder: str, log: ReadLog) -> LogFiles:
    """Compare every tile and bundle file there is, older partial ones too."""
    checked = ahead = other = 0
    for path in _list_files(folder):
        place = parse_tile_path(path)
        if place is None:
            other += path != CHECKPOINT_FILE
            continue
        expected = _expected(log, place)
        if expected is None:
            ahead += 1
        elif read_file(folder, path) == expected:
            checked += 1
        else:
            raise ProofError("This file is not what the log commits to.", field=path)
    return LogFiles(checked, ahead, other)


def _list_files(folder: str) -> List[str]:
    found: List[str] = []
    for parent, _, names in os.walk(folder):
        inner = os.path.relpath(parent, folder).replace(os.sep, "/")
        found.extend(name if inner == "." else inner + "/" + name for name in names)
    return sorted(found)


def _expected(log: ReadLog, place: Tuple[str, int, int]) -> Optional[bytes]:
    """Return what a tile or bundle must hold, None where it lies beyond the log."""
    level, number, width = place
    start, stop = number * TILE_WIDTH, number * TILE_WIDTH + width
    if level == BUNDLES:
        return join_bundle(log.entries[start:stop]) if stop <= len(log.entries) else None
    row = log.rows[int(level)] if int(level) < len(log.rows) else []
    return b"".join(row[start:stop]) if stop <= len(row) else None


def explain(error: LedgerError) -> str:
    """Say in one line what was refused and where."""
    return "{} ({})".format(error.message, error.field) if error.field else error.message
