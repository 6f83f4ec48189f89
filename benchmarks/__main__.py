# SPDX-License-Identifier: Apache-2.0
"""Run every benchmark: `python -m benchmarks [--json] [NAME...]`."""

from __future__ import annotations

import argparse
import os

# Before NumPy loads: one thread, so that CPU seconds are those of one core.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import importlib
import json
import pkgutil
import platform
import sys

import benchmarks
from benchmarks.common import Figure, calibrate, report
from benchmarks.workload import NoDataError

SHARED = {"__main__", "common", "workload", "server"}


def names() -> list[str]:
    """Return every benchmark: a module with `measure() -> list[Figure]`."""
    return [m.name for m in pkgutil.iter_modules(benchmarks.__path__) if m.name not in SHARED]


def main() -> int:
    """Print the calibration line, then each benchmark's figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="run these alone")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    given = parser.parse_args()
    failed = 0
    for name in given.names or names():
        speed = calibrate()
        if given.json:
            print(json.dumps({"benchmark": name, "sha256_1kib_per_cpu_second": round(speed)}))
        else:
            print(f"\n{name} · {platform.machine()} · {speed:,.0f} SHA-256 of 1 KiB per CPU second")
        try:
            figures: list[Figure] = importlib.import_module(f"benchmarks.{name}").measure()
        except NoDataError as problem:
            print(f"skipped: {problem}")
            continue
        failed |= report(figures, as_json=given.json)
        sys.stdout.flush()
    return failed


if __name__ == "__main__":
    sys.exit(main())
