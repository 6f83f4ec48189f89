# SPDX-License-Identifier: Apache-2.0
"""One process at a time: flock on a file of the run folder that names its holder.

The kernel lets go when the holder dies, however it dies; the text in the file
is only there to tell a person who holds it.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Self

from vigie.core.errors import ConflictError

POLL: Final = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who holds a lock, as the holder wrote it."""

    pid: int
    host: str
    since: str
    """RFC 3339, UTC."""
    address: str = ""
    """Where it listens, if it does."""

    @property
    def is_gone(self) -> bool:
        """True where the process is known to have ended (this machine only)."""
        if self.host != socket.gethostname():
            return False
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return True
        except PermissionError:
            return False
        return False

    def __str__(self) -> str:
        where = f", {self.address}" if self.address else ""
        return f"process {self.pid} on {self.host}, since {self.since}{where}"


class HeldError(ConflictError):
    """Somebody else holds the lock."""

    code = "already_running"

    def __init__(self, path: Path, holder: Holder | None) -> None:
        self.holder = holder
        super().__init__(
            f"{path.stem} already runs on this data folder: {holder or 'holder unknown'}.",
            fix="Stop that process, or choose another folder with --data-dir.",
        )


class Lock:
    """A held lock; `close` lets go. Children that inherit `fd` hold it too."""

    def __init__(self, path: Path, fd: int) -> None:
        self.path = path
        self.fd = fd

    def close(self) -> None:
        """Let go, as far as this process is concerned."""
        os.close(self.fd)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def acquire(path: Path, *, address: str = "", wait: float = 0.0, orphans: float = 0.0) -> Lock:
    """Take the lock or raise HeldError that names the holder.

    ``wait`` is how many seconds to wait for a living holder, ``orphans`` for
    one that has died while its children still finish their work.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    start = time.monotonic()
    while not _try(fd):
        found = holder(path)
        limit = max(wait, orphans) if found is not None and found.is_gone else wait
        if time.monotonic() - start >= limit:
            os.close(fd)
            raise HeldError(path, found)
        time.sleep(POLL)
    lock = Lock(path, fd)
    resign(lock, address)
    return lock


def holder(path: Path) -> Holder | None:
    """Return who last signed the file; None where nobody or nothing readable."""
    try:
        return Holder(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def is_held(path: Path) -> bool:
    """Say whether a living process holds the lock now."""
    try:
        fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        return not _try(fd)
    finally:
        os.close(fd)


def _try(fd: int) -> bool:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def resign(lock: Lock, address: str = "") -> None:
    """Write into the lock's file who holds it, and where it listens."""
    since = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    me = Holder(pid=os.getpid(), host=socket.gethostname(), since=since, address=address)
    os.ftruncate(lock.fd, 0)
    os.pwrite(lock.fd, json.dumps(asdict(me)).encode(), 0)
