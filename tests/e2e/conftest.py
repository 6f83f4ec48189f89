# SPDX-License-Identifier: Apache-2.0
"""One day at Agora, played once; then its folder is served again and looked at."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.support.browser import chromium
from tests.support.tree import ROOT

PLAYED_WITHIN = 240


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def play(folder: Path, port: int, *options: str) -> subprocess.CompletedProcess[str]:
    """Run the demo as `make demo` does."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("VIGIE_", "DJANGO_"))}
    command = [sys.executable, "-m", "demo", "--port", str(port), "--data-dir", str(folder)]
    return subprocess.run(
        [*command, *options],
        cwd=ROOT,
        env=kept,
        capture_output=True,
        text=True,
        timeout=PLAYED_WITHIN,
        check=False,
    )


@dataclass(frozen=True)
class Agora:
    """The day that was played, and a server on its folder."""

    folder: Path
    said: str
    story: dict[str, Any]
    env: dict[str, str]

    @property
    def base(self) -> str:
        return str(self.story["base"])

    def get(self, path: str, *, key: bool = False, language: str = "en") -> httpx2.Response:
        """Ask the server from outside."""
        headers = {"Accept-Language": language}
        headers |= {"Authorization": f"Bearer {self.story['key']}"} if key else {}
        return httpx2.get(
            self.base + path.removeprefix(self.base), headers=headers, timeout=30, trust_env=False
        )

    def record(self, decision_id: str) -> dict[str, Any]:
        """Return what became of a decision."""
        answer = self.get(f"/api/v1/decisions/{decision_id}", key=True)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


@pytest.fixture(scope="session")
def agora(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agora]:
    """Play the day with --once; then serve the folder anew, as after a restart."""
    folder = tmp_path_factory.mktemp("agora") / "demo"
    port = free_port()
    done = play(folder, port, "--once")
    assert done.returncode == 0, done.stdout + done.stderr
    story = json.loads((folder / "story.json").read_text(encoding="utf-8"))
    env = {k: v for k, v in os.environ.items() if not k.startswith(("VIGIE_", "DJANGO_"))}
    env |= {"VIGIE_DATA_DIR": str(folder / "vigie-data"), "VIGIE_PORT": str(port)}
    server = subprocess.Popen(
        [sys.executable, "-m", "vigie", "serve"], env=env, stderr=subprocess.DEVNULL
    )
    try:
        until_ready(str(story["base"]))
        yield Agora(folder, done.stdout, story, env)
    finally:
        server.terminate()
        server.wait(30)


def until_ready(base: str) -> None:
    """Wait until a server takes items."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            if httpx2.get(f"{base}/readyz", timeout=2, trust_env=False).status_code == 200:
                return
        except httpx2.HTTPError:
            pass
        time.sleep(0.2)
    pytest.fail("the server did not come back after its restart")


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium, once for all pages."""
    with chromium() as found:
        yield found
