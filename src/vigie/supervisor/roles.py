# SPDX-License-Identifier: Apache-2.0
"""What each role runs, in the process that was started for it."""

from __future__ import annotations

import os
import signal
import socket
import threading
from enum import StrEnum
from typing import Final

from vigie import locks, logs
from vigie.settings import Settings
from vigie.supervisor.child import PARENT_FD, SOCKET_FD
from vigie.supervisor.parent import BACKLOG, listen, signals

GRACE: Final = 10
"""Seconds that open requests have after SIGTERM."""


class Role(StrEnum):
    """A process of its own; `web` is all doors, `intake` the machine door alone.

    Under the supervisor `web` leaves the pages to processes of role `people`.
    """

    WEB = "web"
    PEOPLE = "people"
    INTAKE = "intake"
    GATEWAY = "gateway"
    """The AI gateway alone, with a journal of its own."""
    JOBS = "jobs"
    CHECKPOINTER = "checkpointer"
    VAULT = "vault"
    """Opens sealed evidence; it alone reads the vault's private keys."""


FACTORIES: Final = {
    Role.WEB: "vigie.asgi:create_app",
    Role.PEOPLE: "vigie.asgi:create_people",
    Role.INTAKE: "vigie.asgi:create_intake",
    Role.GATEWAY: "vigie.asgi:create_gateway",
}
KEEP_ALIVE: Final = 75
"""Longer than the web process keeps an idle connection to the pages."""


def run(role: Role, settings: Settings) -> int:
    """Run one role until it is told to stop; return the exit code."""
    _follow_parent()
    logs.configure(role)
    if role in FACTORIES:
        return _run_door(role, settings)
    return _run_single(role, settings)


def _run_door(role: Role, settings: Settings) -> int:
    import uvicorn

    pages = role is Role.PEOPLE
    config = uvicorn.Config(
        FACTORIES[role],
        factory=True,
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="off" if pages else "on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE if pages else 5,
        timeout_graceful_shutdown=GRACE,
        backlog=BACKLOG,
    )
    server = uvicorn.Server(config)
    # uvicorn sends itself the signal again when it is done; ours takes it quietly.
    with signals(threading.Event()) as came:
        server.run(sockets=[_inherited() or listen(settings.host, settings.port)])
    if not server.started:
        return 1
    return 130 if signal.SIGINT in came else 0


def _run_single(role: Role, settings: Settings) -> int:
    from vigie import jobs, vault

    work = {
        Role.JOBS: jobs.run,
        Role.CHECKPOINTER: jobs.run_checkpointer,
        Role.VAULT: vault.run,
    }[role]
    # Under the supervisor a lock that a command holds for a while is waited for.
    patience = float("inf") if PARENT_FD in os.environ else 0.0
    with locks.acquire(settings.run_dir / f"{role}.lock", wait=patience):
        stop = threading.Event()
        with signals(stop) as came:
            work(settings, stop)
    return 130 if signal.SIGINT in came else 0


def _inherited() -> socket.socket | None:
    fd = os.environ.pop(SOCKET_FD, "")
    return socket.socket(fileno=int(fd)) if fd else None


def _follow_parent() -> None:
    """End this process when the supervisor is gone, however it went."""
    fd = os.environ.get(PARENT_FD)
    if fd is None:
        return

    def wait() -> None:
        os.read(int(fd), 1)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, name="parent", daemon=True).start()
