# SPDX-License-Identifier: Apache-2.0
"""What an upstream answers on the image routes: read, and fetched where it gives addresses.

An address is called by the rules of `exchange.outbound`: resolved once, open internet
only, no redirect, limits of time and size. Addresses of an inner network are called
only on the very host of an upstream that the operator marked private.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import msgspec

from vigie.core.errors import InvalidInputError, OutsideError, VigieError
from vigie.core.gateway import Upstream
from vigie.exchange import outbound
from vigie.exchange.fetch import HEADERS, host_of
from vigie.exchange.outbound import Resolver, resolve
from vigie.gateway.dialects.base import Usage
from vigie.gateway.dialects.openai import TokenCount
from vigie.gateway.pictures import unpacked
from vigie.gateway.upstream import Opened, UpstreamError
from vigie.screening.media.pool import MAX_BYTES

MOST_ANSWER: Final = 64 << 20
"""Bytes of an answer: several pictures as base64."""
FETCH_SECONDS: Final = 20.0
SAID: Final = ("background", "output_format", "quality", "size")
"""Short names beside the pictures; anything else an upstream says stays here."""
_SHORT: Final = 32


class Result(NamedTuple):
    """One picture as it came."""

    data: bytes
    revised: str = ""
    """What the upstream made of the prompt: generated text."""


class Answered(NamedTuple):
    """An answer, read."""

    results: tuple[Result, ...]
    created: int
    said: Mapping[str, str]
    usage: Any = None
    tokens: Usage = Usage()


class _Image(msgspec.Struct):
    url: str | None = None
    b64_json: str | None = None
    revised_prompt: str | None = None


class _Usage(msgspec.Struct):
    input_tokens: int = 0
    output_tokens: int = 0
    total_tokens: int = 0


class _Answer(msgspec.Struct):
    data: list[_Image]
    created: int = 0
    usage: _Usage | None = None
    background: Any = None
    output_format: Any = None
    quality: Any = None
    size: Any = None


_READ: Final = msgspec.json.Decoder(_Answer)


async def whole(opened: Opened) -> bytes:
    """Return all of an answer. Raises OutsideError where it breaks off or is too long."""
    try:
        return await opened.whole(MOST_ANSWER)
    except UpstreamError as problem:
        raise _foreign(problem.code) from problem


async def read(raw: bytes, upstream: Upstream, most: int, resolver: Resolver = resolve) -> Answered:
    """Return what an upstream answered. Raises OutsideError where it is not to be had."""
    try:
        answer = await asyncio.to_thread(_READ.decode, raw)
    except (msgspec.MsgspecError, RecursionError) as problem:
        raise _foreign("not readable") from problem
    if not 1 <= len(answer.data) <= most:
        raise _foreign("of another number of pictures than asked for")
    results = [await _result(one, upstream, resolver) for one in answer.data]
    said = {name: getattr(answer, name) for name in SAID}
    counted = answer.usage or _Usage()
    return Answered(
        tuple(results),
        max(answer.created, 0),
        {name: value for name, value in said.items() if _is_short(value)},
        msgspec.to_builtins(answer.usage) if answer.usage else None,
        TokenCount(input_tokens=counted.input_tokens, output_tokens=counted.output_tokens).usage,
    )


def _is_short(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= _SHORT and value.isascii()


async def _result(one: _Image, upstream: Upstream, resolver: Resolver) -> Result:
    revised = one.revised_prompt or ""
    try:
        if one.b64_json:
            return Result(await unpacked(one.b64_json, "data"), revised)
        if one.url:
            return Result(
                await asyncio.to_thread(fetch, one.url, upstream, resolver=resolver), revised
            )
    except InvalidInputError as problem:
        raise _foreign(problem.code) from problem
    raise _foreign("without a picture")


def fetch(url: str, upstream: Upstream, *, resolver: Resolver = resolve) -> bytes:
    """Return the bytes at an address that an upstream gave.

    Raises InvalidInputError where it may not be called, OutsideError where nothing
    is to be had. Runs in a thread.
    """
    inside = upstream.private and host_of(url) == host_of(upstream.url) != ""
    to = outbound.target(url, allow_private=inside, resolver=resolver)
    found = outbound.get(to, HEADERS, most=MAX_BYTES, wanted=_wanted, timeout=FETCH_SECONDS)
    if found.status != outbound.OK or not _wanted(found.content_type):
        raise _foreign("not at its address")
    if len(found.body) > MAX_BYTES:
        raise _foreign("too large")
    return found.body


def _wanted(content_type: str) -> bool:
    kind = content_type.partition(";")[0].strip().lower()
    return kind.startswith("image/") or kind == "application/octet-stream"


def _foreign(what: str) -> VigieError:
    return OutsideError(
        "The upstream's picture is not to be had.", code="upstream_invalid", diagnostics=what
    )
