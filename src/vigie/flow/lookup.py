# SPDX-License-Identifier: Apache-2.0
"""Prints one decision of the archive: `python -m vigie.flow.lookup FOLDER ID`.

A process of its own, because Parquet readers cost more memory than the door
that asks. Exit code 1 where no segment holds the decision.
"""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec

from vigie.core.errors import VigieError
from vigie.journal.archive import find


def main(arguments: list[str]) -> int:
    """Write `{"decision": {...}, "service": "..."}` to standard output."""
    folder, wanted = arguments
    try:
        found = find(Path(folder), wanted)
    except VigieError:
        return 1
    if found is None:
        return 1
    answer = {"service": found["service"], "decision": msgspec.Raw(found["decision"])}
    sys.stdout.buffer.write(msgspec.json.encode(answer))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
