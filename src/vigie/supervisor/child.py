# SPDX-License-Identifier: Apache-2.0
"""One supervised process: started, watched, started again with growing pauses."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

FIRST_PAUSE: Final = 0.5
LONGEST_PAUSE: Final = 30.0
STEADY: Final = 20.0
"""A child that lived this many seconds starts again without a longer pause."""
HOPELESS: Final = 5
"""Deaths in a row before a child was ever steady: the supervisor gives up."""

PARENT_FD: Final = "VIGIE_PARENT_FD"
SOCKET_FD: Final = "VIGIE_SOCKET_FD"
PEOPLE_SOCKETS: Final = "VIGIE_PEOPLE_SOCKETS"
"""Where the pages answer: paths, told to the web process."""


@dataclass(slots=True)
class Child:
    """A role with its process."""

    role: str
    env: Mapping[str, str]
    keep_fds: Sequence[int] = ()
    command: Sequence[str] = ()
    """What to run; empty: this role of this program."""
    needs: Path | None = None
    """It is started once this is there."""
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    started: float = field(default=0.0, init=False)
    due: float = field(default=0.0, init=False)
    pause: float = field(default=FIRST_PAUSE, init=False)
    deaths: int = field(default=0, init=False)
    """In a row, since it was last steady."""

    def start(self) -> None:
        """Start the process in a session of its own: Ctrl-C reaches the supervisor alone."""
        self.process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            self.command or [sys.executable, "-m", "vigie", "serve", "--role", self.role],
            env={**os.environ, **self.env},
            pass_fds=tuple(self.keep_fds),
            start_new_session=True,
        )
        self.started = time.monotonic()

    def tend(self, now: float) -> int | None:
        """Start it when due; return the exit status at the moment it is found dead."""
        if self.process is None:
            if now >= self.due and (self.needs is None or self.needs.exists()):
                self.start()
            return None
        status = self.process.poll()
        if status is None:
            return None
        self._note_death(now)
        return status

    def _note_death(self, now: float) -> None:
        self.process = None
        if now - self.started >= STEADY:
            self.pause, self.deaths = FIRST_PAUSE, 0
        self.deaths += 1
        self.due = now + self.pause
        self.pause = min(self.pause * 2, LONGEST_PAUSE)

    @property
    def is_hopeless(self) -> bool:
        """True where it never stays up."""
        return self.deaths >= HOPELESS

    def stop(self, within: float) -> bool:
        """Ask it to finish, wait, and end it where it does not; True: it finished itself."""
        if self.process is None or self.process.poll() is not None:
            return True
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=within)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return False
        return True
