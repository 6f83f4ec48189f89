# SPDX-License-Identifier: Apache-2.0
"""Reads one document in a process with limits of memory, processor and wall time."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from typing import Final

import msgspec

from vigie.core.errors import UnavailableError
from vigie.exchange.papers.found import MAX_TEXT, Found, Problem

MEGABYTES: Final = 768
SECONDS: Final = 15
"""Processor seconds of one document."""
WALL: Final = 30.0
WAIT: Final = 30.0
"""So long a document waits for a free place before it is left for later."""
AT_ONCE: Final = 2
MAX_ANSWER: Final = 16_000_000
_MODULE: Final = "vigie.exchange.papers.worker"
_KEPT: Final = ("PATH", "PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "HOME", "LANG")
_places = threading.BoundedSemaphore(AT_ONCE)


def read(data: bytes, *, seconds: int = SECONDS, megabytes: int = MEGABYTES) -> Found:
    """Return what a document says; its `problem` where it cannot be read.

    Never raises for what a stranger wrote. Raises UnavailableError where too many wait.
    """
    if not _places.acquire(timeout=WAIT):
        raise UnavailableError("Too many documents are waiting to be read.", code="reader_busy")
    try:
        return _ask(data, seconds, megabytes)
    finally:
        _places.release()


def _ask(data: bytes, seconds: int, megabytes: int) -> Found:
    command = [sys.executable, "-P", "-m", _MODULE, str(megabytes), str(seconds)]
    try:
        done = subprocess.run(  # noqa: S603 - our own module, no input in the command
            command,
            input=data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment(),
            timeout=WALL,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Found(problem=Problem.TOO_LONG)
    if done.returncode == 0 and len(done.stdout) <= MAX_ANSWER:
        try:
            return _bounded(msgspec.json.decode(done.stdout, type=Found))
        except (msgspec.DecodeError, msgspec.ValidationError):
            return Found(problem=Problem.CRASHED)
    # The kernel ends a process that used up its processor time.
    return Found(problem=Problem.TOO_LONG if done.returncode in _TIMED_OUT else Problem.CRASHED)


_TIMED_OUT: Final = (-24, -9)
"""SIGXCPU, and the SIGKILL that follows it."""


def _bounded(found: Found) -> Found:
    found.text = found.text[:MAX_TEXT]
    return found


def environment() -> dict[str, str]:
    """Return a small environment: no secrets."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return kept | {"PYTHONDONTWRITEBYTECODE": "1", "MALLOC_ARENA_MAX": "1"}
