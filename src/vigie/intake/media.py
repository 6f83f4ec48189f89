# SPDX-License-Identifier: Apache-2.0
"""Media of an item to facts: bytes go to the decoders, addresses stay pending.

Bytes are never written here: they live in the request and in a decoder's
memory, and both forget them.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Callable
from concurrent.futures import Future

from vigie.core.item import Item, Media, MediaFacts

Decode = Callable[[bytes, str | None], "Future[MediaFacts]"]


async def facts_of(item: Item, decode: Decode) -> tuple[MediaFacts, ...]:
    """Return the facts of every medium, in the item's order.

    Raises UnavailableError where the decoders' queue is full.
    """
    if not item.media:
        return ()
    waiting = [_begin(one, decode) for one in item.media]
    return tuple(
        [await asyncio.wrap_future(one) if isinstance(one, Future) else one for one in waiting]
    )


def _begin(medium: Media, decode: Decode) -> MediaFacts | Future[MediaFacts]:
    if medium.base64 is not None:
        try:
            data = base64.b64decode(medium.base64, validate=True)
        except (binascii.Error, ValueError):
            return MediaFacts(status="failed", problem="base64")
        return decode(data, medium.mime)
    if medium.sha256 or medium.md5 or medium.pdq:
        return MediaFacts(
            status="hashes",
            sha256=medium.sha256,
            md5=medium.md5,
            pdq=medium.pdq,
            quality=medium.pdq_quality,
            mime=medium.mime,
        )
    return MediaFacts(status="pending")
