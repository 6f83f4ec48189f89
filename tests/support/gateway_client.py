# SPDX-License-Identifier: Apache-2.0
"""A client that reads streams byte by byte, and may leave at any byte."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from typing import Any, Self

from tests.support.dialects import (
    DIALECTS,
    MESSAGES,
    RESPONSES,
    asking,
    client_names,
    client_text,
    events,
)
from tests.support.gateway import TRUSTED, Gateway

__all__ = ["DIALECTS", "ROUTES", "Stream", "asking", "client_text", "ended_well", "events"]

ROUTES = {path: f"/ai{path}" for path in DIALECTS}


class Stream:
    """One streamed answer on a connection of its own."""

    def __init__(
        self, gateway: Gateway, path: str, model: str, key: str = TRUSTED, **more: Any
    ) -> None:
        self.path = path
        body = json.dumps({**asking(path), "model": model, **more}).encode()
        head = (
            f"POST {ROUTES[path]} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"
            f"authorization: Bearer {key}\r\ncontent-length: {len(body)}\r\n"
            "connection: close\r\n\r\n"
        )
        self._socket = socket.create_connection(("127.0.0.1", gateway.port), timeout=30)
        self._socket.sendall(head.encode() + body)
        self._raw = b""
        self.body = b""
        self.status = 0
        self.headers: dict[str, str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.leave()

    def _more(self) -> bool:
        piece = self._socket.recv(65_536)
        self._raw += piece
        return bool(piece)

    def head(self) -> int:
        """Read the head; return the status."""
        while b"\r\n\r\n" not in self._raw:
            assert self._more(), "the answer has no head"
        head, _, self._raw = self._raw.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        self.status = int(first.split(" ")[1])
        pairs = (line.partition(": ") for line in lines)
        self.headers = {name.lower(): value for name, _, value in pairs}
        return self.status

    def pieces(self) -> Iterator[bytes]:
        """Yield the body as it comes."""
        if not self.status:
            self.head()
        if "content-length" in self.headers:
            while len(self._raw) < int(self.headers["content-length"]) and self._more():
                pass
            self.body += self._raw
            yield self._raw
            return
        while True:
            while b"\r\n" not in self._raw:
                if not self._more():
                    return
            size, _, rest = self._raw.partition(b"\r\n")
            length = int(size, 16)
            while len(rest) < length + 2:
                if not self._more():
                    return
                rest = self._raw.partition(b"\r\n")[2]
            self._raw = rest[length + 2 :]
            if not length:
                return
            self.body += rest[:length]
            yield rest[:length]

    def read(self) -> bytes:
        """Read to the end."""
        for _ in self.pieces():
            pass
        return self.body

    def until(self, text: str) -> bytes:
        """Read until a text has arrived."""
        for _ in self.pieces():
            if text.encode() in self.body:
                return self.body
        raise AssertionError(f"{text!r} did not come: {self.body!r}")

    def leave(self) -> None:
        """Go away without a word."""
        self._socket.close()

    @property
    def text(self) -> str:
        """What a client puts together of one channel; the gateway's own words left out."""
        found = client_text(self.path, self.body)
        return "".join(text for text in found if not text.startswith("This answer was stopped"))

    @property
    def chars(self) -> int:
        """How many characters of the answer reached the client, names of tools among them."""
        return len(self.text) + sum(map(len, client_names(self.path, self.body)))


def ended_well(path: str, body: bytes) -> bool:
    """Say whether a stream ended as its interface ends one, whatever the reason."""
    if path == RESPONSES:
        finals = ("response.completed", "response.incomplete", "response.failed")
        return events(body)[-1]["type"] in finals
    if path == MESSAGES:
        return events(body)[-1]["type"] in ("message_stop", "error")
    return body.endswith(b"data: [DONE]\n\n")
