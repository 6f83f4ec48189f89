# SPDX-License-Identifier: Apache-2.0
"""One checking process: one document from its input, the report to its output, then it ends.

Run as `python -m vigie.exchange.signed.worker MEGABYTES SECONDS`. The question comes
first, on a line of its own. It bounds its memory and time before the first byte of the
document, and can write no file.
"""

from __future__ import annotations

import logging
import sys
from typing import Final

import msgspec

from vigie.exchange.papers.worker import limit
from vigie.exchange.signed.check import check
from vigie.exchange.signed.report import Question, Report

OPEN_FILES: Final = 64
"""The libraries load parts of themselves late, and an event loop needs a few."""


def main(megabytes: int, seconds: int) -> int:
    """Read, check, answer, end."""
    logging.disable(logging.CRITICAL)
    limit(megabytes, seconds, OPEN_FILES)
    question = msgspec.json.decode(sys.stdin.buffer.readline(), type=Question)
    try:
        found = check(sys.stdin.buffer.read(), question)
    except (MemoryError, RecursionError):
        found = Report(problem="too_much")
    sys.stdout.buffer.write(msgspec.json.encode(found))
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2])))
