# SPDX-License-Identifier: Apache-2.0
"""`vigie version`."""

from __future__ import annotations

import platform

import click

from vigie.cli import frame


@click.command("version", epilog=frame.example("vigie version --json"))
@frame.as_json
def command(*, as_json: bool) -> None:
    """Print the version.

    With --json also the Python and SQLite versions in use.
    """
    from vigie import __version__, sqlite_driver

    found = {
        "vigie": __version__,
        "python": platform.python_version(),
        "sqlite": ".".join(str(part) for part in sqlite_driver.version()),
    }
    frame.show(found, as_json=as_json, text=lambda: [__version__])
