# SPDX-License-Identifier: Apache-2.0
"""The verifier as one file, as the project hands it out."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

NAME = "vigie_verify.py"


def bundle(path: Path) -> None:
    """Write it, where it is not there yet."""
    if not path.exists():
        module = "vigie.ledger.verify.bundle"
        subprocess.run([sys.executable, "-m", module, str(path)], check=True)
