# SPDX-License-Identifier: Apache-2.0
"""The typed events of `/v1/responses`, read and written.

Every event is written anew from what is known of its kind, so no field that is not
known, no padding and no token that was not released passes; events of unknown kinds
are dropped. What an event says a second time (`*.done`, parts, items, the response)
is told as a whole, to be compared with what was judged. After a cut nothing more is
read: the items that are still open are closed with what was released of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import msgspec

from vigie.gateway.dialects import responses_shapes as shapes
from vigie.gateway.dialects.base import NOTHING, Channel, ChannelKind, Event, Refusal, Slot
from vigie.gateway.dialects.openai import JSON, foreign, told, usage_of
from vigie.gateway.dialects.responses_shapes import (
    ARGUMENTS,
    CONTENT,
    REASONING,
    REFUSAL,
    Object,
)
from vigie.gateway.dialects.values import readable, string, words

PLACES: Final = (
    *("item_id", "output_index", "content_index", "summary_index", "command_index"),
    *("annotation_index", "name"),
)
TEMPORARY: Final = ("response.created", "response.queued", "response.in_progress")
FINAL: Final = ("response.completed", "response.incomplete", "response.failed")


class Run(NamedTuple):
    """How events of one kind continue a channel: its kind, its key, the field of the whole."""

    kind: ChannelKind
    key: str
    """A prefix, and the name of the place whose number follows it."""
    place: str = ""
    field: str = ""
    """In the event that ends it."""

    def channel(self, said: Mapping[str, Any]) -> Channel:
        """Return the channel of an event."""
        number = str(_number(said, self.place)) if self.place else ""
        return Channel(_number(said, "output_index"), self.kind, self.key + number)


RUNS: Final = {
    "response.output_text": Run(CONTENT, "", "content_index", "text"),
    "response.refusal": Run(REFUSAL, "", "content_index", "refusal"),
    "response.reasoning_text": Run(REASONING, "c", "content_index", "text"),
    "response.reasoning_summary_text": Run(REASONING, "s", "summary_index", "text"),
    "response.function_call_arguments": Run(ARGUMENTS, "", "", "arguments"),
    "response.custom_tool_call_input": Run(ARGUMENTS, "", "", "input"),
    "response.mcp_call_arguments": Run(ARGUMENTS, "", "", "arguments"),
    "response.code_interpreter_call_code": Run(ARGUMENTS, "", "", "code"),
    "response.shell_call_command": Run(ARGUMENTS, "c", "command_index", "command"),
    "response.audio.transcript": Run(CONTENT, "transcript"),
}
STATES: Final = ("added", "delta", "done")
STATUS: Final = frozenset(
    f"response.{kind}.{state}"
    for kind, states in {
        "file_search_call": ("in_progress", "searching", "completed"),
        "web_search_call": ("in_progress", "searching", "completed"),
        "code_interpreter_call": ("in_progress", "interpreting", "completed"),
        "mcp_call": ("in_progress", "completed", "failed"),
        "mcp_list_tools": ("in_progress", "completed", "failed"),
    }.items()
    for state in states
)


class ResponsesStream:
    """Reads and writes one stream; `asked`: the body of its request.

    Where it is `moderated` the last event waits for the object that it carries.
    """

    joined = True

    def __init__(self, asked: Mapping[str, Any], *, moderated: bool = False) -> None:
        self._asked = asked
        self._is_moderated = moderated
        self._last: Object | None = None
        self._moderation: Mapping[str, Any] | None = None
        self._number = 0
        self._head: Object = {"id": "", "object": "response", "output": []}
        self._forms: dict[Channel, Object] = {}
        """How an event looks that continues a channel."""
        self._released: dict[Channel, str] = {}
        self._received: dict[Channel, list[str]] = {}
        self._told: dict[Channel, str] = {}
        """Channels that were said as a whole: the same words again need no second look."""
        self._items: dict[int, Object] = {}
        """Items as they were announced; those that ended, as they ended."""
        self._ended: set[int] = set()

    def read(self, name: str, data: bytes, raw: bytes) -> Event:  # noqa: ARG002 - written anew
        """Read an event. Raises OutsideError where it is no object of JSON."""
        try:
            said = msgspec.json.decode(data)
        except (ValueError, RecursionError):
            raise foreign("stream") from None
        if not isinstance(said, dict):
            raise foreign("stream")
        kind = string(said.get("type")) or name
        if kind == "error":
            raise foreign("answer")
        stem, _, last = kind.rpartition(".")
        run = RUNS.get(stem) if last in STATES else None
        if run is not None:
            return self._run(run, kind, last, said)
        reader = _READERS.get(kind)
        if reader is not None:
            return reader(self, kind, said)
        return Event(data=_head_of(kind, said)) if kind in STATUS else NOTHING

    def _run(self, run: Run, kind: str, last: str, said: Object) -> Event:
        channel = run.channel(said)
        made = _head_of(kind, said)
        if last == "delta":
            text = string(said.get("delta"))
            if kind == "response.output_text.delta":
                made["logprobs"] = []
            self._forms[channel] = made
            self._received.setdefault(channel, []).append(text)
            return Event(slots=(Slot(channel, text),), data={**made, "delta": text})
        if last == "added":
            return Event(data=made)
        text = string(said.get(run.field))
        if run.field:
            made[run.field] = text
        if kind == "response.output_text.done":
            made["logprobs"] = []
        wholes = [Slot(channel, text)] if run.field else []
        return self._waits(made, wholes, (channel,))

    def _waits(self, made: Object, found: Sequence[Slot], closes: Sequence[Channel]) -> Event:
        """Return an event that says texts as wholes; what it ends is released before it."""
        for channel in {one.channel for one in found} & set(self._received):
            self._told[channel] = "".join(self._received.pop(channel))
        wholes = tuple(one for one in found if one.text and self._told.get(one.channel) != one.text)
        self._told.update(found)
        return Event(wholes=wholes, closes=tuple(closes), data=made)

    def _part(self, kind: str, said: Object) -> Event:
        given = said.get("part")
        index, found = _number(said, "output_index"), list[Slot]()
        if not isinstance(given, Mapping):
            return NOTHING
        if not _ends(kind):
            given = {**given, "text": "", "refusal": ""}
        if kind.startswith("response.reasoning_summary_part"):
            part: Object | None = shapes.summary_part(
                given, index, _number(said, "summary_index"), found
            )
        else:
            part = shapes.part(given, index, _number(said, "content_index"), found)
        if part is None:
            return NOTHING
        made = {**_head_of(kind, said), "part": part}
        return self._waits(made, found, [one.channel for one in found] if _ends(kind) else [])

    def _item(self, kind: str, said: Object) -> Event:
        given = said.get("item")
        index, found = _number(said, "output_index"), list[Slot]()
        if isinstance(given, Mapping) and not _ends(kind):
            given = {**given, **{n: v for n, v in shapes.UNSAID.items() if n in given}}
        item = shapes.item(given, index, found) if isinstance(given, Mapping) else None
        if item is None:
            return NOTHING
        made = {**_head_of(kind, said), "item": item}
        return self._waits(made, found, [one.channel for one in found] if _ends(kind) else [])

    def _response(self, kind: str, said: Object) -> Event:
        given, found = said.get("response"), list[Slot]()
        if not isinstance(given, Mapping):
            raise foreign("stream")
        made = shapes.response(given, self._asked, found)
        event = self._waits({"type": kind, "response": made}, found, ())
        if kind not in FINAL:
            return event
        return msgspec.structs.replace(event, final=True, usage=usage_of(given.get("usage")))

    def _annotation(self, kind: str, said: Object) -> Event:
        given = said.get("annotation")
        if not isinstance(given, Mapping):
            return NOTHING
        given = readable(given)
        place = f"{_number(said, 'content_index')}.a{_number(said, 'annotation_index')}"
        found: list[Slot] = []
        shapes.annotation(given, Channel(_number(said, "output_index"), CONTENT, place), found)
        return self._waits({**_head_of(kind, said), "annotation": given}, found, ())

    def _shell_output(self, kind: str, said: Object) -> Event:
        index, number = _number(said, "output_index"), _number(said, "command_index")
        field = "delta" if kind.endswith("delta") else "output"
        given = readable(said.get(field))
        made = {**_head_of(kind, said), field: given}
        # Each piece is a text of its own: it waits until it was judged.
        key = f"o{number}.{said.get('sequence_number')}"
        return self._waits(made, [Slot(Channel(index, CONTENT, key), words(given))], ())

    def write(self, event: Event, texts: Sequence[str]) -> bytes:
        """Write an event with other texts in its slots; a delta without text is nothing."""
        if event.data is None:
            return b""
        made: Object = event.data
        for slot, text in zip(event.slots, texts, strict=True):
            if not text:
                return b""
            made = {**made, "delta": text}
            self._keep(slot.channel, text)
        self._note(made)
        if event.final and self._is_moderated:
            self._last = made
            return b""
        return self._frame(made)

    def _note(self, made: Object) -> None:
        """Remember what a client holds now."""
        kind = made["type"]
        if kind in TEMPORARY:
            self._head = {**made["response"], "output": []}
        elif kind == "response.output_item.added":
            self._items[made["output_index"]] = made["item"]
        elif kind == "response.output_item.done":
            self._items[made["output_index"]] = made["item"]
            self._ended.add(made["output_index"])

    def _keep(self, channel: Channel, text: str) -> None:
        self._released[channel] = self._released.get(channel, "") + text

    def delta(self, channel: Channel, text: str) -> bytes:
        """Write an event of our own that continues a channel."""
        self._keep(channel, text)
        return self._frame({**self._forms[channel], "delta": text})

    def cut(self, refusal: Refusal) -> bytes:
        """Close what is open with what was released, say why, and end the response."""
        out = []
        for index in sorted(set(self._items) - self._ended):
            item = self._items[index] = self._closed(index, self._items[index])
            out.append({"type": "response.output_item.done", "output_index": index, "item": item})
        out += self._refusal(refusal)
        ended = {
            **self._head,
            "status": "incomplete",
            "incomplete_details": {"reason": "content_filter"},
            "output": [self._items[index] for index in sorted(self._items)],
            "vigie": told(refusal),
        }
        if self._moderation is not None:
            ended["moderation"] = self._moderation
        out.append({"type": "response.incomplete", "response": ended})
        return b"".join(self._frame(one) for one in out)

    def _closed(self, index: int, item: Object) -> Object:
        """Return an item that did not end, with what was released of it."""
        mine = [(c, t) for c, t in sorted(self._released.items()) if c.index == index]
        made: Object = {**item, "status": "incomplete"}
        if item["type"] == "message":
            parts = [_part_of(c.kind, t) for c, t in mine if c.kind in (CONTENT, REFUSAL)]
            return {**made, "content": parts}
        if item["type"] == "reasoning":
            summary = [t for c, t in mine if c.key.startswith("s")]
            return {**made, "summary": [{"type": "summary_text", "text": t} for t in summary]}
        field = shapes.CALLS.get(item["type"])
        return {**made, field: "".join(t for _, t in mine)} if field else made

    def _refusal(self, refusal: Refusal) -> list[Object]:
        """Return the events of a message that refuses, for clients that only follow these."""
        index = max(self._items, default=-1) + 1
        item = shapes.refusing(refusal.message)
        part = item["content"][0]
        self._items[index] = item
        place = {"item_id": item["id"], "output_index": index, "content_index": 0}
        started = {**item, "status": "in_progress", "content": []}
        return [
            {"type": "response.output_item.added", "output_index": index, "item": started},
            {"type": "response.content_part.added", **place, "part": {**part, "refusal": ""}},
            {"type": "response.refusal.delta", **place, "delta": refusal.message},
            {"type": "response.refusal.done", **place, "refusal": refusal.message},
            {"type": "response.content_part.done", **place, "part": part},
            {"type": "response.output_item.done", "output_index": index, "item": item},
        ]

    def end(self) -> bytes | None:
        """Return None: this interface always says how it ended."""
        return None

    def failed(self, problem: Refusal) -> bytes:
        """End the stream because something failed."""
        error = {"code": problem.code, "message": problem.message}
        ended = {**self._head, "status": "failed", "error": error}
        return self._frame({"type": "error", **error, "param": problem.param}) + self._frame(
            {"type": "response.failed", "response": ended}
        )

    def moderated(self, moderation: Mapping[str, Any]) -> bytes:
        """Write the last event, which carries the inline object; after a cut that is ours."""
        self._moderation = moderation
        if self._last is None:
            return b""
        self._last["response"]["moderation"] = moderation
        return self._frame(self._last)

    def _frame(self, made: Object) -> bytes:
        numbered = {**made, "sequence_number": self._number}
        self._number += 1
        return b"event: %b\ndata: %b\n\n" % (made["type"].encode(), JSON.encode(numbered))


def _number(said: Mapping[str, Any], name: str) -> int:
    value = said.get(name)
    return value if isinstance(value, int) else 0


def _ends(kind: str) -> bool:
    return kind.endswith(".done")


def _head_of(kind: str, said: Mapping[str, Any]) -> Object:
    return {"type": kind, **shapes.scalars(said, PLACES)}


def _part_of(kind: ChannelKind, text: str) -> Object:
    if kind is REFUSAL:
        return {"type": "refusal", "refusal": text}
    return shapes.text_part(text)


_READERS: Final[dict[str, Callable[[ResponsesStream, str, Object], Event]]] = {
    **dict.fromkeys((*TEMPORARY, *FINAL), ResponsesStream._response),  # noqa: SLF001
    **dict.fromkeys(
        (
            *("response.content_part.added", "response.content_part.done"),
            *("response.reasoning_summary_part.added", "response.reasoning_summary_part.done"),
        ),
        ResponsesStream._part,  # noqa: SLF001
    ),
    "response.output_item.added": ResponsesStream._item,  # noqa: SLF001
    "response.output_item.done": ResponsesStream._item,  # noqa: SLF001
    "response.output_text.annotation.added": ResponsesStream._annotation,  # noqa: SLF001
    "response.shell_call_output_content.delta": ResponsesStream._shell_output,  # noqa: SLF001
    "response.shell_call_output_content.done": ResponsesStream._shell_output,  # noqa: SLF001
}
