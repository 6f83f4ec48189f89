# SPDX-License-Identifier: Apache-2.0
"""Many streams at once through one server, and the longest that any of them stood still."""

from __future__ import annotations

import math
import time
from typing import Final, NamedTuple

import uvloop

from benchmarks.common import say, tree_cpu
from benchmarks.gateway.client import Target, hold

SECONDS: Final = 20
MOST: Final = 250.0
"""Milliseconds that a stream may stand still beyond the upstream's own pace."""
SPREAD: Final = 8.0
"""Seconds over which streams begin: people do not ask all at once."""


class Many(NamedTuple):
    """What came of many streams; waits in milliseconds."""

    failed: int
    stall: float
    usual: float
    """Of 99 in 100 streams."""
    busy: float
    """Share of one core that the server took, in per cent."""


def many(target: Target, streams: int, frames: int, seconds: int = SECONDS) -> Many:
    """Run streams of so many frames a second, all at once."""
    say(f"{target.name}: {streams} streams of {frames} frames a second")
    before, began = tree_cpu(target.pid), time.monotonic()
    answers = uvloop.run(hold(target, f"rate-{frames}-{seconds}", streams, SPREAD))
    busy = (tree_cpu(target.pid) - before) / (time.monotonic() - began)
    stalls = sorted(one.stall(1 / frames) * 1000 for one in answers if one is not None)
    if not stalls:
        return Many(streams, math.inf, math.inf, busy * 100)
    failed = streams - len(stalls)
    return Many(failed, stalls[-1], stalls[int(len(stalls) * 0.99)], busy * 100)


def held(target: Target, frames: int = 25, step: int = 50, most: int = 1_000) -> float:
    """Return the largest number of streams, in steps, of which none stood still.

    From below, and no further than the first that fails: judgements that come too
    late pull the gateway's own brake, after which it answers nobody.
    """
    found = 0
    while found + step <= most and _holds(target, found + step, frames):
        found += step
    return float(found)


def _holds(target: Target, streams: int, frames: int) -> bool:
    found = many(target, streams, frames, seconds=12)
    return not found.failed and found.stall < MOST
