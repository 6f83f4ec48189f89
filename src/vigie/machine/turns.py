# SPDX-License-Identifier: Apache-2.0
"""Who goes first on the event loop: long batches give way to single requests.

A single request needs several turns of the loop, one after another: read, judge,
commit, answer. If a slice of a batch stood in each of them, it would wait for all
of these; so a batch lets a few turns pass while single requests are under way.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

PASSES: Final = 8
"""Turns of the loop that a batch lets pass between two of its slices."""


class Turns:
    """Counts the requests that are under way and not known to be batches."""

    def __init__(self) -> None:
        self.quick = 0

    def __enter__(self) -> None:
        """Have batches give way meanwhile."""
        self.quick += 1

    def __exit__(self, *_: object) -> None:
        """Count one request less."""
        self.quick -= 1

    @property
    def _passes(self) -> int:
        return PASSES if self.quick else 1

    async def give_way(self) -> None:
        """Let others go on before the next slice."""
        for _ in range(self._passes):
            await asyncio.sleep(0)

    def after_others(self, call: Callable[[], None]) -> None:
        """Call after others have gone on."""
        self._pass(asyncio.get_running_loop(), call, self._passes)

    def _pass(self, loop: asyncio.AbstractEventLoop, call: Callable[[], None], passes: int) -> None:
        if passes > 1:
            loop.call_soon(self._pass, loop, call, passes - 1)
        else:
            loop.call_soon(call)
