# SPDX-License-Identifier: Apache-2.0
"""`vigie serve` on an installation of its own, and a small client of its doors."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, Self

from tests.support.installation import Installation

PATIENCE = 60.0


class Answer(NamedTuple):
    """What a door said."""

    status: int
    body: bytes

    def json(self) -> Any:
        """Return the body read as JSON."""
        return json.loads(self.body)


def free_port() -> int:
    """Return a port that nobody holds now."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def eventually(condition: Callable[[], Any], patience: float = PATIENCE) -> Any:
    """Wait until a condition holds; return what it gave."""
    end = time.monotonic() + patience
    while not (found := condition()):
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)
    return found


class Server:
    """A running `vigie serve`."""

    def __init__(self, vigie: Installation, *arguments: str) -> None:
        self.vigie = vigie
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        started = time.monotonic()
        self.process: subprocess.Popen[str] = vigie.start(
            "serve", "--port", str(self.port), *arguments, stderr=subprocess.PIPE
        )
        try:
            eventually(self.is_ready)
        except AssertionError:
            self.kill()
            raise
        self.cold_start = time.monotonic() - started

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def is_ready(self) -> bool:
        """Say whether /readyz answers 200; fail at once where the server has ended."""
        assert self.process.poll() is None, self.process.stderr and self.process.stderr.read()
        return self.get("/readyz").status == 200

    def get(self, path: str, **headers: str) -> Answer:
        """Send a GET request; status 0: no answer."""
        return self._send(urllib.request.Request(self.url + path, headers=headers))

    def post(self, path: str, value: Any, **headers: str) -> Answer:
        """Send JSON."""
        data = json.dumps(value).encode()
        return self._send(urllib.request.Request(self.url + path, data, headers))

    @staticmethod
    def _send(request: urllib.request.Request) -> Answer:
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return Answer(answer.status, answer.read())
        except urllib.error.HTTPError as problem:
            with problem:
                return Answer(problem.code, problem.read())
        except OSError:
            return Answer(0, b"")

    def children(self) -> dict[str, int]:
        """Return the processes by role (Linux)."""
        found = {}
        listing = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        for pid in listing.split():
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            if b"--role" in words:
                found[words[words.index(b"--role") + 1].decode()] = int(pid)
        return found

    def stop(self) -> int:
        """Ask it to stop; return its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            self.kill()
        return self.process.returncode

    def kill(self) -> None:
        """End the supervisor as a power cut would."""
        self.process.kill()
        self.process.communicate()
