# SPDX-License-Identifier: Apache-2.0
"""The supervisor: opens the port, starts the roles, restarts what dies, stops in order.

It imports neither Django nor NumPy: it stays for the life of the server and
must stay small. The listening socket is its own, so that requests wait in the
kernel while the web process is being restarted instead of being refused.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from types import FrameType
from typing import Final

from vigie import locks
from vigie.core.errors import ConflictError, UnavailableError
from vigie.settings import Settings
from vigie.supervisor.child import PARENT_FD, PEOPLE_SOCKETS, SOCKET_FD, Child

BACKLOG: Final = 1024
LOOK: Final = 0.1
STOP_WITHIN: Final = 20.0
ORPHANS: Final = 15.0


def listen(host: str, port: int) -> socket.socket:
    """Open the port; raise ConflictError where somebody else has it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    opened = socket.socket(family, socket.SOCK_STREAM)
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind((host, port))
        opened.listen(BACKLOG)
    except OSError as problem:
        opened.close()
        raise ConflictError(
            f"Port {port} on {host} cannot be opened: {problem.strerror}.",
            code="port_taken",
            field="port",
            fix="Choose another port with --port, or stop what listens there.",
        ) from problem
    return opened


def address(sock: socket.socket) -> str:
    """Return the address of the socket as a browser takes it."""
    host, port = sock.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def say(text: str) -> None:
    """Tell the operator; the ledger, not this, is the audit."""
    print(f"vigie: {text}", file=sys.stderr, flush=True)  # noqa: T201


class Supervisor:
    """Runs until a signal, or until a child never stays up."""

    def __init__(self, children: list[Child], stop: threading.Event) -> None:
        self.children = children
        self.stop = stop

    def run(self) -> None:
        """Tend the children; on stop, end them in order: doors first, then jobs."""
        try:
            while not self.stop.is_set():
                for child in self.children:
                    self._tend(child)
                self.stop.wait(LOOK)
        finally:
            self._end()

    def _tend(self, child: Child) -> None:
        status = child.tend(time.monotonic())
        if status is None:
            return
        if child.is_hopeless:
            raise UnavailableError(
                f"{child.role} ended {child.deaths} times right after its start.",
                code="role_does_not_start",
                fix=f"Read the lines above, or run `vigie serve --role {child.role}`.",
            )
        say(f"{child.role} ended with status {status}; it starts again")

    def _end(self) -> None:
        for child in self.children:
            if not child.stop(STOP_WITHIN):
                say(f"{child.role} did not finish within {STOP_WITHIN:.0f} s and was ended")


@contextmanager
def signals(stop: threading.Event) -> Iterator[list[int]]:
    """Set the event on SIGTERM and SIGINT; yield the list of signals that came."""
    came: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        came.append(number)
        stop.set()

    before = {n: signal.signal(n, note) for n in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield came
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def announce(sock: socket.socket, stop: threading.Event) -> threading.Thread:
    """Say once when the web process answers."""

    def wait() -> None:
        while not stop.wait(LOOK):
            if answers(sock):
                say(f"ready at {address(sock)}")
                return

    thread = threading.Thread(target=wait, name="announce", daemon=True)
    thread.start()
    return thread


def answers(sock: socket.socket) -> bool:
    """Say whether `/healthz` answers 200; waits at most two seconds."""
    host, port = sock.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - read, not bound
    try:
        with socket.create_connection((host, port), timeout=2) as probe:
            probe.sendall(b"GET /healthz HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n")
            return b" 200 " in probe.recv(32)
    except OSError:
        return False


def serve(settings: Settings) -> int:
    """Supervise web and jobs on the data folder; return the exit code."""
    path = settings.run_dir / "serve.lock"
    sock = None
    with locks.acquire(path, orphans=ORPHANS) as lock:
        sock = listen(settings.host, settings.port)
        locks.resign(lock, address(sock))
        # The children read this pipe; its end tells them that we are gone.
        alive, ours = os.pipe()
        stop = threading.Event()
        env = {PARENT_FD: str(alive), **_environment(settings, sock)}
        say(f"starting on {settings.data_dir} (process {os.getpid()})")
        try:
            with private_sockets(settings.people_processes) as lines, signals(stop) as came:
                children = _children(settings, env, sock, lines, (alive, lock.fd))
                announce(sock, stop)
                Supervisor(children, stop).run()
        finally:
            os.close(ours)
            os.close(alive)
            sock.close()
    say("stopped")
    return 130 if signal.SIGINT in came else 0


def _children(
    settings: Settings,
    env: dict[str, str],
    sock: socket.socket,
    lines: list[socket.socket],
    fds: tuple[int, ...],
) -> list[Child]:
    """Return what is started, in the order in which it is ended: doors first."""
    paths = os.pathsep.join(line.getsockname() for line in lines)
    web = {**env, SOCKET_FD: str(sock.fileno()), PEOPLE_SOCKETS: paths}
    people = [
        Child("people", {**env, SOCKET_FD: str(line.fileno())}, (*fds, line.fileno()))
        for line in lines
    ]
    # The vault is set up when its folder is there; one of another account is not ours to start.
    vault = (
        [Child("vault", env, fds, needs=settings.vault_dir)] if not settings.vault_socket else []
    )
    return [Child("web", web, (*fds, sock.fileno())), *people, Child("jobs", env, fds), *vault]


@contextmanager
def private_sockets(count: int) -> Iterator[list[socket.socket]]:
    """Open sockets that this user alone may reach; requests wait in them for a process.

    In a folder of their own: the path of a socket has at most some hundred bytes.
    """
    with tempfile.TemporaryDirectory(prefix="vigie-") as folder, ExitStack() as opened:
        lines = []
        for number in range(count):
            line = opened.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
            line.bind(f"{folder}/{number}")
            line.listen(BACKLOG)
            lines.append(line)
        yield lines


def _environment(settings: Settings, sock: socket.socket) -> dict[str, str]:
    host, port = sock.getsockname()[:2]
    return {
        "VIGIE_DATA_DIR": str(settings.data_dir.resolve()),
        "VIGIE_HOST": str(host),
        "VIGIE_PORT": str(port),
    }
