# SPDX-License-Identifier: Apache-2.0
"""A mail server of a test: takes mails on this machine and keeps them, or refuses."""

from __future__ import annotations

import email
import email.policy
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from typing import Any


class Kept:
    """What the server got, and how it answers."""

    def __init__(self) -> None:
        self.raw: list[bytes] = []
        self.to: list[str] = []
        self.refuse: dict[str, str] = {}
        """Answer to `RCPT TO` by address."""
        self.answer = "250 2.0.0 Ok: queued as 7F3A"

    @property
    def mails(self) -> list[EmailMessage]:
        """The mails as a mail program reads them."""
        return [email.message_from_bytes(one, policy=email.policy.default) for one in self.raw]


class _Talk(socketserver.StreamRequestHandler):
    server: Any

    def handle(self) -> None:
        kept: Kept = self.server.kept
        self._say("220 test")
        for line in self.rfile:
            verb = line.decode().strip()
            if verb.upper().startswith("RCPT"):
                address = verb.partition("<")[2].partition(">")[0]
                self._say(kept.refuse.get(address, "250 ok"))
                kept.to.append(address)
            elif verb.upper() == "DATA":
                self._say("354 go on")
                kept.raw.append(self._text())
                self._say(kept.answer)
            elif verb.upper() == "QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 ok")

    def _text(self) -> bytes:
        lines = []
        for line in self.rfile:
            if line == b".\r\n":
                break
            lines.append(line)
        return b"".join(lines)

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


@contextmanager
def mail_server(port: int = 0) -> Iterator[tuple[int, Kept]]:
    """Run a mail server on this machine; yield its port and what it keeps."""
    server: Any = _Server(("127.0.0.1", port), _Talk)
    server.kept = Kept()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server.server_address[1], server.kept
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)
