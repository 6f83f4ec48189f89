# SPDX-License-Identifier: Apache-2.0
"""Says whether a store is of this version: `python -m vigie.cli.pending FOLDER`.

A process of its own, because the supervisor that asks must not keep Django in
memory for life. A database that does not answer says nothing about its version:
the doors can begin without it.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from vigie.cli.failures import OK, code_of, is_database_away, report


def main(arguments: Sequence[str]) -> int:
    """Report a store of another version; return the exit code."""
    from vigie.cli.context import open_house

    try:
        open_house(Path(arguments[0]))
    except Exception as problem:  # noqa: BLE001 - reported as any command reports
        if is_database_away(problem):
            return OK
        report(problem, as_json="--json" in arguments)
        return code_of(problem)
    return OK


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
