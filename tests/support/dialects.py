# SPDX-License-Identifier: Apache-2.0
"""Streams through a dialect without an exchange, and what a client makes of what leaves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from random import Random
from typing import Any, NamedTuple

from tests.support.upstream import STREAMED, WITH_DONE, frame
from tests.support.upstream_script import Says, Script, Tool
from vigie.gateway.dialects.base import Channel, Dialect, Refusal, StreamDialect
from vigie.gateway.dialects.chat import Chat
from vigie.gateway.dialects.completions import Completions
from vigie.gateway.dialects.messages import Messages
from vigie.gateway.dialects.responses import Responses
from vigie.gateway.sse import Reader

REFUSAL = Refusal(message="This answer was stopped.", category="hate", decision_id="s-1-x")
CHAT, RESPONSES = "/v1/chat/completions", "/v1/responses"
MESSAGES, COMPLETIONS = "/v1/messages", "/v1/completions"
DIALECTS: dict[str, type[Any]] = {
    CHAT: Chat,
    RESPONSES: Responses,
    MESSAGES: Messages,
    COMPLETIONS: Completions,
}


def asking(path: str, text: str = "Hello", **more: Any) -> dict[str, Any]:
    """Return the body of a streamed request."""
    said = {"role": "user", "content": text}
    body: dict[str, Any] = {"model": "local", "stream": True, **more}
    if path == RESPONSES:
        return {**body, "input": [said]}
    if path == COMPLETIONS:
        return {**body, "prompt": text}
    return {**body, "messages": [said], **({"max_tokens": 64} if path == MESSAGES else {})}


def opened(path: str, **more: Any) -> StreamDialect:
    """Return the reader and writer of one stream."""
    dialect: Dialect = DIALECTS[path]()
    return dialect.stream(dialect.parse(json.dumps(asking(path, **more)).encode()))


def wire(path: str, script: Script, **more: Any) -> bytes:
    """Return a stream as the upstream sends it."""
    events = script.events or STREAMED[path](script, asking(path, **more))
    done = b"data: [DONE]\n\n" if path in WITH_DONE and script.done else b""
    return b"".join(frame(one, script) for one in events) + done


def script_of(fragments: tuple[str, ...], random: Random) -> Script:
    """Return an answer that spreads fragments over text, reasoning and the call of a tool."""
    cuts = sorted(random.randrange(len(fragments) + 1) for _ in range(2))
    reasoning, text, rest = fragments[: cuts[0]], fragments[cuts[0] : cuts[1]], fragments[cuts[1] :]
    # One JSON string, whose pieces are the fragments.
    tools = (Tool("look_up", ('{"q": "', *rest, '"}')),) if rest else ()
    return Script(
        says=(Says(text=text, reasoning=reasoning, tools=tools),),
        logprobs=random.random() < 0.5,
        ascii=random.random() < 0.5,
        comments=random.random() < 0.5,
        multiline=random.random() < 0.5,
        newline=random.choice(("\n", "\r\n", "\r")),
    )


class Passed(NamedTuple):
    """What left through a dialect."""

    out: bytes
    received: dict[Channel, str]
    released: dict[Channel, str]
    wholes: list[tuple[Channel, str]]


def passed(
    stream: StreamDialect, data: bytes, random: Random, *, cut_after: int | None = None
) -> Passed:
    """Send bytes in random pieces through a dialect, holding text back at random.

    What an exchange promises is kept: text of a channel leaves in order, and an event
    that ends channels waits until these are released in full.
    """
    reader, out = Reader(), bytearray()
    received: dict[Channel, str] = {}
    released: dict[Channel, str] = {}
    wholes: list[tuple[Channel, str]] = []
    for number, one in enumerate(_frames(reader, data, random)):
        if number == cut_after:
            out += stream.cut(REFUSAL)
            return Passed(bytes(out), received, released, wholes)
        event = stream.read(one.name, one.data, one.raw)
        for channel in event.closes:
            held = received.get(channel, "")[len(released.get(channel, "")) :]
            # Of the event itself the rest follows below.
            if held:
                out += stream.delta(channel, held)
                released[channel] = received[channel]
        texts = []
        for channel, text in event.slots:
            received[channel] = received.get(channel, "") + text
            held = received[channel][len(released.get(channel, "")) :]
            ends = channel in event.closes
            size = len(held) if ends else random.randrange(len(held) + 1)
            texts.append(held[:size])
            released[channel] = released.get(channel, "") + held[:size]
        wholes += event.wholes
        is_same = texts == [slot.text for slot in event.slots]
        out += event.raw if is_same and event.raw else stream.write(event, texts)
    return Passed(bytes(out), received, released, wholes)


def _frames(reader: Reader, data: bytes, random: Random) -> Iterator[Any]:
    at = 0
    while at < len(data):
        size = random.choice((1, 2, 3, 7, 64, 4096))
        yield from reader.feed(data[at : at + size])
        at += size
    yield from reader.end()


def events(out: bytes) -> list[dict[str, Any]]:
    """Return the events that a client reads."""
    found = []
    for block in out.decode().split("\n\n"):
        lines = [line.removeprefix("data:") for line in block.split("\n") if line[:5] == "data:"]
        if (text := "\n".join(lines).strip()) and text != "[DONE]":
            found.append(json.loads(text))
    return found


def client_text(path: str, out: bytes) -> list[str]:
    """Return everything that a client puts together from deltas, channel by channel."""
    found: dict[Any, str] = {}
    for said in events(out):
        for key, text in _said(path, said):
            found[key] = found.get(key, "") + text
    return [text for text in found.values() if text]


def client_names(path: str, out: bytes) -> list[str]:
    """Return the names of the tools that a client is told to call: judged and released too."""
    return [name for said in events(out) for name in _named(path, said) if name]


def _named(path: str, said: dict[str, Any]) -> Iterator[str]:
    # Each call names its tool once, where it begins; snapshots that repeat it release nothing.
    if path == RESPONSES:
        if said["type"] == "response.output_item.added":
            yield said["item"].get("name", "")
    elif path == MESSAGES:
        if said["type"] == "content_block_start":
            yield said["content_block"].get("name", "")
    else:
        for one in said.get("choices", []):
            for called in one.get("delta", {}).get("tool_calls") or []:
                yield (called.get("function") or {}).get("name") or ""


def _said(path: str, said: dict[str, Any]) -> Iterator[tuple[Any, str]]:
    if path == RESPONSES:
        if said["type"].endswith(".delta"):
            place = (said["output_index"], said.get("content_index"), said["type"])
            yield place, said["delta"]
    elif path == MESSAGES:
        if said["type"] == "content_block_delta":
            delta = said["delta"]
            grown = delta.get("text") or delta.get("thinking") or delta.get("partial_json") or ""
            yield said["index"], grown
        elif said["type"] == "content_block_start":
            yield said["index"], said["content_block"].get("text", "")
    else:
        yield from _choices(said)


def _choices(said: dict[str, Any]) -> Iterator[tuple[Any, str]]:
    for one in said.get("choices", []):
        if "text" in one:
            yield one["index"], one["text"]
            continue
        delta = one["delta"]
        for name in ("content", "refusal", "reasoning_content"):
            yield (one["index"], name), delta.get(name) or ""
        for called in delta.get("tool_calls") or []:
            place = (one["index"], "tool", called["index"])
            yield place, (called.get("function") or {}).get("arguments") or ""
