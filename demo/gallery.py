# SPDX-License-Identifier: Apache-2.0
"""Where Agora serves the pictures of its posts: on this machine, from memory."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self


class Gallery:
    """Hands out pictures by their names, as a platform's own file server does."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[bytes, str]] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())

    def put(self, name: str, data: bytes, mime: str) -> str:
        """Serve a picture; return its address."""
        self._kept[f"/{name}"] = data, mime
        return f"http://127.0.0.1:{self._server.server_address[1]}/{name}"

    def __enter__(self) -> Self:
        """Begin to serve."""
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

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        kept = self._kept

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                data, mime = kept.get(self.path, (b"", ""))
                self.send_response(200 if data else 404)
                self.send_header("Content-Type", mime or "text/plain")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: Any) -> None:
                """Keep quiet."""

        return Handler
