# SPDX-License-Identifier: Apache-2.0
"""A private PostgreSQL in a temporary folder, reached by its Unix socket only."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg


def find_binaries() -> Path | None:
    """Return the folder that holds `initdb` and `postgres`, newest version first."""
    folders = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"),
        key=lambda folder: float(folder.parent.name),
        reverse=True,
    )
    on_path = shutil.which("initdb")
    if on_path is not None:
        folders.append(Path(on_path).resolve().parent)
    for folder in folders:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    return None


def _as_server_user(command: Sequence[str]) -> list[str]:
    # PostgreSQL refuses to run as root: Debian's package brings the user `postgres`.
    if os.geteuid() != 0:
        return list(command)
    return ["runuser", "-u", "postgres", "--", *command]


def _run(command: Sequence[str]) -> None:
    subprocess.run(_as_server_user(command), check=True, capture_output=True, cwd="/")


def _user() -> str:
    return "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name


@contextmanager
def cluster(binaries: Path, *, durable: bool = False) -> Iterator[str]:
    """Start a cluster, give its address, and remove it again.

    Durability is off on purpose: it holds tests, never records. Benchmarks ask
    for a `durable` one, as an operator would run it.
    """
    # A short path: a socket's name has at most 107 bytes.
    folder = Path(tempfile.mkdtemp(prefix="vigie-pg-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    data = folder / "data"
    careless = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c autovacuum=off"
    settings = (
        f"-c listen_addresses='' -c unix_socket_directories='{folder}' "
        f"-c shared_buffers=64MB -c max_connections=100 {'' if durable else careless}"
    )
    control = str(binaries / "pg_ctl")
    try:
        _run([str(binaries / "initdb"), "-D", str(data), "-A", "trust", "-E", "UTF8", "--no-sync",
              "--locale=C.UTF-8", "-U", _user()])  # fmt: skip
        _run([control, "-D", str(data), "-w", "-l", str(folder / "log"), "-o", settings, "start"])
        try:
            yield f"postgresql://{_user()}@/postgres?host={folder}"
        finally:
            _run([control, "-D", str(data), "-w", "-m", "immediate", "stop"])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def database(url: str, template: str = "") -> Iterator[str]:
    """Create a database beside the given one, give its address, and drop it again.

    ``template`` is the address of one to copy; nobody may be connected to it.
    """
    name = f"vigie_{secrets.token_hex(6)}"
    with psycopg.connect(url, autocommit=True) as connection:
        source = template.partition("?")[0].rpartition("/")[2] or "template1"
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {source}")
    before, _, after = url.partition("/postgres?")
    try:
        yield f"{before}/{name}?{after}"
    finally:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
