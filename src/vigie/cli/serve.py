# SPDX-License-Identifier: Apache-2.0
"""`vigie serve`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from vigie.cli import frame
from vigie.cli.failures import Done

if TYPE_CHECKING:
    from vigie.settings import Settings

ROLES = ("web", "people", "intake", "gateway", "jobs", "checkpointer", "vault")


@click.command(
    "serve",
    epilog=frame.example(
        "vigie serve --port 8080", "vigie serve --role intake --port 8081 --data-dir /srv/vigie"
    ),
)
@click.option("--role", type=click.Choice(ROLES), help="Run this one process, unsupervised.")
@click.option("--host", envvar="VIGIE_HOST", help="Address to listen on.  [default: 127.0.0.1]")
@click.option(
    "--port", envvar="VIGIE_PORT", type=click.IntRange(0, 65535), help="Port.  [default: 8000]"
)
@frame.data_dir
@frame.as_json
def command(
    *, role: str | None, host: str | None, port: int | None, data_dir: Path, as_json: bool
) -> None:
    """Supervise the doors and the jobs.

    Starts a web process (all doors) and a jobs process behind one port,
    restarts what dies, and stops on SIGTERM or Ctrl-C once the journal is
    synced. An empty folder is set up first, as by `vigie init`. A second
    server on the same folder is refused and told who holds it. A folder made by
    an older version is brought up to date by `vigie init` first.
    """
    given = frame.settings(data_dir, host=host, port=port)
    if not (given.snapshots_dir / "CURRENT").exists():
        _set_up(data_dir, as_json=as_json)
    elif _has_store(given):
        _check_version(data_dir, as_json=as_json)
    if role is not None:
        from vigie.supervisor.roles import Role, run

        raise Done(run(Role(role), given))
    from vigie.supervisor.parent import serve

    if as_json:
        print(json.dumps({"data_dir": str(data_dir), "host": given.host, "port": given.port}))
    raise Done(serve(given))


def _has_store(given: Settings) -> bool:
    """Say whether there is a store to ask; a role under the supervisor was asked for already."""
    from vigie.supervisor.child import PARENT_FD

    there = bool(given.database_url) or (given.data_dir / "store.sqlite3").exists()
    return there and PARENT_FD not in os.environ


def _check_version(folder: Path, *, as_json: bool) -> None:
    wanted = [sys.executable, "-m", "vigie.cli.pending", str(folder)]
    done = subprocess.run([*wanted, *(["--json"] if as_json else [])], check=False)  # noqa: S603
    if done.returncode:
        raise Done(done.returncode)


def _set_up(folder: Path, *, as_json: bool) -> None:
    # A process of its own: the supervisor must not keep Django in memory for life.
    wanted = [sys.executable, "-m", "vigie", "init", "--data-dir", str(folder)]
    done = subprocess.run([*wanted, *(["--json"] if as_json else [])], check=False)  # noqa: S603
    if done.returncode:
        raise Done(done.returncode)
