# SPDX-License-Identifier: Apache-2.0
"""One worker process as its pool sees it: started, asked with a deadline, ended."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import time
from typing import Final, TypeVar

from vigie.core.item import MediaFacts
from vigie.screening.media.protocol import (
    ANSWER,
    FACTS,
    FACTS_IN_FULL,
    LOOK,
    MAX_ANSWER,
    READY,
    Clarity,
    Drawn,
    Looked,
    pack_job,
    unpack_answer,
)

START_SECONDS: Final = 20.0
"""Loading NumPy and Pillow on a busy machine may take this long."""
CHUNK: Final = 1 << 16
DECODER: Final = "vigie.screening.media.worker"
LOOKER: Final = "vigie.screening.media.looker"
KEPT_VARIABLES: Final = ("PATH", "PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "HOME", "LANG")


T = TypeVar("T", MediaFacts, Drawn, Looked)


class WorkerLostError(Exception):
    """The worker died or fell silent; the text is the problem's code."""


def _environment() -> dict[str, str]:
    """Return a small environment: no secrets, one thread, memory given back."""
    kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
    return kept | {
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "MALLOC_ARENA_MAX": "1",
        "MALLOC_MMAP_THRESHOLD_": str(1 << 20),
        "PYTHONDONTWRITEBYTECODE": "1",
        # ONNX Runtime writes a file in the home folder and calls its maker otherwise.
        "ORT_DISABLE_TELEMETRY": "1",
    }


class WorkerProcess:
    """A running worker. Not safe for two threads: each has one of its own."""

    def __init__(self, megabytes: int, seconds: float, module: str = DECODER) -> None:
        command = [sys.executable, "-P", "-m", module]
        self._process = subprocess.Popen(  # noqa: S603 - our own module, no input in the command
            [*command, str(megabytes), str(max(1, round(seconds)))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            env=_environment(),
        )
        if self._process.stdin is None or self._process.stdout is None:
            raise WorkerLostError("decoder_unavailable")
        self._stdin, self._stdout = self._process.stdin, self._process.stdout
        self._in, self._out = self._stdin.fileno(), self._stdout.fileno()
        os.set_blocking(self._in, False)
        os.set_blocking(self._out, False)
        try:
            if self._receive(len(READY), time.monotonic() + START_SECONDS) != READY:
                raise WorkerLostError("decoder_unavailable")
        except WorkerLostError:
            self.kill()
            raise WorkerLostError("decoder_unavailable") from None

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    def ask(self, data: bytes, mime: str | None, *, full: bool, seconds: float) -> MediaFacts:
        """Return what the bytes say; WorkerLostError after the deadline or its death."""
        head = pack_job(data, mime, FACTS_IN_FULL if full else FACTS)
        return self._work(head, data, MediaFacts, seconds)

    def draw(
        self, data: bytes, mime: str | None, clarity: Clarity, mark: str, *, seconds: float
    ) -> Drawn:
        """Return the picture drawn anew; WorkerLostError as `ask`."""
        return self._work(pack_job(data, mime, clarity, mark), data, Drawn, seconds)

    def look(self, data: bytes, mime: str | None, *, seconds: float) -> Looked:
        """Return what is known and seen of every frame; WorkerLostError as `ask`."""
        return self._work(pack_job(data, mime, LOOK), data, Looked, seconds)

    def _work(self, head: bytes, data: bytes, kind: type[T], seconds: float) -> T:
        deadline = time.monotonic() + seconds
        self._send(head, deadline)
        self._send(data, deadline)
        (size,) = ANSWER.unpack(self._receive(ANSWER.size, deadline))
        if not 0 < size <= MAX_ANSWER[kind]:
            raise WorkerLostError("worker_died")
        try:
            return unpack_answer(self._receive(size, deadline), kind)
        except ValueError:
            raise WorkerLostError("worker_died") from None

    def kill(self) -> None:
        """End the process at once and wait for it."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._stdin, self._stdout):
            pipe.close()

    def _wait(self, descriptor: int, event: int, deadline: float) -> None:
        poller = select.poll()
        poller.register(descriptor, event)
        left = deadline - time.monotonic()
        if left <= 0 or not poller.poll(left * 1000):
            raise WorkerLostError("timeout")

    def _send(self, data: bytes, deadline: float) -> None:
        rest = memoryview(data)
        while rest:
            self._wait(self._in, select.POLLOUT, deadline)
            try:
                rest = rest[os.write(self._in, rest[:CHUNK]) :]
            except BlockingIOError:
                continue
            except OSError:
                raise WorkerLostError("worker_died") from None

    def _receive(self, size: int, deadline: float) -> bytes:
        data = bytearray()
        while len(data) < size:
            self._wait(self._out, select.POLLIN, deadline)
            piece = os.read(self._out, size - len(data))
            if not piece:
                raise WorkerLostError("worker_died")
            data += piece
        return bytes(data)
