# SPDX-License-Identifier: Apache-2.0
"""A witness over real HTTP, in a thread of the test or in a process of its own."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from vigie.witness.home import WitnessHome, add_log, create
from vigie.witness.server import create_app


def make(folder: Path, *log_vkeys: str, name: str = "witness.invalid/w") -> str:
    """Set a witness up that knows these logs; return its vkey."""
    vkey = create(folder, name)
    for one in log_vkeys:
        add_log(folder, one)
    return vkey


def free_port() -> int:
    """Return a port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def serving(folder: Path, clock: Callable[[], int] | None = None, port: int = 0) -> Iterator[str]:
    """Serve a witness's folder in a thread; yield its address."""
    app = create_app(WitnessHome(folder), clock) if clock else create_app(WitnessHome(folder))
    chosen = port or free_port()
    config = uvicorn.Config(app, "127.0.0.1", chosen, log_config=None, lifespan="off", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    limit = time.monotonic() + 10
    while not server.started and time.monotonic() < limit:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{chosen}"
    finally:
        server.should_exit = True
        thread.join(10)


@contextmanager
def process(folder: Path, *before: str) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """Serve a witness's folder in a process that may be killed; yield it and its address."""
    port = free_port()
    words = before or ("-m", "vigie")
    command = [sys.executable, *words, "witness", "serve", "--dir", str(folder)]
    with subprocess.Popen(
        [*command, "--port", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as running:
        address = f"http://127.0.0.1:{port}"
        try:
            _wait(address)
            yield running, address
        finally:
            running.kill()


def _wait(address: str) -> None:
    limit = time.monotonic() + 20
    while True:
        try:
            with urllib.request.urlopen(address, timeout=1):
                return
        except OSError:
            if time.monotonic() > limit:
                raise
            time.sleep(0.02)
