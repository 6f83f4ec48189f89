# SPDX-License-Identifier: Apache-2.0
"""Media of an item to facts: bytes go to the decoders, addresses stay pending.

Bytes are never written here: they live in the request and in a decoder's
memory, and both forget them.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Final

from vigie.core.item import Item, Media, MediaFacts

Decode = Callable[[bytes, str | None], "Future[MediaFacts]"]
TOGETHER: Final = 8
"""Most media of one batch that are decoded at once: the rest of the queue is for others."""
INLINE: Final = 256 * 1024
"""Longer base64 is decoded in a thread, so that the event loop goes on."""


async def facts_of_all(items: Sequence[Item], decode: Decode) -> list[tuple[MediaFacts, ...]]:
    """Return the facts of every medium of every item, in order.

    Raises UnavailableError where the decoders' queue is full.
    """
    turns = asyncio.Semaphore(TOGETHER)

    async def one(item: Item) -> tuple[MediaFacts, ...]:
        return tuple([await _facts_of(medium, decode, turns) for medium in item.media])

    return await asyncio.gather(*(one(item) for item in items))


async def _facts_of(medium: Media, decode: Decode, turns: asyncio.Semaphore) -> MediaFacts:
    if medium.base64 is not None:
        async with turns:
            return await _decoded(medium.base64, medium.mime, decode)
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


async def _decoded(text: str, mime: str | None, decode: Decode) -> MediaFacts:
    try:
        if len(text) > INLINE:
            data = await asyncio.to_thread(base64.b64decode, text, validate=True)
        else:
            data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return MediaFacts(status="failed", problem="base64")
    return await asyncio.wrap_future(decode(data, mime))
