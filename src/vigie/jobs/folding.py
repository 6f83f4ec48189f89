# SPDX-License-Identifier: Apache-2.0
"""Folding all journals: both consumers of each, then deleting what is done with."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from vigie.core.errors import ConflictError
from vigie.flow import search_day
from vigie.flow.fold import lost
from vigie.flow.fold.archive import Archiver
from vigie.flow.fold.effects import PAUSE_S, fold_step
from vigie.flow.fold.write import position
from vigie.flow.house import House
from vigie.jobs import purge, wal
from vigie.journal.reader import Reader, is_alive, remove, writers
from vigie.store.models import FoldConsumer

STEPS: Final = 25
"""Most fold transactions of one writer before the next one has its turn."""
CONSUMERS: Final = (FoldConsumer.EFFECT, FoldConsumer.ARCHIVE)
"""Who must have taken a journal's row before it goes; the search reads the store."""


class Folding:
    """Readers and archivers of every writer there is."""

    def __init__(self, house: House, pause: Callable[[float], None] = time.sleep) -> None:
        self.house = house
        self._pause = pause
        self._readers: dict[str, Reader] = {}
        self._archivers: dict[str, Archiver] = {}
        self._closed: set[str] = set()
        """Writers that are dead and whose books were looked through."""

    def turn(self) -> int:
        """Give every writer one turn; return the rows taken."""
        taken = 0
        for writer in self._present():
            reader = self._readers[writer]
            taken += self._effects(reader)
            taken += self._archive(writer)
            if not search_day.stops_deletion():
                reader.delete_texts(position(writer, FoldConsumer.EFFECT))
        return taken

    def _present(self) -> list[str]:
        """Open what is new, forget what is gone."""
        found = writers(self.house.settings.journal_dir)
        for writer in found:
            if writer not in self._readers:
                with suppress(FileNotFoundError):
                    reader = Reader(self.house.settings.journal_dir, writer)
                    self._readers[writer] = reader
                    self._archivers[writer] = Archiver(reader, self.house)
        return [writer for writer in found if writer in self._readers]

    def _effects(self, reader: Reader) -> int:
        taken = 0
        for _ in range(STEPS):
            step = fold_step(reader, self.house)
            if not step.rows:
                break
            taken += step.rows
            self._pause(PAUSE_S)
        return taken

    def _archive(self, writer: str) -> int:
        archiver = self._archivers[writer]
        taken = 0
        for _ in range(STEPS):
            rows = archiver.take()
            taken += rows
            if not rows:
                break
        if archiver.is_due():
            archiver.seal()
        return taken

    def seal_all(self) -> None:
        """Seal what is open, whatever its age."""
        for archiver in self._archivers.values():
            archiver.seal()

    def drain(self) -> None:
        """Take everything that is there now and seal it."""
        while self.turn():
            pass
        self.seal_all()
        self.erase()
        self.forget()

    def lag_seconds(self) -> float:
        """Return the age of the oldest row that no consumer of effects has taken."""
        oldest = None
        for writer, reader in self._readers.items():
            rows = reader.read(position(writer, FoldConsumer.EFFECT), 1)
            if rows:
                oldest = min(rows[0].t, oldest if oldest is not None else rows[0].t)
        return 0.0 if oldest is None else max(0.0, (self.house.now() - oldest) / 1000)

    def erase(self) -> int:
        """Finish erasures that wait for the journals; return how many were done."""
        asked = purge.waiting()
        if not asked:
            return 0
        while self.turn():
            pass
        self.seal_all()
        done = 0
        for one in asked:
            with suppress(ConflictError):  # a hold came meanwhile: the erasure waits for it
                purge.finish(one, self.house, self._readers.values())
                done += 1
        return done

    def forget(self) -> None:
        """Delete rows whose time is over, empty the WAL files, remove dead journals.

        While a search stands, all of it stays as it is.
        """
        if search_day.stops_deletion():
            return
        limit = self.house.now() - self.house.settings.journal_keep * 1000
        for writer, reader in list(self._readers.items()):
            self._close_books(writer, reader)
            both = min(position(writer, consumer) for consumer in CONSUMERS)
            while reader.delete_before(limit, both):
                self._pause(PAUSE_S)
            reader.truncate_wal()
            if not reader.last() and not is_alive(reader.folder, writer):
                self._close(writer)
                remove(self.house.settings.journal_dir, writer)
        wal.truncate_store()

    def _close_books(self, writer: str, reader: Reader) -> None:
        """Say what a dead gateway's door owed, when all that it wrote is folded."""
        if writer in self._closed or is_alive(reader.folder, writer):
            return
        if position(writer, FoldConsumer.EFFECT) >= reader.last():
            lost.say(reader, self.house)
            self._closed.add(writer)

    def _close(self, writer: str) -> None:
        self._archivers.pop(writer).close()
        self._readers.pop(writer).close()

    def close(self) -> None:
        """Let go of all files; what is open in the archive is read again next time."""
        for writer in list(self._readers):
            self._close(writer)
