# SPDX-License-Identifier: Apache-2.0
"""The events of a chat completion: `data:` frames, and `[DONE]` at the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from vigie.gateway.dialects import chat_shapes as shapes
from vigie.gateway.dialects.base import Channel, ChannelKind, Event, Refusal, Slot
from vigie.gateway.dialects.openai import (
    DONE,
    DONE_FRAME,
    error_body,
    foreign,
    frame,
    told,
    usage_of,
)

NAME = "/name"


class ChatStream:
    """Reads and writes the chunks of one stream."""

    joined = False

    def __init__(self, model: str, *, wants_usage: bool) -> None:
        self._wants_usage = wants_usage
        self._head: dict[str, Any] = {"id": "", "created": 0, "model": model}
        self._open: dict[int, dict[Channel, None]] = {}
        self._finished: set[int] = set()
        """Choices whose end was read, and below those whose end was written."""
        self._told: set[int] = set()

    def read(self, name: str, data: bytes, raw: bytes) -> Event:
        """Read a chunk. Raises OutsideError where it is none."""
        if data == DONE:
            return Event(raw=raw, closes=self._all_open(), final=True)
        found = shapes.read_chunk(data)
        if found is None:
            raise foreign("event")
        chunk, is_clean = found
        if name:
            is_clean = False
        if not chunk.choices:
            return self._without_choices(chunk, raw if is_clean else b"")
        if chunk.id != self._head["id"]:
            self._head = {"id": chunk.id, "created": chunk.created, "model": chunk.model}
        return self._event(chunk, raw if is_clean else b"")

    def _without_choices(self, chunk: shapes.Chunk, raw: bytes) -> Event:
        usage = usage_of(chunk.usage)
        if chunk.usage is not None and not self._wants_usage:
            return Event(usage=usage)
        return Event(raw=raw, usage=usage, data=chunk)

    def _event(self, chunk: shapes.Chunk, raw: bytes) -> Event:
        slots: list[Slot] = []
        closes: list[Channel] = []
        for piece in chunk.choices:
            known = self._open.setdefault(piece.index, {})
            for slot in shapes.slots_of(piece):
                slots.append(slot)
                known[slot.channel] = None
                if slot.channel.key.endswith(NAME):
                    # Clients look a call's name up as soon as it comes: never in halves.
                    closes.append(slot.channel)
            if piece.finish_reason is not None:
                closes += known
                self._finished.add(piece.index)
                # Written by us, so that it is known which choices a client saw end.
                raw = b""
        usage = usage_of(chunk.usage)
        return Event(raw=raw, slots=tuple(slots), closes=tuple(closes), usage=usage, data=chunk)

    def _all_open(self) -> tuple[Channel, ...]:
        return tuple(channel for known in self._open.values() for channel in known)

    def write(self, event: Event, texts: Sequence[str]) -> bytes:
        """Write a chunk with other texts; nothing where it then says nothing."""
        if event.final:
            return DONE_FRAME
        chunk: shapes.Chunk | None = event.data
        if chunk is None:
            return b""
        chunk.obfuscation = None
        filling = iter(texts)
        for piece in chunk.choices:
            shapes.fill(piece.delta, filling)
            if piece.finish_reason is not None:
                self._told.add(piece.index)
        if event.slots and not any(_says(piece) for piece in chunk.choices):
            return b""
        return frame(chunk)

    def delta(self, channel: Channel, text: str) -> bytes:
        """Write a chunk of our own that continues a channel."""
        return self._chunk(channel.index, _delta(channel, text), None)

    def cut(self, refusal: Refusal) -> bytes:
        """Say to every choice under way that it was stopped, and why; then end."""
        waiting = [n for n in self._open if n not in self._told]
        frames = []
        for index in waiting or [0]:
            frames.append(self._chunk(index, {"refusal": refusal.message}, None))
            frames.append(self._chunk(index, {}, "content_filter", vigie=told(refusal)))
        return b"".join(frames) + DONE_FRAME

    def end(self) -> bytes | None:
        """Return `[DONE]` where every choice has finished; None: the stream broke off."""
        return DONE_FRAME if self._open and self._finished >= set(self._open) else None

    def failed(self, problem: Refusal) -> bytes:
        """Say what failed, in place of the rest."""
        return b"data: %b\n\n" % error_body(problem, "") + DONE_FRAME

    def moderated(self, moderation: Mapping[str, Any]) -> bytes:
        """Write a chunk without choices that carries the `moderation` object."""
        head = {**self._head, "object": "chat.completion.chunk"}
        return frame({**head, "choices": [], "moderation": moderation})

    def _chunk(self, index: int, delta: dict[str, Any], finish: str | None, **more: Any) -> bytes:
        choice = {"index": index, "delta": delta, "logprobs": None, "finish_reason": finish}
        head = {**self._head, "object": "chat.completion.chunk"}
        return frame({**head, "choices": [choice], **more})


def _says(piece: shapes.Piece) -> bool:
    """Say whether a piece is left that a client would miss."""
    delta = piece.delta
    if piece.finish_reason is not None or delta.role or delta.function_call:
        return True
    if any(call.id for call in delta.tool_calls or ()):
        return True
    return any(slot.text for slot in shapes.slots_of(piece))


def _delta(channel: Channel, text: str) -> dict[str, Any]:
    if channel.kind is not ChannelKind.ARGUMENTS:
        field = "reasoning_content" if channel.kind is ChannelKind.REASONING else channel.kind.value
        return {field: text}
    key, _, is_name = channel.key.partition("/")
    called = {"name" if is_name else "arguments": text}
    if key == "function":
        return {"function_call": called}
    return {"tool_calls": [{"index": int(key), "function": called}]}
