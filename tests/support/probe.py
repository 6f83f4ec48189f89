# SPDX-License-Identifier: Apache-2.0
"""Loads packages in a fresh interpreter and tells what else came in with them."""

from __future__ import annotations

import json
import os
import subprocess
import sys

_SCRIPT = """
import importlib, json, pkgutil, sys
for name in sys.argv[1:]:
    root = importlib.import_module(name)
    for found in pkgutil.walk_packages(getattr(root, "__path__", []), name + "."):
        importlib.import_module(found.name)
print(json.dumps(sorted(sys.modules)))
"""


def loaded_with(*packages: str, path: str | None = None) -> set[str]:
    """Return every module in memory after loading packages with all their modules."""
    environment = {**os.environ, "PYTHONPATH": path or ""}
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT, *packages],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))
