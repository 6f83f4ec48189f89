# SPDX-License-Identifier: Apache-2.0
"""The publisher: from committed entries to tiles and signed checkpoints.

Order of things: entries are durable before they are read; tiles are durable
before the checkpoint is signed; the signed checkpoint is kept before it is
published. A tree that is shorter than, or different from, what was signed is
refused with the reason on file. One process publishes a log (the caller locks).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from vigie.ledger.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from vigie.ledger.files import DurableFiles, Files
from vigie.ledger.frontier import Frontier
from vigie.ledger.note import Signer, Verifier, parse_note
from vigie.ledger.source import EntrySource, ListSource, read_all
from vigie.ledger.state import (
    LogState,
    OriginRefused,
    Refusal,
    RollbackRefused,
    next_origin,
    split_origin,
)
from vigie.ledger.tiles import CHECKPOINT_FILE, COSIGNED_FILE, LogFolder, TileTree
from vigie.ledger.tree import EMPTY_ROOT, hash_leaf
from vigie.ledger.trim import remove_partials, trim
from vigie.ledger.verify.errors import LedgerError
from vigie.ledger.verify.tiling import TILE_WIDTH

__all__ = [
    "EntrySource",
    "ListSource",
    "Log",
    "OriginRefused",
    "Refusal",
    "RollbackRefused",
    "next_origin",
]

_BATCH: Final = 512
TAIL: Final = 65_536
"""So many of the last entries are compared at start; `fsck` compares all."""


class Log:
    """One log: `public/<number>/` is served, `state/<number>/` is kept beside.

    `signers` are the log's key and, while a key is being replaced, the new one;
    all bear the origin as name. `old_vkeys` are keys it signed with before.
    """

    def __init__(
        self,
        public: Path,
        state: Path,
        signers: Sequence[Signer],
        source: EntrySource,
        *,
        old_vkeys: Sequence[str] = (),
        files: Files | None = None,
    ) -> None:
        self.origin = signers[0].name
        self._signers = list(signers)
        self._verifiers = [Verifier(s.vkey) for s in signers] + [Verifier(v) for v in old_vkeys]
        self._source = source
        self._files = files or DurableFiles()
        self.folder = LogFolder(public / str(split_origin(self.origin)[1]))
        self._state = LogState(state, self.origin, self._files)
        self._frontier = Frontier()
        self._last = Checkpoint(self.origin, 0, EMPTY_ROOT)
        self._note: bytes | None = None
        self._attempt: bytes | None = None
        self._lines = b""

    @property
    def checkpoint(self) -> Checkpoint:
        """The last checkpoint that this log signed (size 0 before the first)."""
        return self._last

    @property
    def note(self) -> bytes | None:
        """The last signed checkpoint as published."""
        return self._note

    def start(self, now_ms: int) -> Checkpoint:
        """Compare with what was signed before; then publishing may go on."""
        self._state.check_may_sign()
        note = self._newest()
        if note is not None:
            self._note, self._last = note, open_checkpoint(note, self._verifiers)
            self._frontier = self._rebuild_or_load(now_ms)
            self._check_tail(now_ms)
            self._check_earlier(now_ms)
            trim(self.folder.path, self._last.size)
            if self._state.signed() != note:
                self._state.store_signed(note)
            self._lines = self._shown_lines(note)
            self._show(note)
        return self._last

    def _shown_lines(self, note: bytes) -> bytes:
        """Return the cosignatures that stand under the published checkpoint already."""
        shown = self.folder.checkpoint() or b""
        lines = shown.removeprefix(note) if shown.startswith(note) else b""
        try:
            parse_note(note + lines)
        except LedgerError:
            return b""
        return lines

    def _newest(self) -> bytes | None:
        """Return the larger of what was signed and what was published."""
        notes = [note for note in (self._state.signed(), self.folder.checkpoint()) if note]
        sized = [(open_checkpoint(note, self._verifiers).size, note) for note in notes]
        return max(sized, key=lambda pair: pair[0])[1] if sized else None

    def _refuse(self, reason: str, now_ms: int) -> None:
        self._state.refuse(reason, self._last, self._source.size(), now_ms)

    def _rebuild_or_load(self, now_ms: int) -> Frontier:
        """Return the right edge from the tiles, or from all entries where tiles are lost."""
        if self._source.size() < self._last.size:
            self._refuse("The store holds fewer entries than were signed.", now_ms)
        try:
            frontier = Frontier.load(self.folder, self._last.size)
            sound = frontier.root() == self._last.root
        except LedgerError:
            frontier, sound = Frontier(), False
        return frontier if sound else self._rebuild(now_ms)

    def _rebuild(self, now_ms: int) -> Frontier:
        frontier = Frontier()
        self._write(frontier, read_all(self._source, 0, self._last.size))
        if frontier.root() != self._last.root:
            self._refuse("The store's entries are not those that were signed.", now_ms)
        return frontier

    def _check_tail(self, now_ms: int) -> None:
        """Compare the last signed entries: a lost suffix that was refilled shows here."""
        size = self._last.size
        if size <= TAIL:
            whole = Frontier()
            for _ in whole.append(read_all(self._source, 0, size)):
                pass
            same = whole.root() == self._last.root
        else:
            same = self._same_entries(size - TAIL, size)
        if not same:
            self._refuse("The store's entries are not those that were signed.", now_ms)

    def _check_earlier(self, now_ms: int) -> None:
        """Hold what was signed and what was published against one tree."""
        tree = TileTree(self.folder, self._last.size)
        for note in (self._state.signed(), self.folder.checkpoint()):
            earlier = open_checkpoint(note, self._verifiers) if note else self._last
            if tree.root(earlier.size) != earlier.root:
                self._refuse("Two checkpoints show different histories.", now_ms)

    def _same_entries(self, start: int, stop: int) -> bool:
        size = self._last.size
        at = start // TILE_WIDTH * TILE_WIDTH
        while at < stop:
            width = min(TILE_WIDTH, size - at)
            hashes = self.folder.tile(0, at // TILE_WIDTH, width)
            if [hash_leaf(e) for e in read_all(self._source, at, at + width)] != hashes:
                return False
            at += width
        return True

    def publish(self, now_ms: int) -> Checkpoint | None:
        """Sign and publish what was committed since; None where nothing was.

        Raises RollbackRefused where the store lost or changed signed entries,
        or somebody else signed for this log meanwhile.
        """
        size = self._source.size()
        self._check_still(size, now_ms)
        if self._note is not None:
            self._show(self._note)
            if size == self._last.size:
                return None
        grown = self._frontier.copy()
        full = self._write(grown, read_all(self._source, self._last.size, size))
        checkpoint = Checkpoint(self.origin, size, grown.root())
        self._attempt = sign_checkpoint(checkpoint, self._signers).encode()
        self._state.store_signed(self._attempt)
        self._note, self._last, self._frontier = self._attempt, checkpoint, grown
        self._lines = b""
        self._show(self._note)
        remove_partials(self.folder.path, full)
        return checkpoint

    def show_cosigned(self, size: int, note: bytes) -> bool:
        """Publish our newest checkpoint with the cosignatures of witnesses under it.

        False where it has been overtaken: an older one never replaces a newer.
        """
        if self._note is None or size != self._last.size or not note.startswith(self._note):
            return False
        parse_note(note)
        self._lines = note.removeprefix(self._note)
        self._show(self._note)
        return True

    def keep_cosigned(self, note: bytes) -> None:
        """Publish the newest checkpoint that meets the witnesses' quorum, beside the newest."""
        path = self.folder.path / COSIGNED_FILE
        if not path.exists() or path.read_bytes() != note:
            self._files.write([(path, note)])

    def _check_still(self, size: int, now_ms: int) -> None:
        """Look whether the store and the last signature still are what they were."""
        self._state.check_alarm()
        last = self._last.size
        if size < last:
            self._refuse("The store holds fewer entries than were signed.", now_ms)
        if last and not self._same_entries(last - 1, last):
            self._refuse("The store's entries are not those that were signed.", now_ms)
        if self._state.signed() not in (self._note, self._attempt):
            self._refuse("Somebody else has signed for this log.", now_ms)

    def _write(self, frontier: Frontier, entries: Iterable[bytes]) -> list[str]:
        """Write tiles and bundles; return the paths of those that are full now."""
        full: list[str] = []
        batch: list[tuple[Path, bytes]] = []
        for path, data in frontier.append(entries):
            full.append(path)
            batch.append((self.folder.path / path, data))
            if len(batch) == _BATCH:
                self._files.write(batch)
                batch = []
        batch += [(self.folder.path / path, data) for path, data in frontier.partial_files()]
        self._files.write(batch)
        return full

    def _show(self, note: bytes) -> None:
        """Publish: put the signed checkpoint where readers look."""
        shown = note + self._lines
        if self.folder.checkpoint() != shown:
            self._files.write([(self.folder.path / CHECKPOINT_FILE, shown)])

    def __repr__(self) -> str:
        """Name the log and its size."""
        return f"Log({self.origin!r}, size={self._last.size})"
