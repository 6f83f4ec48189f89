# SPDX-License-Identifier: Apache-2.0
"""Pictures of the gateway: decoded and looked at in processes with limits of their own.

As `pool`, with image detectors loaded: every frame's hashes and what was seen in
it. A picture that a looker could not finish has a failed signal for every label
of every detector, so that no policy takes it for harmless.
"""

from __future__ import annotations

from concurrent.futures import Future
from typing import Final

import msgspec

from vigie.screening.detectors.image import ImageDetector, failed, installed
from vigie.screening.media.pool import MAX_BYTES, DecoderPool, Job, Made, unread
from vigie.screening.media.process import LOOKER, WorkerProcess
from vigie.screening.media.protocol import Looked

WORKERS: Final = 1
WAITING: Final = 16
SECONDS: Final = 20.0
MEGABYTES: Final = 1024
"""Address space of a looker, of which the shipped detector takes about 300 MB."""


class LookPool(DecoderPool):
    """Turns bytes into `Looked`, off this process; nothing of a library is loaded here."""

    def __init__(
        self,
        workers: int = WORKERS,
        *,
        waiting: int = WAITING,
        seconds: float = SECONDS,
        megabytes: int = MEGABYTES,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        super().__init__(
            workers, waiting=waiting, seconds=seconds, megabytes=megabytes, max_bytes=max_bytes
        )
        self.kinds: tuple[type[ImageDetector], ...] = installed()

    @property
    def loaded(self) -> bool:
        """True where an image detector is installed: without one nobody looks."""
        return bool(self.kinds)

    def look(self, data: bytes, mime: str | None = None) -> Future[Looked]:
        """Return what is known and seen of every frame; the future never raises for bad bytes.

        Raises UnavailableError when too many pictures wait. Problems as
        `DecoderPool.submit` and `frames.look` name them.
        """
        return self._enter(Job(data, mime, Future()))

    def _started(self) -> WorkerProcess:
        return WorkerProcess(self._megabytes, self._seconds, LOOKER)

    def _asked(self, worker: WorkerProcess, job: Job, *, full: bool) -> Made:
        del full
        return worker.look(job.data, job.mime, seconds=self._seconds)

    def _failure(self, job: Job, problem: str) -> Made:
        facts = unread(job.data, problem)
        seen = failed(self.kinds, problem)
        return Looked(frames=(msgspec.structs.replace(facts, seen=seen),))
