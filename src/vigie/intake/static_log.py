# SPDX-License-Identifier: Apache-2.0
"""`/log/1/...`: checkpoint and tiles as static files (C2SP tlog-tiles).

Only the names that the format knows are opened; nothing else under the folder
can be reached.
"""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Final

from starlette.types import Receive, Scope, Send

from vigie.core.errors import NotFoundError
from vigie.machine.http import request_id_of, send_error

_CHECKPOINT: Final = re.compile(r"^/log/(\d+)/checkpoint(\.cosigned)?$")
_KEYS: Final = re.compile(r"^/log/(\d+)/(policy\.txt|receipt-keys\.txt)$")
_TILE: Final = re.compile(
    r"^/log/(\d+)/tile/(entries|[0-9]|[1-5][0-9]|6[0-3])/(x\d{3}/)*\d{3}(\.p/[1-9]\d{0,2})?$"
)
_TEXT: Final = b"text/plain; charset=utf-8"
_BYTES: Final = b"application/octet-stream"
_FOREVER: Final = b"public, max-age=31536000, immutable"


class StaticLog:
    """Serves what `jobs` published; a tile never changes, a checkpoint does."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Answer GET and HEAD for the names of the format."""
        path: str = scope["path"]
        kind = self._kind(path) if scope["method"] in ("GET", "HEAD") else None
        content = None
        if kind is not None:
            content = await asyncio.to_thread(self._read, path)
        if content is None or kind is None:
            problem = NotFoundError("The log holds nothing at this path.", code="no_such_path")
            await send_error(send, problem, request_id_of(scope))
            return
        is_tile = kind == "tile"
        headers = [
            (b"content-type", _BYTES if is_tile else _TEXT),
            (b"content-length", str(len(content)).encode()),
            (b"x-content-type-options", b"nosniff"),
            (b"access-control-allow-origin", b"*"),
            (
                b"cache-control",
                b"public, max-age=31536000, immutable" if kind == "tile" else b"no-cache",
            ),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        body = b"" if scope["method"] == "HEAD" else content
        await send({"type": "http.response.body", "body": body})

    def _kind(self, path: str) -> str | None:
        if _TILE.match(path):
            return "tile"
        return "text" if _CHECKPOINT.match(path) or _KEYS.match(path) else None

    def _read(self, path: str) -> bytes | None:
        try:
            return (self._folder / path.removeprefix("/log/")).read_bytes()
        except OSError:
            return None
