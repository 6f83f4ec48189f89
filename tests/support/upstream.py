# SPDX-License-Identifier: Apache-2.0
"""A local server of models for tests: says what it is told, and misbehaves when asked.

It speaks OpenAI's and Anthropic's interfaces on 127.0.0.1 over bare asyncio, so
that every byte on the wire is a test's own choice. Use it so:

    with Upstream() as upstream:
        upstream.on("a-model", say("Good ", "morning."))
        ...  # ask upstream.url + "/v1/chat/completions"
        upstream.last.json["messages"]

A model named `say:Some words` says these words without further ado.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import struct
import threading
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from email.parser import BytesParser
from typing import Any, Final, Self

from tests.support import upstream_openai as openai_shapes
from tests.support import upstream_typed as typed_shapes
from tests.support.upstream_script import Event, Script, say

JSON: Final = "application/json"
SSE: Final = "text/event-stream; charset=utf-8"
RESET: Final = struct.pack("ii", 1, 0)
LAST_CHUNK: Final = 0.005
PATIENCE: Final = 10.0
PLAIN: Final = {
    "/v1/chat/completions": openai_shapes.chat,
    "/v1/completions": openai_shapes.completion,
    "/v1/responses": typed_shapes.response,
    "/v1/messages": typed_shapes.message,
}
STREAMED: Final = {
    "/v1/chat/completions": openai_shapes.chat_events,
    "/v1/completions": openai_shapes.completion_events,
    "/v1/responses": typed_shapes.response_events,
    "/v1/messages": typed_shapes.message_events,
}
WITH_DONE: Final = ("/v1/chat/completions", "/v1/completions")
IMAGES: Final = {
    "/v1/images/generations": "image_generation",
    "/v1/images/edits": "image_edit",
    "/v1/images/variations": "image_edit",
}


@dataclass
class Asked:
    """One request as it came in."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    closed: threading.Event = field(default_factory=threading.Event)
    """Set when the other side went away before the answer was complete."""
    finished: threading.Event = field(default_factory=threading.Event)
    """Set when the answer was written in full, cut or left."""
    events: int = 0
    """Events written so far."""

    @property
    def json(self) -> Any:
        """The body read as JSON."""
        return json.loads(self.body)

    @property
    def fields(self) -> dict[str, Any]:
        """The body's fields: JSON, or the text fields of a form with files."""
        if self.headers.get("content-type", "").startswith("multipart/"):
            return {name: data.decode("utf-8", "replace") for name, data in self.form}
        return dict(self.json) if self.body else {}

    @property
    def form(self) -> list[tuple[str, bytes]]:
        """The parts of a form with files."""
        head = f"Content-Type: {self.headers['content-type']}\r\n\r\n".encode()
        parts: Any = BytesParser().parsebytes(head + self.body).get_payload()
        named = [(part.get_param("name", header="content-disposition"), part) for part in parts]
        return [(str(name), part.get_payload(decode=True)) for name, part in named]


class Upstream:
    """The server, in a thread of its own."""

    def __init__(self, default: Script | None = None) -> None:
        self.default = default or Script()
        self.scripts: dict[str, list[Script]] = {}
        self.requests: list[Asked] = []
        self.files: dict[str, bytes] = {}
        self.port = 0
        self.connections = 0
        """Taken so far."""
        self._open: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """The address without a path."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def last(self) -> Asked:
        """The newest request."""
        return self.requests[-1]

    def on(self, model: str, *scripts: Script) -> None:
        """Say what a model answers: one after the other, the last for ever."""
        self.scripts[model] = list(scripts)

    def asked(self, count: int) -> Asked:
        """Wait until so many requests came in; return the last of them."""
        end = time.monotonic() + PATIENCE
        while len(self.requests) < count:
            assert time.monotonic() < end, f"{len(self.requests)} requests came, not {count}"
            time.sleep(0.005)
        return self.requests[count - 1]

    def __enter__(self) -> Self:
        ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(ready,), daemon=True)
        self._thread.start()
        assert ready.wait(PATIENCE)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()

    def _run(self, ready: threading.Event) -> None:
        asyncio.run(self._serve(ready))

    async def _serve(self, ready: threading.Event) -> None:
        self._loop = asyncio.get_running_loop()
        self._end = asyncio.Event()
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0, limit=1 << 26)
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        await self._end.wait()
        server.close()
        for task in tuple(self._open):
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.ensure_future(self._answer_all(reader, writer))
        self._open.add(task)
        task.add_done_callback(self._open.discard)

    async def _answer_all(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                while (asked := await _read(reader)) is not None:
                    self.requests.append(asked)
                    if not await self._watched(asked, reader, writer):
                        break
        finally:
            writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()

    async def _watched(
        self, asked: Asked, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        """Answer while looking whether the other side goes away; False ends the connection."""
        answer = asyncio.ensure_future(_Answer(self, asked, writer).write())
        away = asyncio.ensure_future(_gone(reader))
        try:
            await asyncio.wait({answer, away}, return_when=asyncio.FIRST_COMPLETED)
            if not answer.done():
                asked.closed.set()
                return False
            if isinstance(answer.exception(), OSError):
                asked.closed.set()
            return answer.exception() is None and answer.result()
        finally:
            for task in (answer, away):
                task.cancel()
            await asyncio.gather(answer, away, return_exceptions=True)
            asked.finished.set()

    def script_of(self, asked: Asked) -> Script:
        """Return what is said to a request."""
        model = str(asked.fields.get("model", ""))
        if model.startswith("say:"):
            words = model.removeprefix("say:").split(" ")
            return say(*(f"{word} " for word in words[:-1]), words[-1])
        left = self.scripts.get(model)
        if not left:
            return self.default
        return left.pop(0) if len(left) > 1 else left[0]


async def _gone(reader: asyncio.StreamReader) -> None:
    """Return when the other side has ended the connection; nothing of it is read away."""
    # Asked again and again: a read would take away the start of a next request.
    while not reader.at_eof() and reader.exception() is None:  # noqa: ASYNC110
        await asyncio.sleep(0.005)


async def _read(reader: asyncio.StreamReader) -> Asked | None:
    head = await reader.readuntil(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").strip().split("\r\n")
    method, path, _ = first.split(" ")
    headers = {
        name.lower(): value.strip() for name, _, value in (one.partition(":") for one in lines)
    }
    if headers.get("transfer-encoding") == "chunked":
        body = b"".join([piece async for piece in _chunks(reader)])
    else:
        body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Asked(method, path, headers, body)


async def _chunks(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    while length := int(await reader.readuntil(b"\r\n"), 16):
        yield (await reader.readexactly(length + 2))[:-2]
    await reader.readuntil(b"\r\n")


class _Answer:
    """One answer on its way."""

    def __init__(self, server: Upstream, asked: Asked, writer: asyncio.StreamWriter) -> None:
        self.server = server
        self.asked = asked
        self.writer = writer
        self.path = asked.path.partition("?")[0]

    async def write(self) -> bool:
        """Write the answer; return whether the connection goes on."""
        if self.asked.method == "GET":
            return await self._get()
        self.script = self.server.script_of(self.asked)
        self.fields = self.asked.fields
        await asyncio.sleep(self.script.wait)
        if self.script.raw is not None:
            return await self._plain(self.script.raw, self.script.content_type or JSON)
        if self._streams():
            return await self._stream()
        return await self._plain(self._content(), self.script.content_type or JSON)

    def _streams(self) -> bool:
        streamed = str(self.fields.get("stream", "")).lower() == "true"
        return streamed and self.script.status == 200

    async def _get(self) -> bool:
        self.script = Script()
        if self.path == "/v1/models":
            listed = openai_shapes.models(list(self.server.scripts) or ["local"])
            return await self._plain(json.dumps(listed).encode(), JSON)
        found = self.server.files.get(self.path)
        if found is None:
            self.script = Script(status=404)
        return await self._plain(found or b"", "image/png")

    def _content(self) -> bytes:
        if self.path in PLAIN:
            said = PLAIN[self.path](self.script, self.fields)
        elif self.path in IMAGES:
            said = self._images()
        elif self.path == "/v1/embeddings":
            said = openai_shapes.embeddings(self.fields)
        else:
            self.script = Script(status=404)
            said = {"error": {"message": "No such path.", "type": "invalid_request_error"}}
        return json.dumps(said, ensure_ascii=self.script.ascii).encode()

    def _images(self) -> dict[str, Any]:
        files = f"/files/{len(self.server.requests)}"
        for n, data in enumerate(openai_shapes.shown(self.script, self.fields)):
            self.server.files[f"{files}/{n}.png"] = data
        return openai_shapes.images(self.script, self.fields, self.server.url + files)

    async def _plain(self, content: bytes, kind: str) -> bool:
        self._head(kind, f"content-length: {len(content)}")
        await self._send(content)
        return True

    def _head(self, kind: str, *more: str) -> None:
        own = [f"{name}: {value}" for name, value in self.script.headers]
        lines = [f"HTTP/1.1 {self.script.status} Said", f"content-type: {kind}", *more, *own]
        self.writer.write("\r\n".join([*lines, "", ""]).encode())

    async def _send(self, data: bytes) -> None:
        size = self.script.piece or len(data) or 1
        for at in range(0, len(data), size):
            self.writer.write(data[at : at + size])
            await self.writer.drain()
            if self.script.piece:
                await asyncio.sleep(0)

    async def _stream(self) -> bool:
        script = self.script
        self._head(script.content_type or SSE, "transfer-encoding: chunked")
        for number, event in enumerate(self._events()):
            if number == script.cut_after:
                return self._reset()
            if number == script.close_after:
                break
            await asyncio.sleep(script.stalls.get(number, script.gap))
            await self._chunk(frame(event, script))
            self.asked.events += 1
        else:
            if script.done and self.path in WITH_DONE:
                await self._chunk(f"data: [DONE]{script.newline * 2}".encode())
        # Apart from the last event, as servers often send it.
        await asyncio.sleep(LAST_CHUNK)
        self.writer.write(b"0\r\n\r\n")
        await self.writer.drain()
        return True

    def _events(self) -> Iterator[Event]:
        script = self.script
        if script.events is not None:
            yield from script.events
            return
        if self.path in IMAGES:
            yield from openai_shapes.image_events(script, self.fields, IMAGES[self.path])
            return
        events = STREAMED[self.path](script, self.fields)
        if not script.endless:
            yield from events
            return
        listed = list(events)
        words = json.dumps(script.says[0].text[-1])[1:-1]
        end = next(n for n, (_, said) in enumerate(listed) if words in json.dumps(said))
        yield from listed[: end + 1]
        while True:
            yield listed[end]

    async def _chunk(self, data: bytes) -> None:
        size = self.script.piece or len(data)
        for at in range(0, len(data), size):
            piece = data[at : at + size]
            self.writer.write(b"%x\r\n%b\r\n" % (len(piece), piece))
            await self.writer.drain()
            await asyncio.sleep(0)

    def _reset(self) -> bool:
        sock = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        self.writer.transport.abort()
        return False


def frame(event: Event, script: Script) -> bytes:
    """Return the bytes of one event as a script wants them."""
    name, said = event
    indent = 1 if script.multiline else None
    text = json.dumps(said, ensure_ascii=script.ascii, indent=indent)
    lines = [f"event: {name}"] if name else []
    lines += [f"data: {line}" for line in text.split("\n")]
    if script.comments:
        lines.insert(0, ": still here")
    return script.newline.join([*lines, "", ""]).encode()
