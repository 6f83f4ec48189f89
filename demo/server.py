# SPDX-License-Identifier: Apache-2.0
"""The operator's part: a folder, accounts, a key and a running `vigie serve`.

Everything here is what an operator does at a command line; the story itself
(day, chapters) knows the server's address, a key and a login, nothing else.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from demo import voice
from demo.errors import DemoError

MARK = "This folder belongs to `make demo`, which empties it at every start.\n"
SETTINGS = {
    "VIGIE_OPERATOR": "Agora",
    # Agora's receiver listens on this machine; elsewhere that is refused.
    "VIGIE_WEBHOOK_PRIVATE": "yes",
    # So do the pictures of its posts, which the server fetches for who must look.
    "VIGIE_MEDIA_HOSTS": "127.0.0.1",
    # A day in a minute: take-back ends after 5 s (30 s else), archive segments close early.
    "VIGIE_UNDO_SECONDS": "5",
    "VIGIE_SEGMENT_SECONDS": "2",
}
START_WITHIN = 60.0
STOP_WITHIN = 30.0


class Server:
    """A server on an empty folder of its own; stopped when the block ends."""

    def __init__(self, folder: Path, port: int, **settings: str) -> None:
        """`settings`: environment variables that win over those of the demo."""
        self.settings = SETTINGS | settings
        self.folder = folder
        self.port = port
        self.data = folder / "vigie-data"
        self.log = folder / "server.log"
        self.mails = folder / "mails"
        self._process: subprocess.Popen[bytes] | None = None
        self.facts: dict[str, Any] = {}

    @property
    def base(self) -> str:
        """The address, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def again(self) -> str:
        """How to serve the folder after the demo."""
        return f"vigie serve --port {self.port} --data-dir {self.data}"

    @property
    def is_running(self) -> bool:
        """Say whether `vigie serve` still runs."""
        return self._process is not None and self._process.poll() is None

    def __enter__(self) -> Self:
        """Set up and start; `until_ready` waits until it answers."""
        check_port(self.port)
        empty(self.folder)
        voice.say("Vigie: one day at Agora, a platform that does not exist.", "")
        voice.say("Setting up a new folder and starting the server ...")
        self.facts = self.vigie("init")
        self.vigie("vault", "init")
        self._start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop the server in order."""
        self._stop()

    def vigie(self, *arguments: str, words: str = "") -> Any:
        """Run a command of Vigie on the folder; return what it says.

        `words` are typed where it asks.
        """
        done = subprocess.run(
            [sys.executable, "-m", "vigie", *arguments, "--json"],
            env=self._environment(),
            input=words,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            said = done.stderr.strip() or done.stdout.strip()
            raise DemoError(f"`vigie {arguments[0]}` failed: {said}")
        return json.loads(done.stdout)

    def _environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("VIGIE_", "DJANGO_"))}
        own = {
            "VIGIE_DATA_DIR": str(self.data),
            "VIGIE_PORT": str(self.port),
            "VIGIE_MAIL_URL": f"file:{self.mails}",
        }
        return {**kept, **self.settings, **own}

    def _start(self) -> None:
        with self.log.open("wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "vigie", "serve"],
                env=self._environment(),
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C reaches the demo, which stops it in order
            )

    def until_ready(self) -> None:
        """Wait until items are taken; raise with the server's words where it ended."""
        end = time.monotonic() + START_WITHIN
        while time.monotonic() < end:
            if not self.is_running:
                raise DemoError(f"the server ended at once. {self._last_words()}")
            if _answers(self.port):
                voice.links([("server", self.base), ("data folder", str(self.data))])
                return
            time.sleep(0.1)
        raise DemoError(f"the server is not ready after {START_WITHIN:.0f} s; see {self.log}.")

    def _last_words(self) -> str:
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return " ".join(lines[-4:]) or f"See {self.log}."

    def _stop(self) -> None:
        if self._process is None or self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_WITHIN)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def check_port(port: int) -> None:
    """Raise where somebody listens already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as problem:
            raise DemoError(
                f"port {port} on 127.0.0.1 cannot be opened ({problem.strerror}). "
                f"Stop what listens there, or take another one: make demo PORT={port + 1}"
            ) from problem


def empty(folder: Path) -> None:
    """Make the folder new; raise where it is not the demo's own."""
    mark = folder / "README.txt"
    if folder.exists() and any(folder.iterdir()):
        if not mark.is_file() or mark.read_text(encoding="utf-8") != MARK:
            raise DemoError(f"{folder} holds something else. Name another one: --data-dir.")
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    mark.write_text(MARK, encoding="utf-8")


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as probe:
            probe.sendall(b"GET /readyz HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n")
            return b" 200 " in probe.recv(32)
    except OSError:
        return False
