# SPDX-License-Identifier: Apache-2.0
"""What every command shares: its options, its settings, and how it shows a result."""

from __future__ import annotations

import dataclasses
import os
import sys
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    from vigie.settings import Settings

FORMAT: Final[dict[str, Any]] = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
WIDTH: Final = 100
WHOLE: Final = 1_000
"""Longer than any first sentence."""
ORIGIN: Final = "VIGIE_LOG_ORIGIN"

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
data_dir = click.option(
    "--data-dir",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="VIGIE_DATA_DIR",
    default=Path("vigie-data"),
    show_default=True,
    help="Folder that holds all state.",
)


class Group(click.Group):
    """A group whose list says of each command its whole first sentence; none is cut."""

    group_class = type

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list; a long sentence goes on in the next line."""
        found = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        shown = [(name, one.get_short_help_str(limit=WHOLE)) for name, one in found if one]
        if shown:
            with formatter.section("Commands"):
                formatter.write_dl(shown)


def example(*lines: str) -> str:
    """Return the epilog of a command: how one calls it."""
    return "\n".join(["\b", "Example:", *(f"  {line}" for line in lines)])


def settings(folder: Path, **given: Any) -> Settings:
    """Read the settings for a data folder, and give them to all that is loaded later.

    The log's name is the one that the folder was set up with.
    """
    from vigie import origin
    from vigie.settings import Settings

    asked = os.environ.get(ORIGIN)
    read = Settings.from_env(data_dir=folder.resolve(), **given)
    name = origin.settled(read.keys_dir, asked)
    if name and name != read.log_origin:
        read = dataclasses.replace(read, log_origin=name)
    os.environ["VIGIE_DATA_DIR"] = str(read.data_dir)
    os.environ[ORIGIN] = read.log_origin
    return read


def forget_origin() -> None:
    """Let the next `settings` take the log's name from the folder: it was changed just now."""
    os.environ.pop(ORIGIN, None)


def show(value: Any, *, as_json: bool, text: Callable[[], Iterable[str]]) -> None:
    """Print a result: JSON for programs, lines for people."""
    if as_json:
        print(to_json(value))
        return
    for line in text():
        print(line)


def to_json(value: Any) -> str:
    """Write any value of the rooms as indented JSON."""
    import msgspec

    encoded = msgspec.json.encode(value, enc_hook=str)
    return msgspec.json.format(encoded, indent=2).decode()


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterable[str]:
    """Lay out rows under headings, each column as wide as it needs."""
    cells = [[str(cell) for cell in row] for row in rows]
    widths = [max([len(h), *(len(row[n]) for row in cells)]) for n, h in enumerate(head)]
    for row in [[h.upper() for h in head], *cells]:
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield line.rstrip()


def pairs(values: Mapping[str, object]) -> Iterable[str]:
    """Lay out names and values; long values go on below themselves."""
    width = max((len(name) for name in values), default=0)
    for name, value in values.items():
        lines = textwrap.wrap(str(value), WIDTH - width - 2) or [""]
        yield f"{name.ljust(width)}  {lines[0]}"
        yield from (" " * (width + 2) + line for line in lines[1:])


def counted(count: int, one: str, many: str | None = None) -> str:
    """Write a number with its noun: `1 entry`, `3 entries`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def note(text: str) -> None:
    """Tell the person at the terminal; never part of the result."""
    print(text, file=sys.stderr, flush=True)
