# SPDX-License-Identifier: Apache-2.0
"""Has one document checked in a process with limits of memory, processor and wall time."""

from __future__ import annotations

import subprocess
import sys
import threading
from typing import Final

import msgspec

from vigie.core.errors import UnavailableError
from vigie.exchange.papers.reader import environment
from vigie.exchange.signed.report import Question, Report

MEGABYTES: Final = 1024
SECONDS: Final = 20
WALL: Final = 60.0
WAIT: Final = 30.0
AT_ONCE: Final = 2
MAX_ANSWER: Final = 1_000_000
_MODULE: Final = "vigie.exchange.signed.worker"
_places = threading.BoundedSemaphore(AT_ONCE)


def ask(data: bytes, question: Question) -> Report:
    """Return what the signatures of a document say; its `problem` where nobody can tell.

    Never raises for what a stranger wrote. Raises UnavailableError where too many wait.
    """
    if not _places.acquire(timeout=WAIT):
        raise UnavailableError("Too many documents are waiting to be checked.", code="check_busy")
    try:
        return _ask(data, question)
    finally:
        _places.release()


def _ask(data: bytes, question: Question) -> Report:
    command = [sys.executable, "-P", "-m", _MODULE, str(MEGABYTES), str(SECONDS)]
    try:
        done = subprocess.run(  # noqa: S603 - our own module, no input in the command
            command,
            input=msgspec.json.encode(question) + b"\n" + data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment(),
            timeout=WALL,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Report(problem="too_long")
    if done.returncode != 0 or len(done.stdout) > MAX_ANSWER:
        return Report(problem="crashed")
    try:
        return msgspec.json.decode(done.stdout, type=Report)
    except (msgspec.DecodeError, msgspec.ValidationError):
        return Report(problem="crashed")
