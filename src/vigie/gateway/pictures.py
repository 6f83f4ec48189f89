# SPDX-License-Identifier: Apache-2.0
"""Pictures of prompts and results: bytes from data URLs, facts from the looker processes.

Each frame is hashed and looked at (`screening.media.looks`); what cannot be read is
refused, what could not be looked at in time is not judged, and neither passes as
harmless. Addresses are refused: the upstream would fetch once more, and could be
given another picture than the one that was judged.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from vigie.core.errors import InvalidInputError, UnavailableError, VigieError
from vigie.core.item import MediaFacts
from vigie.gateway.dialects.base import Picture
from vigie.screening.media.looks import LookPool
from vigie.screening.media.pool import MAX_BYTES

MAX_PICTURES: Final = 16
"""Of one request."""
INLINE: Final = 256 * 1024
"""Longer base64 is decoded in a thread, so that the event loop goes on."""
TOGETHER: Final = 4
"""Pictures of one request that wait for a looker at once: the rest of the queue is for others."""
OURS: Final = frozenset({"timeout", "worker_died", "decoder_unavailable", "memory"})
"""Problems that say more about us than about the picture."""
_DATA: Final = re.compile(r"data:[a-z]+/[a-z0-9.+-]+(?:;[a-z0-9=.+-]+)*;base64,", re.IGNORECASE)
_WEB: Final = re.compile(r"https?:", re.IGNORECASE)


class Source(NamedTuple):
    """One picture and its place in the request, as errors name it."""

    data: bytes
    at: str


class ScreeningMissingError(VigieError):
    """Nobody is there to look at pictures."""

    code = "image_screening_missing"
    http_status = 501


class NotJudgedError(UnavailableError):
    """A picture was not looked at in time, or the looking failed; a profile may release it."""

    code = "image_not_judged"


class Pictures:
    """Looks at the pictures of one process's exchanges."""

    def __init__(self, looks: LookPool) -> None:
        self._looks = looks

    @property
    def loaded(self) -> bool:
        """True where an image detector is installed."""
        return self._looks.loaded

    def check(self) -> None:
        """Raise ScreeningMissingError where no image detector is installed."""
        if not self.loaded:
            raise ScreeningMissingError(
                "Pictures are not taken here: no image detector is installed.",
                fix="The operator installs one: pip install 'vigie[images]'.",
            )

    async def facts_of(self, pictures: Sequence[Picture], budget_ms: int) -> tuple[MediaFacts, ...]:
        """Return the facts of every frame of the pictures of a conversation, in order.

        Raises ScreeningMissingError; InvalidInputError where a picture is an
        address or no picture; NotJudgedError where it was not looked at within
        the budget or the looking failed; UnavailableError where too many wait.
        """
        if not pictures:
            return ()
        self.check()
        check_count(len(pictures), pictures[-1].at)
        return await self.look([await source(one) for one in pictures], budget_ms)

    async def look(self, sources: Sequence[Source], budget_ms: int) -> tuple[MediaFacts, ...]:
        """Return the facts of every frame of some pictures; raises as `facts_of`."""
        self.check()
        turns = asyncio.Semaphore(TOGETHER)
        asked = asyncio.gather(*(self._one(each, turns) for each in sources))
        try:
            found = await asyncio.wait_for(asked, budget_ms / 1000)
        except TimeoutError:
            raise not_judged("timeout") from None
        return tuple(facts for frames in found for facts in frames)

    async def _one(self, one: Source, turns: asyncio.Semaphore) -> tuple[MediaFacts, ...]:
        async with turns:
            looked = await asyncio.wrap_future(self._looks.look(one.data))
        for facts in looked.frames:
            _check_read(facts, one.at)
        return looked.frames

    def close(self) -> None:
        """End the lookers."""
        self._looks.close()


async def source(picture: Picture) -> Source:
    """Return the bytes of a picture in a request. Raises InvalidInputError."""
    found = _DATA.match(picture.url[:200])
    if found is None:
        raise _no_data(picture)
    return Source(await unpacked(picture.url[found.end() :], picture.at), picture.at)


async def unpacked(text: str, at: str) -> bytes:
    """Return the bytes of base64, long ones in a thread. Raises InvalidInputError."""
    if len(text) > MAX_BYTES * 4 // 3 + 4:
        raise refused(at, "too_large")
    try:
        if len(text) > INLINE:
            return await asyncio.to_thread(base64.b64decode, text, validate=True)
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise refused(at, "base64") from None


def check_count(count: int, at: str) -> None:
    """Raise InvalidInputError where a request holds more pictures than are looked at."""
    if count > MAX_PICTURES:
        raise InvalidInputError(
            "There are too many pictures.",
            code="too_many_images",
            field=at,
            fix=f"Send at most {MAX_PICTURES} in one request.",
            http_status=400,
        )


def refused(at: str, problem: str) -> InvalidInputError:
    """Return the refusal of what is no picture that the guard can read."""
    return InvalidInputError(
        f"This picture cannot be read: {problem}.",
        code="invalid_image",
        field=at,
        fix="Send JPEG, PNG, WebP or GIF of at most 40 million pixels and 32 frames.",
        http_status=400,
    )


def not_judged(problem: str) -> NotJudgedError:
    """Return the failure of looking at a picture."""
    return NotJudgedError(
        "A picture could not be judged in time.",
        fix="Send it again in a few seconds.",
        diagnostics=problem,
    )


def _check_read(facts: MediaFacts, at: str) -> None:
    if facts.status != "ok":
        problem = facts.problem or "broken"
        raise not_judged(problem) if problem in OURS else refused(at, problem)
    failed = [one for one in facts.seen if one.status != "ok"]
    if failed or not facts.seen:
        raise not_judged(failed[0].problem or "failed" if failed else "unseen")


def _no_data(picture: Picture) -> InvalidInputError:
    if _WEB.match(picture.url[:8]):
        return InvalidInputError(
            "Pictures are not taken by address.",
            code="image_url_not_supported",
            field=picture.at,
            fix="Send the picture itself as a data URL: what is judged must be what is forwarded.",
            http_status=400,
        )
    return refused(picture.at, "no_data_url")
