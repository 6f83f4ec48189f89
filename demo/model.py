# SPDX-License-Identifier: Apache-2.0
"""The model behind Agora's assistant: a server on this machine that recites, word by word."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

NAME = "agora-assistant"
PAUSE = 0.04
"""Seconds between two words, about as fast as such models write."""
OTHERWISE = "I am here to help."


class Model:
    """Speaks the interface of chat completions; says what belongs to a part of the question."""

    def __init__(self, said: Mapping[str, str]) -> None:
        """`said`: words of a question and what is recited then; the first that fit count."""
        self._said = said
        self.asked = 0
        self.stopped = 0
        """Answers whose reader went away before the end."""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())

    @property
    def base(self) -> str:
        """The address that an operator names."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def __enter__(self) -> Self:
        """Begin to serve."""
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop."""
        self._server.shutdown()
        self._server.server_close()

    def answer(self, question: str) -> str:
        """Return what is recited."""
        return next((said for part, said in self._said.items() if part in question), OTHERWISE)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        model = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._send("application/json", {"object": "list", "data": [{"id": NAME}]})

            def do_POST(self) -> None:
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                model.asked += 1
                said = model.answer(str(asked["messages"][-1]["content"]))
                if not asked.get("stream"):
                    self._send("application/json", whole(said))
                    return
                self.send_response(200)
                self.send_header("Content-Type", "text/event-stream")
                self.end_headers()
                try:
                    for event in events(said):
                        self.wfile.write(event)
                        self.wfile.flush()
                        time.sleep(PAUSE)
                except OSError:
                    model.stopped += 1

            def _send(self, kind: str, body: dict[str, Any]) -> None:
                data = json.dumps(body).encode()
                self.send_response(200)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: Any) -> None:
                """Keep quiet."""

        return Handler


def whole(said: str) -> dict[str, Any]:
    """Return an answer in one piece."""
    message = {"role": "assistant", "content": said}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return {"id": "chatcmpl-agora", "object": "chat.completion", "created": 1, "model": NAME,
            "choices": [choice]}  # fmt: skip


def events(said: str) -> Iterator[bytes]:
    """Return an answer as a stream, a word at a time."""
    words = said.split(" ")
    parts = [word if n == 0 else f" {word}" for n, word in enumerate(words)]
    deltas: list[tuple[dict[str, str], str | None]] = [({"role": "assistant", "content": ""}, None)]
    deltas += [({"content": part}, None) for part in parts]
    for delta, reason in [*deltas, ({}, "stop")]:
        choice = {"index": 0, "delta": delta, "finish_reason": reason}
        chunk = {"id": "chatcmpl-agora", "object": "chat.completion.chunk", "created": 1,
                 "model": NAME, "choices": [choice]}  # fmt: skip
        yield b"data: %s\n\n" % json.dumps(chunk).encode()
    yield b"data: [DONE]\n\n"
