# SPDX-License-Identifier: Apache-2.0
"""The same rounds against every server: plain requests, streams without pause, paced ones."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from benchmarks.common import tree_cpu
from benchmarks.gateway.client import Answer, Target, ask

PLAIN = 3_000
STREAMS = 600
ALONE = 60
AT_ONCE = 32


class Cost(NamedTuple):
    """What one round came to, per request."""

    cpu: float
    """Milliseconds of the server's CPU."""
    rate: float
    """Requests a second."""
    answers: list[Answer]


@dataclass
class Round:
    """The figures of one server; times in milliseconds."""

    plain_cpu: float = 0.0
    plain_rate: float = 0.0
    waited: float = 0.0
    """Plain requests, one at a time: median."""
    fast_cpu: float = 0.0
    fast_rate: float = 0.0
    paced_cpu: float = 0.0
    firsts: dict[int, float] = field(default_factory=dict)
    """Median wait for the first text of a paced stream, by streams at once."""

    def first(self, direct: Round, at_once: int) -> float:
        """Return what this server adds to the wait for the first text."""
        return self.firsts[at_once] - direct.firsts[at_once]


async def measure_target(target: Target, share: float = 1.0) -> Round:
    """Run every round; `share` of the usual number for a server that is slow."""
    plain, streams = int(PLAIN * share), max(3 * AT_ONCE, int(STREAMS * share))
    await ask(target, "fast", max(AT_ONCE, plain // 5), AT_ONCE, stream=False)
    await ask(target, "fast", max(AT_ONCE, streams // 5), AT_ONCE, stream=True)
    found = Round()
    single = await _round(target, "fast", max(ALONE, plain // 10), 1, stream=False)
    found.waited = _median([one.took for one in single.answers])
    crowd = await _round(target, "fast", plain, AT_ONCE, stream=False)
    found.plain_cpu, found.plain_rate = crowd.cpu, crowd.rate
    fast = await _round(target, "fast", streams, AT_ONCE, stream=True)
    found.fast_cpu, found.fast_rate = fast.cpu, fast.rate
    alone = await _round(target, "paced", ALONE, 1, stream=True)
    paced = await _round(target, "paced", streams, AT_ONCE, stream=True)
    found.paced_cpu = paced.cpu
    found.firsts = {
        1: _median([one.first for one in alone.answers]),
        AT_ONCE: _median([one.first for one in paced.answers]),
    }
    return found


async def _round(target: Target, model: str, times: int, at_once: int, *, stream: bool) -> Cost:
    before, began = tree_cpu(target.pid), time.perf_counter()
    answers = await ask(target, model, times, at_once, stream=stream)
    took = time.perf_counter() - began
    cpu = (tree_cpu(target.pid) - before) * 1000 / times
    return Cost(cpu, times / took, answers)


def _median(values: Sequence[float]) -> float:
    return statistics.median(values) * 1000
