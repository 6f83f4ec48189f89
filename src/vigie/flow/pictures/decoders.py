# SPDX-License-Identifier: Apache-2.0
"""One decoder process for the people of this process, started with the first picture.

The machine door has a pool of its own that answers within its limits of time;
a person's look must not wait behind a burst of items, nor they behind a look.
The worker ends with this process, however that ends: its input closes.
"""

from __future__ import annotations

import atexit
from functools import cache
from typing import Final

from vigie.core.item import MediaFacts
from vigie.exchange.fetch import MAX_BYTES
from vigie.screening.media.pool import DecoderPool
from vigie.screening.media.protocol import Clarity, Drawn

WAIT_S: Final = 30.0
"""Start of the worker and two pictures before this one."""
WAITING: Final = 8


@cache
def pool() -> DecoderPool:
    """Return this process's pool; closed when the process ends."""
    made = DecoderPool(workers=1, waiting=WAITING, max_bytes=MAX_BYTES)
    atexit.register(made.close)
    return made


def facts_of(data: bytes) -> MediaFacts:
    """Return what the bytes say, decoded in full.

    Raises UnavailableError where too many pictures wait.
    """
    return pool().submit(data, full=True).result(WAIT_S)


def draw(data: bytes, clarity: Clarity, mark: str) -> Drawn:
    """Return the picture drawn anew. Raises UnavailableError where too many wait."""
    return pool().draw(data, clarity, mark).result(WAIT_S)
