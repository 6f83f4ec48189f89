# SPDX-License-Identifier: Apache-2.0
"""The shapes of chat's answers. What they do not name is not let through.

The strict reader fails where an answer or chunk holds a field that is not known, or
`logprobs`, which repeat the tokens; then it is read again without these and written
anew. So what passes as it came holds no text that was not judged.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Final

import msgspec

from vigie.gateway.dialects.base import Channel, ChannelKind, Slot
from vigie.gateway.dialects.openai import says_once
from vigie.gateway.dialects.values import numbers

_SHORT: Final = r"^[A-Za-z0-9_.:/+=|@,-]{0,256}$"
Short = Annotated[str, msgspec.Meta(pattern=_SHORT)]
"""A name or an identifier: it holds no text."""
Inner = Mapping[type[Any], Mapping[str, type[Any]]]
"""Shapes within shapes, by the names of their fields."""
Padding = Annotated[str, msgspec.Meta(max_length=512, pattern=r"^[A-Za-z0-9_-]*$")]
Index = Annotated[int, msgspec.Meta(ge=0, le=1_000)]
TEXTS: Final = (
    ("content", ChannelKind.CONTENT),
    ("refusal", ChannelKind.REFUSAL),
    ("reasoning_content", ChannelKind.REASONING),
    ("reasoning", ChannelKind.REASONING),
)
"""Fields of a message or delta that hold generated text."""


class _Known(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Nothing but what is named."""


class Called(_Known):
    """Name and arguments of a call."""

    name: str | None = None
    arguments: str | None = None


class Custom(_Known):
    """Name and input of a call of a tool with free input."""

    name: str | None = None
    input: str | None = None


class Call(_Known):
    """One call of a tool, or a piece of one."""

    index: Index | None = None
    id: Short | None = None
    type: Short | None = None
    function: Called | None = None
    custom: Custom | None = None


class Message(_Known):
    """A message, or what a chunk adds to one."""

    role: Short | None = None
    content: str | None = None
    refusal: str | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None
    tool_calls: list[Call] | None = None
    function_call: Called | None = None
    annotations: Annotated[list[Any], msgspec.Meta(max_length=0)] | None = None
    audio: None = None


class Choice(msgspec.Struct, forbid_unknown_fields=True):
    """One choice of a plain answer."""

    message: Message
    index: Index = 0
    finish_reason: Short | None = None
    logprobs: None = None


class Piece(msgspec.Struct, forbid_unknown_fields=True):
    """What a chunk adds to one choice."""

    delta: Message
    index: Index = 0
    finish_reason: Short | None = None
    logprobs: None = None


class _Head(_Known):
    id: Short = ""
    object: Short = ""
    created: int | float = 0
    model: Short = ""
    system_fingerprint: Short | None = None
    service_tier: Short | None = None


class Completion(_Head, kw_only=True):
    """A plain answer."""

    choices: list[Choice]
    usage: dict[str, Any] | None = None


class Chunk(_Head, kw_only=True):
    """An event of a stream."""

    choices: list[Piece]
    usage: dict[str, Any] | None = None
    obfuscation: Padding | None = None


_COMPLETION: Final = msgspec.json.Decoder(Completion)
_CHUNK: Final = msgspec.json.Decoder(Chunk)


def read_completion(raw: bytes) -> tuple[Completion, bool] | None:
    """Return a plain answer and whether it may pass as it came; None: it is none."""
    try:
        completion = _COMPLETION.decode(raw)
        messages = [one.message for one in completion.choices]
        return completion, counted(completion) and _once(raw, messages)
    except (ValueError, RecursionError):
        found: Completion | None = read_again(raw, Completion, _INNER)
        return None if found is None else (found, False)


def read_chunk(raw: bytes) -> tuple[Chunk, bool] | None:
    """Return an event's content and whether it may pass as it came; None: it is none."""
    try:
        chunk = _CHUNK.decode(raw)
        return chunk, counted(chunk) and _once(raw, [one.delta for one in chunk.choices])
    except (ValueError, RecursionError):
        found: Chunk | None = read_again(raw, Chunk, _INNER)
        return None if found is None else (found, False)


def _once(raw: bytes, messages: Sequence[Message]) -> bool:
    calls = sum(len(one.tool_calls or ()) + (one.function_call is not None) for one in messages)
    return says_once(raw, len(messages), calls)


def counted(said: Any) -> bool:
    """Leave nothing but numbers in `usage`; say whether there was nothing else."""
    if said.usage is None:
        return True
    found, said.usage = said.usage, numbers(said.usage)
    return bool(found == said.usage)


def read_again(raw: bytes, kind: type[Any], inner: Inner) -> Any:
    """Read what the strict reader refused, without the fields that are not known."""
    try:
        value = msgspec.json.decode(raw)
        found = msgspec.convert(pruned(value, kind, inner), kind)
        counted(found)
    except (ValueError, RecursionError, AttributeError, TypeError):
        return None
    return found


def pruned(value: Any, kind: type[Any], inner: Inner) -> Any:
    """Return JSON with nothing but what a shape names; lists one by one.

    A name that is none is left out; a choice that ends for such a reason has stopped.
    """
    if isinstance(value, list):
        return [pruned(one, kind, inner) for one in value]
    if not isinstance(value, dict):
        return value
    below = inner.get(kind, {})
    kept: dict[str, Any] = {}
    for one in msgspec.structs.fields(kind):
        found = value.get(one.name)
        if one.name in _NAMES and not _is_short(found):
            found = None if found is None or one.name != "finish_reason" else "stop"
        if found is not None and one.name not in _NEVER:
            below_one = below.get(one.name)
            kept[one.name] = found if below_one is None else pruned(found, below_one, inner)
    return kept


def _is_short(value: Any) -> bool:
    return isinstance(value, str) and re.match(_SHORT, value) is not None


_NAMES: Final = frozenset(
    ("id", "object", "model", "system_fingerprint", "service_tier", "role", "type", "finish_reason")
)
_NEVER: Final = frozenset({"logprobs", "annotations", "audio", "obfuscation"})
_INNER: Final[Inner] = {
    Completion: {"choices": Choice},
    Chunk: {"choices": Piece},
    Choice: {"message": Message},
    Piece: {"delta": Message},
    Message: {"tool_calls": Call, "function_call": Called},
    Call: {"function": Called, "custom": Custom},
}


def slots_of(choice: Choice | Piece) -> Iterator[Slot]:
    """Yield every generated text of a choice, in the order in which `fill` takes them."""
    message = choice.message if isinstance(choice, Choice) else choice.delta
    index = choice.index
    for name, kind in TEXTS:
        text = getattr(message, name)
        if text:
            yield Slot(Channel(index, kind), text)
    for holder, name, key in holders(message):
        text = getattr(holder, name)
        if text:
            yield Slot(Channel(index, ChannelKind.ARGUMENTS, key), text)


def fill(message: Message, texts: Iterator[str]) -> None:
    """Put texts where `slots_of` found some; an empty one leaves nothing."""
    for name, _ in TEXTS:
        if getattr(message, name):
            setattr(message, name, next(texts) or None)
    for holder, name, _ in holders(message):
        if getattr(holder, name):
            setattr(holder, name, next(texts) or None)


def holders(message: Message) -> Iterator[tuple[Any, str, str]]:
    """Yield where calls hold text: the object, its field, the key of the channel.

    A name is a channel of its own: it comes in one piece and is looked up, while
    arguments come in pieces.
    """
    if message.function_call is not None:
        yield message.function_call, "name", "function/name"
        yield message.function_call, "arguments", "function"
    for n, call in enumerate(message.tool_calls or ()):
        key = str(n if call.index is None else call.index)
        if call.function is not None:
            yield call.function, "name", f"{key}/name"
            yield call.function, "arguments", key
        if call.custom is not None:
            yield call.custom, "name", f"{key}/name"
            yield call.custom, "input", key
