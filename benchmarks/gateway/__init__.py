# SPDX-License-Identifier: Apache-2.0
"""The AI gateway beside litellm's proxy: same stub of a model, same run, same client.

Vigie runs as an operator runs it: `vigie serve --role gateway` over a folder of
`vigie init`, a real key, the default profile (`paced`), the journal on. litellm
runs with a master key and its own content filter on prompts and answers; it is
measured where VIGIE_LITELLM names a Python that has `litellm[proxy]`. CPU time
is that of the server's processes alone, from /proc, so Linux is needed.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import uvloop

from benchmarks.common import Figure, say, tree_rss
from benchmarks.gateway import servers
from benchmarks.gateway.client import Target
from benchmarks.gateway.crowd import held, many
from benchmarks.gateway.rounds import Round, measure_target

PLAIN_SHARE = 7
STREAM_SHARE = 6


def measure() -> list[Figure]:
    """Return CPU time, waiting times, and what many streams at once come to."""
    with tempfile.TemporaryDirectory(prefix="vigie-gateway-") as name, servers.stub() as stub:
        folder = Path(name)
        say("the stub alone")
        direct = uvloop.run(measure_target(stub))
        with servers.vigie(folder / "vigie-data", stub) as target:
            say("the gateway: one by one, then 32 at once")
            own = uvloop.run(measure_target(target))
            figures = _own(own, direct) + _many(target, stub)
            figures.append(_memory("gateway", target, 250))
        python = os.environ.get(servers.LITELLM, "")
        if not Path(python).is_file():
            print(f"litellm is left out: {servers.LITELLM} names no Python with litellm[proxy]")
            return figures
        with servers.litellm(folder, python, stub) as target:
            say("litellm: the same")
            other = uvloop.run(measure_target(target, share=0.1))
            memory = _memory("litellm", target)
    return [*figures, *_compared(own, other, direct), memory]


def _own(own: Round, direct: Round) -> list[Figure]:
    return [
        Figure("CPU of a plain request", own.plain_cpu, "ms", 2, False),
        Figure("CPU of a 43-frame stream, no pause, 32 at once", own.fast_cpu, "ms", 9, False),
        Figure("CPU of a 43-frame stream, paced, 32 at once", own.paced_cpu, "ms", 9, False),
        Figure("first text added, 1 at once", own.first(direct, 1), "ms", 5, False),
        Figure("first text added, 32 at once", own.first(direct, 32), "ms", 40, False),
        Figure("plain request added, 1 at once, p50", own.waited - direct.waited, "ms"),
        Figure("plain requests, 32 at once", own.plain_rate, "/s"),
        Figure("streams without pause, 32 at once", own.fast_rate, "/s"),
    ]


def _compared(own: Round, other: Round, direct: Round) -> list[Figure]:
    return [
        Figure("litellm: CPU of a plain request", other.plain_cpu, "ms"),
        Figure("litellm: CPU of a stream, no pause, 32 at once", other.fast_cpu, "ms"),
        Figure("litellm: CPU of a stream, paced, 32 at once", other.paced_cpu, "ms"),
        Figure("litellm: first text added, 1 at once", other.first(direct, 1), "ms"),
        Figure("litellm: first text added, 32 at once", other.first(direct, 32), "ms"),
        Figure("litellm: plain requests, 32 at once", other.plain_rate, "/s"),
        Figure("litellm: streams without pause, 32 at once", other.fast_rate, "/s"),
        Figure("litellm / Vigie, CPU of a plain request", other.plain_cpu / own.plain_cpu, "times",
               PLAIN_SHARE),
        Figure("litellm / Vigie, CPU of a stream, no pause", other.fast_cpu / own.fast_cpu, "times",
               STREAM_SHARE),
        Figure("litellm / Vigie, CPU of a stream, paced", other.paced_cpu / own.paced_cpu, "times",
               STREAM_SHARE),
    ]  # fmt: skip


def _many(target: Target, stub: Target) -> list[Figure]:
    """Run with the gateway on one core and all else on the others."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) > 1:
        servers.pin(target.pid, {cores[0]})
        servers.pin(stub.pid, {cores[1]})
        os.sched_setaffinity(0, {cores[1]})
    try:
        slow = many(stub, 500, 8)
        mine = many(target, 500, 8)
        return [
            Figure("500 streams of 8 frames/s: failed", mine.failed, "streams", 0, False),
            Figure("500 streams of 8 frames/s: longest stall", mine.stall, "ms", 250, False),
            Figure("500 streams of 8 frames/s: stall, p99", mine.usual, "ms"),
            Figure("500 streams of 8 frames/s: the stub's own", slow.stall, "ms"),
            Figure("500 streams of 8 frames/s: the gateway's core", mine.busy, "% of a core"),
            Figure("streams held at 25 frames/s, stall under 250 ms", held(target), "streams"),
        ]
    finally:
        os.sched_setaffinity(0, set(cores))
        servers.pin(target.pid, set(cores))
        servers.pin(stub.pid, set(cores))


def _memory(name: str, target: Target, most: float | None = None) -> Figure:
    resident = tree_rss(target.pid) / 2**20
    return Figure(f"{name}: resident memory at the end", resident, "MiB", most, at_least=False)
