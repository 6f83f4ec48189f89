# SPDX-License-Identifier: Apache-2.0
"""`vigie witness init|add-log|serve|status`."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vigie.cli import frame
from vigie.cli.failures import Done

if TYPE_CHECKING:
    from vigie.witness.home import WitnessHome

_folder = click.option(
    "--dir",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="VIGIE_WITNESS_DIR",
    default=Path("vigie-witness"),
    show_default=True,
    help="Folder of the witness: key, known logs, what it cosigned.",
)


@click.group(
    "witness",
    cls=frame.Group,
    epilog=frame.example(
        "vigie witness init --name witness.example/one", "vigie witness serve --port 8009"
    ),
)
def command() -> None:
    """Run a witness: cosign other people's logs.

    A witness needs no installation of Vigie and should run on another machine,
    in other hands, than the logs that it cosigns (C2SP tlog-witness).
    """


@command.command(
    "init", epilog=frame.example("vigie witness init --name witness.example/one --dir /srv/witness")
)
@click.option("--name", required=True, help="Name in its signatures, like witness.example/one.")
@_folder
@frame.as_json
def init(*, name: str, folder: Path, as_json: bool) -> None:
    """Make the witness's key, and print the vkey that logs put into their policy."""
    from vigie.witness.home import create

    shown = {"name": name, "folder": str(folder), "vkey": create(folder, name)}
    frame.show(shown, as_json=as_json, text=lambda: frame.pairs(shown))


@command.command(
    "add-log", epilog=frame.example("vigie witness add-log agora.example/log/1+1df358fa+AQjW...")
)
@click.argument("vkey")
@click.option("--origin", default="", help="First line of its checkpoints, if not the key's name.")
@_folder
@frame.as_json
def add_log(*, vkey: str, origin: str, folder: Path, as_json: bool) -> None:
    """Cosign one more log, or accept another key of one; VKEY is the log's public key."""
    from vigie.witness.home import add_log as add

    shown = {"origin": add(folder, vkey, origin), "vkey": vkey}
    frame.show(shown, as_json=as_json, text=lambda: [f"{shown['origin']} will be cosigned."])


@command.command("status", epilog=frame.example("vigie witness status --json"))
@_folder
@frame.as_json
def status(*, folder: Path, as_json: bool) -> None:
    """Show the witness's key, the logs it knows and what it cosigned last."""
    from vigie.witness.home import WitnessHome

    home = WitnessHome(folder)
    shown = {"vkey": home.cosigner().vkey, "logs": _logs(home)}
    frame.show(shown, as_json=as_json, text=lambda: _told(shown))


def _logs(home: WitnessHome) -> list[dict[str, Any]]:
    from vigie.core.clock import iso

    return [
        {
            "origin": origin,
            "keys": [one.key.vkey() for one in home.trusted()[origin]],
            "size": seen.size if seen else None,
            "cosigned_at": iso(seen.time * 1000) if seen else None,
        }
        for origin, seen in home.seen().items()
    ]


def _told(shown: dict[str, Any]) -> Iterable[str]:
    yield shown["vkey"]
    rows = [
        (one["origin"], "-" if one["size"] is None else one["size"], one["cosigned_at"] or "never")
        for one in shown["logs"]
    ]
    yield from frame.table(("log", "size", "cosigned"), rows)


@command.command(
    "serve", epilog=frame.example("vigie witness serve --dir /srv/witness --port 8009")
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=8009, show_default=True, type=click.IntRange(0, 65535), help="Port."
)
@_folder
@frame.as_json
def serve(*, host: str, port: int, folder: Path, as_json: bool) -> None:
    """Answer logs that ask for a cosignature.

    One process serves a folder. Put a TLS proxy in front; nobody signs in, the
    signature under a checkpoint is what counts. Stops on SIGTERM or Ctrl-C.
    """
    import uvicorn

    from vigie import locks, logs
    from vigie.witness.home import LOCK, WitnessHome
    from vigie.witness.server import create_app

    logs.configure("witness")
    app = create_app(WitnessHome(folder))
    with locks.acquire(folder / LOCK, address=f"{host}:{port}"):
        shown = {"folder": str(folder), "host": host, "port": port}
        frame.show(shown, as_json=as_json, text=lambda: [f"witness at http://{host}:{port}"])
        sys.stdout.flush()
        config = uvicorn.Config(
            app,
            host=host,
            port=port,
            http="httptools",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            limit_concurrency=256,
        )
        server = uvicorn.Server(config)
        server.run()
        if not server.started:
            raise Done(1)
