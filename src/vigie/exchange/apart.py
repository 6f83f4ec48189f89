# SPDX-License-Identifier: Apache-2.0
"""Has a stranger's document looked at by one of our modules, in a process of its own.

The process bounds its own memory and processor time (`exchange.papers.worker.limit`);
here stand the wall time, the size of its answer, how many run at once, and what of our
environment they are told: no secret.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from vigie.core.errors import UnavailableError

_KEPT: Final = ("PATH", "PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "HOME", "LANG")
_SPENT: Final = (-24, -9)
"""SIGXCPU, and the SIGKILL that follows it."""


class End(StrEnum):
    """How a process ended that gave no answer."""

    WALL = "wall"
    """It did not end in time."""
    PROCESSOR = "processor"
    """The kernel ended it: its processor time was used up."""
    CRASHED = "crashed"


class EndedError(Exception):
    """A process gave no answer."""

    def __init__(self, how: End) -> None:
        super().__init__(how.value)
        self.how = how


@dataclass(slots=True, kw_only=True)
class Apart:
    """One kind of such processes."""

    module: str
    """Run as `python -m MODULE MEGABYTES SECONDS`; reads its input, writes its answer, ends."""
    wall: float
    max_answer: int
    busy: tuple[str, str]
    """Message and code of the error where too many wait."""
    wait: float = 30.0
    """So long a document waits for a free place before it is left for later."""
    at_once: int = 2
    places: threading.BoundedSemaphore = field(init=False)

    def __post_init__(self) -> None:
        """Make the places."""
        self.places = threading.BoundedSemaphore(self.at_once)

    def ask(self, data: bytes, *, megabytes: int, seconds: int) -> bytes:
        """Return what the module answers.

        Raises EndedError where it gives no answer, UnavailableError where too many wait.
        """
        if not self.places.acquire(timeout=self.wait):
            message, code = self.busy
            raise UnavailableError(message, code=code)
        try:
            return self._run(data, megabytes, seconds)
        finally:
            self.places.release()

    def _run(self, data: bytes, megabytes: int, seconds: int) -> bytes:
        command = [sys.executable, "-P", "-m", self.module, str(megabytes), str(seconds)]
        try:
            done = subprocess.run(  # noqa: S603 - our own module, no input in the command
                command,
                input=data,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment(),
                timeout=self.wall,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise EndedError(End.WALL) from None
        if done.returncode == 0 and len(done.stdout) <= self.max_answer:
            return done.stdout
        raise EndedError(End.PROCESSOR if done.returncode in _SPENT else End.CRASHED)


def environment() -> dict[str, str]:
    """Return a small environment: no secrets."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return kept | {"PYTHONDONTWRITEBYTECODE": "1", "MALLOC_ARENA_MAX": "1"}
