# SPDX-License-Identifier: Apache-2.0
"""Has one document checked in a process with limits of memory, processor and wall time."""

from __future__ import annotations

from typing import Final

import msgspec

from vigie.exchange.apart import Apart, End, EndedError
from vigie.exchange.signed.report import Question, Report

MEGABYTES: Final = 1024
SECONDS: Final = 20
PROCESS: Final = Apart(
    module="vigie.exchange.signed.worker",
    wall=60.0,
    max_answer=1_000_000,
    busy=("Too many documents are waiting to be checked.", "check_busy"),
)


def ask(data: bytes, question: Question) -> Report:
    """Return what the signatures of a document say; its `problem` where nobody can tell.

    Never raises for what a stranger wrote. Raises UnavailableError where too many wait.
    """
    asked = msgspec.json.encode(question) + b"\n" + data
    try:
        said = PROCESS.ask(asked, megabytes=MEGABYTES, seconds=SECONDS)
        return msgspec.json.decode(said, type=Report)
    except EndedError as ended:
        return Report(problem="too_long" if ended.how is End.WALL else "crashed")
    except (msgspec.DecodeError, msgspec.ValidationError):
        return Report(problem="crashed")
