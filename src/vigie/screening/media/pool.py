# SPDX-License-Identifier: Apache-2.0
"""Pictures from outside are decoded in worker processes with limits.

Each worker has limits of memory, processor seconds and wall time; one that
dies or hangs is replaced and its picture reported as failed. The queue is
bounded: when it is full, `submit` says so at once (503 at the door). No byte
of a picture is ever written to a disk.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Final, NamedTuple, Self

from vigie.core.errors import UnavailableError
from vigie.core.item import MediaFacts
from vigie.screening.matching.digest import digests
from vigie.screening.media.process import WorkerLostError, WorkerProcess
from vigie.screening.media.protocol import Clarity, Drawn, Looked

WORKERS: Final = 2
WAITING: Final = 32
WAITING_BYTES: Final = 64 << 20
SECONDS: Final = 5.0
MEGABYTES: Final = 1024
"""Address space of a worker, of which about 150 MB are libraries."""
MAX_BYTES: Final = 32 << 20
"""A larger file is reported as failed without being decoded."""

Recheck = Callable[[MediaFacts], bool]
Made = MediaFacts | Drawn | Looked


class Job(NamedTuple):
    """One picture that waits for a worker."""

    data: bytes
    mime: str | None
    future: Future[Any]
    full: bool = False
    recheck: Recheck | None = None
    clarity: Clarity | None = None
    """Draw it; None: say what is known of it."""
    mark: str = ""


def _busy() -> UnavailableError:
    return UnavailableError(
        "Too many pictures are waiting to be decoded.",
        code="media_busy",
        fix="Send the item again in a few seconds.",
    )


def unread(data: bytes, problem: str) -> MediaFacts:
    """Say that no worker could read a picture; its digests are still known."""
    digest = digests(data)
    return MediaFacts(status="failed", sha256=digest.sha256, md5=digest.md5, problem=problem)


class DecoderPool:
    """Turns bytes into `MediaFacts`, off this process.

    Workers start with the first picture, or at once with `start()`. Threads of
    this pool only wait on pipes.
    """

    def __init__(
        self,
        workers: int = WORKERS,
        *,
        waiting: int = WAITING,
        seconds: float = SECONDS,
        megabytes: int = MEGABYTES,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        self._count = workers
        self._seconds = seconds
        self._megabytes = megabytes
        self._max_bytes = max_bytes
        self._queue: queue.Queue[Job | None] = queue.Queue(maxsize=waiting + workers)
        self._limit = waiting
        self._lock = threading.Lock()
        self._waiting = 0
        self._waiting_bytes = 0
        self._closed = False
        self._threads: list[threading.Thread] = []
        self._running: dict[int, WorkerProcess] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> None:
        """Start the workers before the first picture asks for them."""
        with self._lock:
            if self._closed or self._threads:
                return
            self._threads = [
                threading.Thread(target=self._work, args=(n,), name=f"decoder-{n}", daemon=True)
                for n in range(self._count)
            ]
        for thread in self._threads:
            thread.start()

    def submit(
        self,
        data: bytes,
        mime: str | None = None,
        *,
        full: bool = False,
        recheck: Recheck | None = None,
    ) -> Future[MediaFacts]:
        """Return what will be known of the picture; the future never raises for bad bytes.

        `recheck` is asked where the shortcut for large JPEG files was taken:
        where it says yes (a match near the threshold), the picture is decoded
        again in full before the future is done. Raises UnavailableError when
        too many pictures wait. Problems besides those of `facts_of`: too_large,
        timeout, worker_died, decoder_unavailable.
        """
        return self._enter(Job(data, mime, Future(), full, recheck))

    def draw(
        self, data: bytes, clarity: Clarity, mark: str = "", mime: str | None = None
    ) -> Future[Drawn]:
        """Return the picture drawn anew for a person's eyes; limits and problems as `submit`."""
        return self._enter(Job(data, mime, Future(), clarity=clarity, mark=mark))

    def _enter(self, job: Job) -> Future[Any]:
        """Put a job into the queue; UnavailableError where it is full."""
        self.start()
        if len(job.data) > self._max_bytes:
            job.future.set_result(self._failure(job, "too_large"))
            return job.future
        with self._lock:
            if self._closed:
                raise UnavailableError("The decoder is shut down.", code="media_closed")
            heavy = self._waiting and self._waiting_bytes + len(job.data) > WAITING_BYTES
            if self._waiting >= self._limit or heavy:
                raise _busy()
            self._waiting += 1
            self._waiting_bytes += len(job.data)
            self._queue.put_nowait(job)
        return job.future

    @property
    def waiting(self) -> int:
        """Pictures that no worker has taken yet, for metrics."""
        return self._waiting

    @property
    def pids(self) -> list[int]:
        """Numbers of the running worker processes."""
        return [worker.pid for worker in list(self._running.values())]

    def close(self) -> None:
        """End the workers; what still waits is refused."""
        with self._lock:
            already, self._closed = self._closed, True
        if already:
            return
        self._refuse_waiting()
        for _ in self._threads:
            self._queue.put(None)
        for thread in self._threads:
            thread.join()

    def _refuse_waiting(self) -> None:
        while True:
            try:
                job = self._queue.get_nowait()
            except queue.Empty:
                return
            if job is not None and job.future.set_running_or_notify_cancel():
                job.future.set_exception(
                    UnavailableError("The decoder is shut down.", code="media_closed")
                )

    def _work(self, number: int) -> None:
        """Take jobs until told to stop; keep one worker process running."""
        while True:
            self._ensure(number)
            job = self._queue.get()
            if job is None:
                break
            with self._lock:
                self._waiting -= 1
                self._waiting_bytes -= len(job.data)
            if job.future.set_running_or_notify_cancel():
                self._resolve(number, job)
        self._drop(number)

    def _resolve(self, number: int, job: Job) -> None:
        """Finish the future whatever happens: a thread that died would starve the rest."""
        try:
            job.future.set_result(self._answer(number, job))
        except Exception as problem:  # noqa: BLE001 - the caller's `recheck` may raise anything
            job.future.set_exception(problem)

    def _answer(self, number: int, job: Job) -> Made:
        found = self._ask(number, job, full=job.full)
        if job.recheck is None or not isinstance(found, MediaFacts):
            return found
        if "scaled" in found.notes and job.recheck(found):
            return self._ask(number, job, full=True)
        return found

    def _ask(self, number: int, job: Job, *, full: bool) -> Made:
        worker = self._ensure(number)
        if worker is None:
            return self._failure(job, "decoder_unavailable")
        try:
            return self._asked(worker, job, full=full)
        except WorkerLostError as lost:
            self._drop(number)
            return self._failure(job, str(lost))

    def _asked(self, worker: WorkerProcess, job: Job, *, full: bool) -> Made:
        if job.clarity is None:
            return worker.ask(job.data, job.mime, full=full, seconds=self._seconds)
        return worker.draw(job.data, job.mime, job.clarity, job.mark, seconds=self._seconds)

    def _failure(self, job: Job, problem: str) -> Made:
        """Report a picture that no worker could read; its digests are still known."""
        if job.clarity is not None:
            return Drawn(problem=problem)
        return unread(job.data, problem)

    def _started(self) -> WorkerProcess:
        return WorkerProcess(self._megabytes, self._seconds)

    def _ensure(self, number: int) -> WorkerProcess | None:
        """Return the running worker, started anew where none is; None if it cannot start."""
        worker = self._running.get(number)
        if worker is None:
            try:
                worker = self._running[number] = self._started()
            except (WorkerLostError, OSError):
                return None
        return worker

    def _drop(self, number: int) -> None:
        worker = self._running.pop(number, None)
        if worker is not None:
            worker.kill()
