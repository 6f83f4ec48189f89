# SPDX-License-Identifier: Apache-2.0
"""An installation in a folder of its own, driven by its command line as an operator would."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

TIMEOUT = 120


@dataclass
class Installation:
    """A data folder and how to call `vigie` on it."""

    folder: Path
    database_url: str = ""
    env: dict[str, str] = field(default_factory=dict)

    def environment(self) -> dict[str, str]:
        """Return the environment of its processes: nothing of the test run's own settings."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("VIGIE_", "DJANGO_"))}
        given = {"VIGIE_DATA_DIR": str(self.folder), "VIGIE_DATABASE_URL": self.database_url}
        return {**kept, **given, **self.env}

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command and return what it said."""
        return subprocess.run(
            [sys.executable, "-m", "vigie", *arguments],
            capture_output=True,
            text=True,
            env=self.environment(),
            cwd=self.folder.parent,
            timeout=TIMEOUT,
            check=False,
        )

    def json(self, *arguments: str, code: int = 0) -> Any:
        """Run a command with --json; return its answer."""
        done = self.run(*arguments, "--json")
        assert done.returncode == code, done.stderr
        return json.loads(done.stdout)

    def start(self, *arguments: str, **given: Any) -> subprocess.Popen[str]:
        """Start a command that goes on, such as `serve`."""
        return subprocess.Popen(
            [sys.executable, "-m", "vigie", *arguments],
            text=True,
            env=self.environment(),
            cwd=self.folder.parent,
            **given,
        )
