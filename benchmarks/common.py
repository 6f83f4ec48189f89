# SPDX-License-Identifier: Apache-2.0
"""What the benchmarks share: CPU time, a calibration line, figures with targets."""

from __future__ import annotations

import hashlib
import json
import os
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

BLOCK = bytes(1024)
TICKS = os.sysconf("SC_CLK_TCK")


class Figure(NamedTuple):
    """One measured number; `target` and its sense where the project has one."""

    name: str
    value: float
    unit: str
    target: float | None = None
    at_least: bool = True

    @property
    def met(self) -> bool | None:
        """Say whether the target is met; None without a target."""
        if self.target is None:
            return None
        return self.value >= self.target if self.at_least else self.value <= self.target


def calibrate(seconds: float = 1.0) -> float:
    """Return SHA-256 of 1 KiB blocks per CPU second: how fast this machine is now."""
    count, began = 0, time.process_time()
    while time.process_time() - began < seconds:
        for _ in range(1000):
            hashlib.sha256(BLOCK).digest()
        count += 1000
    return count / (time.process_time() - began)


def cpu_seconds() -> float:
    """Return the CPU seconds of this process, all threads and ended children."""
    own = resource.getrusage(resource.RUSAGE_SELF)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def tree_cpu(pid: int) -> float:
    """Return the CPU seconds of another process and its living descendants (Linux)."""
    return sum(_one_cpu(one) for one in tree(pid))


def tree_rss(pid: int) -> int:
    """Return the resident bytes of a process and its living descendants (Linux)."""
    page = os.sysconf("SC_PAGE_SIZE")
    return sum(int(Path(f"/proc/{p}/statm").read_text().split()[1]) * page for p in tree(pid))


def tree(pid: int) -> list[int]:
    """Return a process and all its living descendants."""
    found = [pid]
    for one in found:
        for task in Path(f"/proc/{one}/task").iterdir():
            found.extend(int(child) for child in (task / "children").read_text().split())
    return found


def _one_cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return sum(int(fields[n]) for n in (11, 12, 13, 14)) / TICKS


def rate(work: Callable[[], int], rounds: int = 3) -> float:
    """Return units per CPU second: the median of several rounds of `work`."""
    found = []
    for _ in range(rounds):
        began = cpu_seconds()
        count = work()
        found.append(count / (cpu_seconds() - began))
    return statistics.median(found)


def say(step: str) -> None:
    """Name the step under way beside the figures, which come at the end."""
    print(f"  … {step}", file=sys.stderr, flush=True)


def report(figures: Iterable[Figure], *, as_json: bool = False) -> int:
    """Print figures, as a table or as JSON lines; return 1 where a target is missed."""
    figures = list(figures)
    for one in figures:
        if as_json:
            print(json.dumps({**one._asdict(), "met": one.met}))
            continue
        sign = "at least" if one.at_least else "at most"
        target = f"{sign} {one.target:,.6g}" if one.target is not None else ""
        mark = {None: "", True: "met", False: "MISSED"}[one.met]
        print(f"{one.name:58} {one.value:>14,.6g} {one.unit:16} {target:20} {mark}")
    return int(any(one.met is False for one in figures))
