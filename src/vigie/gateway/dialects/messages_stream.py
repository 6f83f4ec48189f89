# SPDX-License-Identifier: Apache-2.0
"""The events of Anthropic's `/v1/messages`: blocks that start, grow and stop.

Every event is written anew from what is known of its kind; unknown kinds are dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import msgspec

from vigie.gateway.dialects import messages_shapes as shapes
from vigie.gateway.dialects.base import NOTHING, Channel, ChannelKind, Event, Refusal, Slot, Usage
from vigie.gateway.dialects.messages_shapes import ARGUMENTS, CONTENT, REASONING
from vigie.gateway.dialects.openai import JSON, foreign
from vigie.gateway.dialects.responses_shapes import Object
from vigie.gateway.dialects.values import numbers, string

GROWS: Final = {
    "text_delta": ("text", CONTENT),
    "thinking_delta": ("thinking", REASONING),
    "input_json_delta": ("partial_json", ARGUMENTS),
}
FIELDS: Final = {kind: (delta, field) for delta, (field, kind) in GROWS.items()}


class MessagesStream:
    """Reads and writes one stream; `asked`: the body of its request."""

    joined = True

    def __init__(self, asked: Mapping[str, Any]) -> None:
        self._asked = asked
        self._tokens = (0, 0)
        self._cited = 0
        self._begun: dict[int, dict[Channel, None]] = {}
        self._started = False
        self._open: int | None = None
        """Number of the block that a client holds open."""

    def read(self, name: str, data: bytes, raw: bytes) -> Event:  # noqa: ARG002 - written anew
        """Read an event. Raises OutsideError where it is no object of JSON, or an error."""
        try:
            said = msgspec.json.decode(data)
        except (ValueError, RecursionError):
            raise foreign("stream") from None
        if not isinstance(said, dict):
            raise foreign("stream")
        kind = string(said.get("type")) or name
        if kind == "error":
            raise foreign("answer")
        reader = _READERS.get(kind)
        return NOTHING if reader is None else reader(self, said)

    def _message(self, said: Object) -> Event:
        given = said.get("message")
        if not isinstance(given, Mapping):
            raise foreign("stream")
        self._tokens = shapes.tokens(given.get("usage"))
        return Event(data={"type": "message_start", "message": shapes.head(given)})

    def _start(self, said: Object) -> Event:
        given, index, found = said.get("content_block"), _index(said), list[Slot]()
        block = shapes.block(given if isinstance(given, Mapping) else {}, index, found)
        slots = tuple(one for one in found if one.channel.kind in FIELDS and not one.channel.key)
        is_call = block["type"] in shapes.CALLS
        kept = () if is_call else tuple(one for one in slots if one.text)
        wholes = tuple(one for one in found if one.text and one not in kept)
        self._begun[index] = dict.fromkeys(one.channel for one in kept)
        made = {"type": "content_block_start", "index": index, "content_block": block}
        return Event(slots=kept, wholes=wholes, data=made)

    def _grow(self, said: Object) -> Event:
        given, index = said.get("delta"), _index(said)
        if not isinstance(given, Mapping):
            return NOTHING
        kind = string(given.get("type"))
        made: Object = {"type": "content_block_delta", "index": index}
        if kind in GROWS:
            field, channel_kind = GROWS[kind]
            channel = Channel(index, channel_kind)
            self._begun.setdefault(index, {})[channel] = None
            text = string(given.get(field))
            return Event(
                slots=(Slot(channel, text),), data={**made, "delta": {"type": kind, field: text}}
            )
        if kind == "signature_delta":
            signed = shapes.signature(given.get("signature"))
            return Event(data={**made, "delta": {"type": kind, "signature": signed}})
        if kind == "citations_delta" and isinstance(given.get("citation"), Mapping):
            return self._cite(made, given["citation"], index)
        return NOTHING

    def _cite(self, made: Object, given: Mapping[str, Any], index: int) -> Event:
        found: list[Slot] = []
        self._cited += 1
        cited = shapes.citation(given, index, self._cited, found)
        delta = {"type": "citations_delta", "citation": cited}
        return Event(wholes=tuple(found), data={**made, "delta": delta})

    def _stop(self, said: Object) -> Event:
        index = _index(said)
        closes = tuple(self._begun.pop(index, {}))
        return Event(closes=closes, data={"type": "content_block_stop", "index": index})

    def _end(self, said: Object) -> Event:
        given = said.get("delta")
        delta = shapes.stop(given if isinstance(given, Mapping) else {}, self._asked)
        spent = shapes.tokens(said.get("usage"))
        self._tokens = (max(self._tokens[0], spent[0]), max(self._tokens[1], spent[1]))
        counted = numbers(said.get("usage")) or {}
        made = {"type": "message_delta", "delta": delta, "usage": counted}
        return Event(closes=self._all(), usage=Usage(*self._tokens), data=made)

    def _last(self, _said: Object) -> Event:
        return Event(
            closes=self._all(),
            final=True,
            usage=Usage(*self._tokens),
            data={"type": "message_stop"},
        )

    def _all(self) -> tuple[Channel, ...]:
        return tuple(channel for begun in self._begun.values() for channel in begun)

    def _ping(self, _said: Object) -> Event:
        return Event(data={"type": "ping"})

    def write(self, event: Event, texts: Sequence[str]) -> bytes:
        """Write an event with other texts; one that only adds text is nothing without it."""
        if event.data is None:
            return b""
        made: Object = event.data
        for slot, text in zip(event.slots, texts, strict=True):
            if made["type"] == "content_block_start":
                field = FIELDS[slot.channel.kind][1]
                made = {**made, "content_block": {**made["content_block"], field: text}}
            elif not text:
                return b""
            else:
                made = {**made, "delta": _delta(slot.channel.kind, text)}
        self._note(made)
        return _frame(made)

    def _note(self, made: Object) -> None:
        if made["type"] == "message_start":
            self._started = True
        elif made["type"] == "content_block_start":
            self._open = made["index"]
        elif made["type"] == "content_block_stop":
            self._open = None

    def delta(self, channel: Channel, text: str) -> bytes:
        """Write an event of our own that continues a block."""
        delta = _delta(channel.kind, text)
        return _frame({"type": "content_block_delta", "index": channel.index, "delta": delta})

    def cut(self, refusal: Refusal) -> bytes:
        """Close the block that is open, say that the message was stopped and why, and end it."""
        out: list[Object] = []
        if not self._started:
            started = {"id": "msg_stopped", "type": "message", "role": "assistant", "model": ""}
            out.append({"type": "message_start", "message": shapes.head({**started, "usage": {}})})
            out[0]["message"]["usage"] = {"input_tokens": self._tokens[0], "output_tokens": 0}
        if self._open is not None:
            out.append({"type": "content_block_stop", "index": self._open})
        ended = {
            "type": "message_delta",
            "delta": shapes.refusing(refusal),
            "usage": {"output_tokens": self._tokens[1]},
        }
        out += [{**ended, **shapes.beside(refusal)}, {"type": "message_stop"}]
        return b"".join(_frame(one) for one in out)

    def end(self) -> bytes | None:
        """Return None: this interface always says how it ended."""
        return None

    def failed(self, problem: Refusal) -> bytes:
        """End the stream because something failed."""
        return _frame(shapes.error(problem))

    def moderated(self, moderation: Mapping[str, Any]) -> bytes:  # noqa: ARG002 - not theirs
        """Return nothing: the interface has no such event."""
        return b""


def _index(said: Mapping[str, Any]) -> int:
    value = said.get("index")
    return value if isinstance(value, int) else 0


def _delta(kind: ChannelKind, text: str) -> Object:
    name, field = FIELDS[kind]
    return {"type": name, field: text}


def _frame(made: Object) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (made["type"].encode(), JSON.encode(made))


_READERS: Final[dict[str, Callable[[MessagesStream, Object], Event]]] = {
    "message_start": MessagesStream._message,  # noqa: SLF001 - a table of its own methods
    "content_block_start": MessagesStream._start,  # noqa: SLF001
    "content_block_delta": MessagesStream._grow,  # noqa: SLF001
    "content_block_stop": MessagesStream._stop,  # noqa: SLF001
    "message_delta": MessagesStream._end,  # noqa: SLF001
    "message_stop": MessagesStream._last,  # noqa: SLF001
    "ping": MessagesStream._ping,  # noqa: SLF001
}
