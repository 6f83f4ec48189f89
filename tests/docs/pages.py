# SPDX-License-Identifier: Apache-2.0
"""The generated pages of docs/reference: each a function that returns the page's text."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import click

from tests.docs.clocks_page import clocks
from tests.docs.order_forms_page import order_forms
from tests.docs.permissions_page import permissions
from tests.docs.search_page import search
from tests.support.tree import ROOT
from vigie.cli.app import root
from vigie.cli.frame import FORMAT
from vigie.settings import PREFIX, Settings

REFERENCE: Final = ROOT / "docs" / "reference"
WIDTH: Final = 100
CODES: Final = (
    "Exit codes: 0 ok, 1 failed, 2 usage, 3 a party outside failed, 130 interrupted. "
    "With `--json` a result is JSON on standard output and a failure is "
    '`{"error": {"code", "message", "field", "fix"}}` on standard error.'
)
VERIFY: Final = (
    "`vigie-verify` is described in "
    "[Check a decision from outside](../how-to/check-from-outside.md)."
)
MADE: Final = (
    "Made from the program by `make docs`. Settings are environment variables, "
    "read once when a process starts."
)


def commands(
    command: click.Command, path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Yield a command and all below it, depth first, in the order of its help."""
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command, info_name=path[-1])
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            yield from commands(inner, (*path, name))


def help_of(command: click.Command, path: tuple[str, ...]) -> str:
    """Return what `--help` prints, at a fixed width."""
    # A command remembers the help option of the first context that asked for it.
    command._help_option = None
    context = click.Context(
        command,
        info_name=" ".join(path),
        terminal_width=WIDTH,
        max_content_width=WIDTH,
        help_option_names=list(FORMAT["help_option_names"]),
    )
    with context:
        return "\n".join(line.rstrip() for line in command.get_help(context).splitlines())


def cli() -> str:
    """Return the page of all commands."""
    lines = [
        "# Commands",
        "",
        "Made from the program by `make docs`.",
        "",
        CODES,
        "",
        VERIFY,
    ]
    for path, command in commands(root, ("vigie",)):
        lines += ["", f"{'#' * min(len(path) + 1, 3)} {' '.join(path)}", ""]
        lines += ["```text", help_of(command, path), "```"]
    return "\n".join(lines) + "\n"


def settings() -> str:
    """Return the page of all settings."""
    lines = [
        "# Settings",
        "",
        MADE,
        "",
        "| variable | default | meaning |",
        "|---|---|---|",
    ]
    for known in dataclasses.fields(Settings):
        default = ",".join(known.default) if isinstance(known.default, tuple) else known.default
        shown = f"`{default}`" if str(default) else "empty"
        lines.append(f"| `{PREFIX}{known.name.upper()}` | {shown} | {known.metadata['help']} |")
    return "\n".join(lines) + "\n"


PAGES: Final[dict[str, Callable[[], str]]] = {
    "cli.md": cli,
    "clocks.md": clocks,
    "order-forms.md": order_forms,
    "permissions.md": permissions,
    "search.md": search,
    "settings.md": settings,
}


def path_of(name: str) -> Path:
    """Return where a page is kept."""
    return REFERENCE / name
