# SPDX-License-Identifier: Apache-2.0
"""A stub of a model's server on bare asyncio: `python -m benchmarks.gateway.stub PORT`.

`POST /v1/chat/completions` alone. The model's name says how it answers: `fast`
without delay; `paced` with 50 ms before the first token and 10 ms between two;
`rate-N-S` with N frames a second for S seconds. 43 frames a stream but for
`rate`: the role, 40 tokens, the end, `[DONE]`.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
from typing import Any, Final, cast

import uvloop

from benchmarks.gateway import words

FIRST: Final = 0.05
BETWEEN: Final = 0.01
_NUMBERS = itertools.count()
_STREAM_HEAD: Final = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
)


def frames(model: str) -> tuple[list[bytes], float, float]:
    """Return the frames of a new answer, seconds before the second one and between others."""
    number = next(_NUMBERS)
    if model.startswith("rate-"):
        rate, seconds = (int(part) for part in model.split("-")[1:])
        tokens = words.answer(number, rate * seconds)
        return _frames(model, number, tokens), 1 / rate, 1 / rate
    tokens = words.answer(number)
    paced = model == "paced"
    return _frames(model, number, tokens), FIRST * paced, BETWEEN * paced


def _frames(model: str, number: int, tokens: list[str]) -> list[bytes]:
    role = _frame(model, number, {"role": "assistant", "content": ""})
    said = [_frame(model, number, {"content": token}) for token in tokens]
    end = _frame(model, number, {}, "stop")
    return [_chunk(one) for one in (role, *said, end, b"data: [DONE]\n\n")]


def _frame(model: str, number: int, delta: dict[str, str], reason: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}
    whole = {
        "id": f"chatcmpl-{number}",
        "object": "chat.completion.chunk",
        "created": 1_750_000_000,
        "model": model,
        "choices": [choice],
    }
    return b"data: %s\n\n" % json.dumps(whole, separators=(",", ":")).encode()


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def plain(model: str) -> bytes:
    """Return a whole answer at once."""
    number = next(_NUMBERS)
    message = {"role": "assistant", "content": "".join(words.answer(number))}
    whole = {
        "id": f"chatcmpl-{number}",
        "object": "chat.completion",
        "created": 1_750_000_000,
        "model": model,
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 60, "completion_tokens": 40, "total_tokens": 100},
    }
    body = json.dumps(whole, separators=(",", ":")).encode()
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    return head % len(body) + body


class Connection(asyncio.Protocol):
    """One kept connection; one answer at a time."""

    def __init__(self) -> None:
        self._data = b""
        self._to: asyncio.Transport
        self._loop = asyncio.get_running_loop()
        self._due = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        self._to = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Answer as soon as a request is whole."""
        self._data += data
        head, found, rest = self._data.partition(b"\r\n\r\n")
        if not found:
            return
        length = next(
            (
                int(line.split(b":")[1])
                for line in head.lower().split(b"\r\n")
                if line.startswith(b"content-length")
            ),
            0,
        )
        if len(rest) < length:
            return
        self._data = rest[length:]
        self._answer(json.loads(rest[:length] or b"{}"))

    def _answer(self, asked: dict[str, Any]) -> None:
        model = str(asked.get("model", "fast"))
        if not asked.get("stream"):
            self._to.write(plain(model))
            return
        parts, first, between = frames(model)
        self._to.write(_STREAM_HEAD + parts[0])
        if not between:
            self._to.writelines([*parts[1:], b"0\r\n\r\n"])
            return
        self._due = self._loop.time() + first
        self._loop.call_at(self._due, self._next, iter(parts[1:]), between)

    def _next(self, parts: Any, between: float) -> None:
        if self._to.is_closing():
            return
        part = next(parts, None)
        if part is None:
            self._to.write(b"0\r\n\r\n")
            return
        self._to.write(part)
        self._due += between
        self._loop.call_at(self._due, self._next, parts, between)


async def serve(port: int) -> None:
    """Listen until the process is ended."""
    server = await asyncio.get_running_loop().create_server(
        Connection, "127.0.0.1", port, backlog=2048
    )
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))
