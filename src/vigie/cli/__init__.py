# SPDX-License-Identifier: Apache-2.0
"""The command `vigie`: noun groups, `--json` everywhere, exit codes that scripts can read."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line and leave with its exit code."""
    from vigie.cli.app import run

    sys.exit(run(sys.argv[1:]))
