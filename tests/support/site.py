# SPDX-License-Identifier: Apache-2.0
"""A site on this machine that hands out given bytes, and remembers what it was asked."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress


@contextmanager
def site(*pieces: bytes, pause: float = 0.0) -> Iterator[tuple[int, list[str]]]:
    """Say these bytes to everybody, one piece after the other; yields port and requests."""
    asked: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)
        ended = threading.Event()

        def serve() -> None:
            while not ended.is_set():
                try:
                    caller, _ = listener.accept()
                except TimeoutError:
                    continue
                with caller, suppress(OSError):
                    asked.append(caller.recv(65536).decode())
                    for piece in pieces:
                        caller.sendall(piece)
                        time.sleep(pause)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listener.getsockname()[1], asked
        finally:
            ended.set()
            thread.join()


def answer(body: bytes, status: str = "200 OK", kind: str = "image/jpeg", more: str = "") -> bytes:
    """Return an answer of HTTP/1.1 as it goes over the wire."""
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n{more}\r\n"
    return head.encode() + body
