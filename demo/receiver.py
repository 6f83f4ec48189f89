# SPDX-License-Identifier: Apache-2.0
"""Agora's receiver of webhooks: checks the signature, acts, and confirms the effect.

Written after the public text of Standard Webhooks alone, as a platform would.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from demo.errors import DemoError
from demo.platform import until

TOLERANCE = 300
DECISIONS = ("decision.made", "decision.superseded")
Act = Callable[[dict[str, Any]], None]


def is_genuine(secret: str, headers: Any, body: bytes) -> bool:
    """Check `webhook-signature` over id, time and body."""
    stamp = headers.get("webhook-timestamp", "")
    if not stamp.isdigit() or abs(time.time() - int(stamp)) > TOLERANCE:
        return False
    signed = f"{headers.get('webhook-id', '')}.{stamp}.".encode() + body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    wanted = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    given = headers.get("webhook-signature", "").split()
    return any(hmac.compare_digest(f"v1,{wanted}", one) for one in given)


class Receiver:
    """Listens on loopback; hands every genuine message of a decision to Agora, once."""

    def __init__(self, act: Act) -> None:
        self.secret = ""
        self._act = act
        self._seen: dict[str, dict[str, Any]] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())

    @property
    def url(self) -> str:
        """Where messages are to be sent."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/vigie"

    def __enter__(self) -> Self:
        """Begin to listen."""
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()

    def told(self, decision_id: str) -> dict[str, Any]:
        """Wait for the message of a decision and return it."""

        def look() -> dict[str, Any] | None:
            for message in list(self._seen.values()):
                if message["data"].get("decision_id") == decision_id:
                    return message
            return None

        found: dict[str, Any] = until(look, "The webhook")
        return found

    def _take(self, name: str, message: dict[str, Any]) -> None:
        if name in self._seen:
            return  # sent again after an answer was lost: once is enough
        if message["type"] in DECISIONS:
            self._act(message["data"])
        self._seen[name] = message

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                good = is_genuine(receiver.secret, self.headers, body)
                self.send_response(204 if good else 401)
                self.end_headers()
                if good:
                    self.wfile.flush()
                    receiver._take(self.headers["webhook-id"], json.loads(body))

            def log_message(self, *_: Any) -> None:
                """Keep quiet."""

        return Handler


def confirm_with(confirm: Callable[[str, list[str]], None]) -> Act:
    """Return what Agora does with a decision: apply it and say so, place by place.

    The last decision on an item counts: where it no longer restricts, Agora
    shows the item again, and says that as well.
    """
    withheld: dict[str, set[str]] = {}

    def act(data: dict[str, Any]) -> None:
        places = {
            territory
            for action in data["actions"]
            if action["state"] != "proposed"
            for territory in action["territories"]
        }
        changed = places | withheld.pop(data["item_id"], set())
        if places:
            withheld[data["item_id"]] = places
        if not changed:
            return
        try:
            confirm(data["decision_id"], sorted(changed))
        except DemoError:
            return  # unconfirmed: after five minutes Vigie itself alarms

    return act
