# SPDX-License-Identifier: Apache-2.0
"""What is passed through: the list of models, and embeddings, which produce no text."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Final

import msgspec
from starlette.types import Receive, Send
from starlette.types import Scope as AsgiScope

from vigie.core.errors import InvalidInputError, VigieError
from vigie.core.gateway import Feature, UpstreamKind
from vigie.gateway.call import Call
from vigie.gateway.caller import Caller
from vigie.gateway.dialects.openai import (
    JSON,
    TokenCount,
    country_of,
    foreign,
    read_object,
    required,
    user_of,
)
from vigie.gateway.dialects.values import only, refused
from vigie.gateway.services import Gateway
from vigie.gateway.upstream import RefusingUpstreamError
from vigie.machine.http import read_body, send_json

MAX_BODY: Final = 8 * 2**20
MOST_INPUTS: Final = 2_048
MOST_CHARS: Final = 1_000_000
MOST_MODELS: Final = 2_000
LIST_SECONDS: Final = 10.0
_KNOWN: Final[dict[str, Any]] = dict.fromkeys(
    (
        *("model", "input", "dimensions", "encoding_format", "user", "safety_identifier"),
        "metadata",
    )
)
_FORWARDED: Final = frozenset({"model", "input", "dimensions"})


class _Model(msgspec.Struct):
    id: Annotated[str, msgspec.Meta(max_length=256)]
    created: int | float = 0
    owned_by: str = ""


class _Models(msgspec.Struct):
    data: list[_Model]


class _Vector(msgspec.Struct):
    embedding: list[float] | Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9+/=]*$")]
    index: int = 0
    object: str = "embedding"


class _Vectors(msgspec.Struct):
    data: list[_Vector]
    model: Annotated[str, msgspec.Meta(max_length=256)] = ""
    object: str = "list"
    usage: TokenCount | None = None


async def models(gateway: Gateway, scope: AsgiScope, _receive: Receive, send: Send) -> None:
    """Answer the names of all models that some upstream lists and this key may ask for."""
    caller = Caller.of(gateway, scope)
    conf = caller.snapshot.gateway
    asked = [gateway.upstreams.get(one, "/models") for one in conf.upstreams]
    try:
        async with asyncio.timeout(LIST_SECONDS):
            answers = await asyncio.gather(*asked, return_exceptions=True)
    except TimeoutError:
        answers = []
    found: dict[str, dict[str, Any]] = {}
    for upstream, answer in zip(conf.upstreams, answers, strict=False):
        for one in _listed(answer):
            if upstream.serves(one.id):
                made = {"id": one.id, "object": "model", "created": int(one.created)}
                found.setdefault(one.id, {**made, "owned_by": upstream.name})
    body = {"object": "list", "data": list(found.values())[:MOST_MODELS]}
    await send_json(send, 200, JSON.encode(body))


def _listed(answer: bytes | BaseException) -> list[_Model]:
    if isinstance(answer, BaseException):
        return []
    try:
        return msgspec.json.decode(answer, type=_Models).data
    except (ValueError, RecursionError):
        return []


async def embeddings(gateway: Gateway, scope: AsgiScope, receive: Receive, send: Send) -> None:
    """Pass on texts to be embedded: numbers come back, so nothing is judged; it is counted."""
    caller = Caller.of(gateway, scope)
    body = read_object(await read_body(receive, caller.headers, MAX_BODY))
    only(body, _KNOWN)
    model, chars = required(body, "model"), _chars(body.get("input"))
    call = Call(gateway, caller, Feature.EMBEDDINGS, "embeddings")
    user = gateway.books.user(caller.key.id, user_of(body))
    country = caller.country(country_of(body))
    call.note(model=model, prompt_chars=chars, user=user, country=country)
    async with call.counted():
        found = await _embedded(gateway, caller, body, call)
    await send_json(send, 200, JSON.encode(found))


async def _embedded(gateway: Gateway, caller: Caller, body: dict[str, Any], call: Call) -> _Vectors:
    """Return the numbers of an upstream, and nothing else that it says. Raises VigieError."""
    kept = {name: value for name, value in body.items() if name in _FORWARDED}
    kept["encoding_format"] = body.get("encoding_format") or "float"
    upstreams = caller.snapshot.gateway.upstreams_of(UpstreamKind.OPENAI, call.facts.model)
    try:
        opened = await gateway.upstreams.open(
            upstreams, "/embeddings", JSON.encode(kept), caller.headers
        )
    except RefusingUpstreamError as problem:
        # Its own words are not judged here, so they are not passed on.
        raise VigieError(
            problem.message, code=problem.code, http_status=problem.http_status
        ) from None
    call.note(upstream=opened.upstream.name)
    try:
        found = msgspec.json.decode(await opened.whole(), type=_Vectors)
    except (ValueError, RecursionError):
        raise foreign("answer") from None
    finally:
        opened.response.release()
    if found.usage is not None:
        call.note(input_tokens=found.usage.usage.input_tokens)
    found.object = "list"
    for one in found.data:
        one.object = "embedding"
    return found


def _chars(value: Any) -> int:
    """Return how many characters are to be embedded. Raises InvalidInputError."""
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list) or not 0 < len(texts) <= MOST_INPUTS:
        raise refused("input", f"Send a text, or 1 to {MOST_INPUTS} of them.", "Send text.")
    if not all(isinstance(one, str) for one in texts):
        raise refused("input", "The guard reads text, not tokens.", "Send the text itself.")
    chars = sum(map(len, texts))
    if chars > MOST_CHARS:
        raise InvalidInputError(
            "The input is too long.", code="context_too_long", field="input", http_status=413
        )
    return chars
