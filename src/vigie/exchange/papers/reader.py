# SPDX-License-Identifier: Apache-2.0
"""Reads one document in a process with limits of memory, processor and wall time."""

from __future__ import annotations

from typing import Final

import msgspec

from vigie.exchange.apart import Apart, End, EndedError
from vigie.exchange.papers.found import MAX_TEXT, Found, Problem

MEGABYTES: Final = 768
SECONDS: Final = 15
"""Processor seconds of one document."""
PROCESS: Final = Apart(
    module="vigie.exchange.papers.worker",
    wall=30.0,
    max_answer=16_000_000,
    busy=("Too many documents are waiting to be read.", "reader_busy"),
)


def read(data: bytes, *, seconds: int = SECONDS, megabytes: int = MEGABYTES) -> Found:
    """Return what a document says; its `problem` where it cannot be read.

    Never raises for what a stranger wrote. Raises UnavailableError where too many wait.
    """
    try:
        said = PROCESS.ask(data, megabytes=megabytes, seconds=seconds)
        return _bounded(msgspec.json.decode(said, type=Found))
    except EndedError as ended:
        return Found(problem=Problem.CRASHED if ended.how is End.CRASHED else Problem.TOO_LONG)
    except (msgspec.DecodeError, msgspec.ValidationError):
        return Found(problem=Problem.CRASHED)


def _bounded(found: Found) -> Found:
    found.text = found.text[:MAX_TEXT]
    return found
