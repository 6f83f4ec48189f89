# SPDX-License-Identifier: Apache-2.0
"""A machine door as a process of its own, killed and driven from another one."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from tests.support.door import PLANTED, TRUSTED, item

START_S = 60
ROOT = Path(__file__).parents[2]
DOOR = "from vigie.supervisor.roles import Role, run; from vigie.settings import Settings; "
RUN = "raise SystemExit(run(Role.INTAKE, Settings.from_env()))"


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """One `serve --role intake`; `fault` is code that breaks it before it starts."""

    def __init__(self, folder: Path, fault: str = "", **settings: str) -> None:
        self.port = free_port()
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("VIGIE_", "DJANGO_"))}
        own = {
            "VIGIE_DATA_DIR": str(folder),
            "VIGIE_PORT": str(self.port),
            "VIGIE_DECODERS": "1",
            "VIGIE_SAMPLE_RATE": "0.1",
            **{f"VIGIE_{name.upper()}": value for name, value in settings.items()},
        }
        self.process = subprocess.Popen(
            [sys.executable, "-c", fault + DOOR + RUN],
            env={**kept, **own, "PYTHONPATH": str(ROOT)},
            cwd=ROOT,
            start_new_session=True,
        )
        end = time.monotonic() + START_S
        while not self._answers():
            assert self.process.poll() is None, "the server ended by itself"
            assert time.monotonic() < end, "the server does not start"
            time.sleep(0.05)

    def _answers(self) -> bool:
        with contextlib.suppress(OSError, http.client.HTTPException):
            return self.ask("GET", "/healthz")[0] == 200
        return False

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, bytes]:
        """Send one request on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            connection.request(method, path, body, {"authorization": f"Bearer {TRUSTED}", **named})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def post(self, body: Any, **headers: str) -> tuple[int, bytes]:
        """Post items."""
        return self.ask("POST", "/v1/items", json.dumps(body).encode(), **headers)

    def kill(self) -> None:
        """End it without a word: SIGKILL for it and all its children."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        """End it as an operator would; return its exit status."""
        self.process.terminate()
        return self.process.wait(30)


@contextlib.contextmanager
def serving(folder: Path, fault: str = "", **settings: str) -> Iterator[Server]:
    """Run a server for the length of a block; afterwards it is killed if it still runs."""
    server = Server(folder, fault, **settings)
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.kill()


@dataclass
class Load:
    """Clients that post and keep their own list of what was acknowledged."""

    server: Server
    name: str
    threads: int = 4
    acknowledged: dict[str, str] = field(default_factory=dict)
    """Decision id to item id."""
    answers: dict[str, tuple[dict[str, Any], bytes]] = field(default_factory=dict)
    """Idempotency-Key to what was sent and what was answered."""

    def __enter__(self) -> Self:
        self._stop = threading.Event()
        self._running = [
            threading.Thread(target=self._run, args=(n,), daemon=True) for n in range(self.threads)
        ]
        for one in self._running:
            one.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for one in self._running:
            one.join(30)

    def _run(self, thread: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=30)
        count = 0
        with (
            contextlib.closing(connection),
            contextlib.suppress(OSError, http.client.HTTPException),
        ):
            while not self._stop.is_set():
                count += 1
                self._one(connection, f"{self.name}-{thread}-{count}", batch=thread == 0)

    def _one(self, connection: http.client.HTTPConnection, name: str, *, batch: bool) -> None:
        one = item(id=name, text=f"Post {name}" + (f" {PLANTED}" if hash(name) % 9 == 0 else ""))
        body = {"items": [{**one, "id": f"{name}-{n}"} for n in range(7)]} if batch else one
        headers = {"authorization": f"Bearer {TRUSTED}", "idempotency-key": name}
        connection.request("POST", "/v1/items", json.dumps(body), headers)
        answer = connection.getresponse()
        content = answer.read()
        assert answer.status == 200, content
        said = json.loads(content)
        for result in said.get("results", [said]):
            made = result["decision"]
            self.acknowledged[made["decision_id"]] = made["item_id"]
        self.answers[name] = (body, content)
