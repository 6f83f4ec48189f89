# SPDX-License-Identifier: Apache-2.0
"""What a list of commands says of each is a whole sentence in 80 columns, never cut."""

from __future__ import annotations

import re
from collections.abc import Iterator

import click
import pytest

from vigie.cli import app

WIDTH = 80


def groups(command: click.Command, name: str) -> Iterator[tuple[str, click.Group]]:
    """The command and everything below it that lists commands."""
    if not isinstance(command, click.Group):
        return
    yield name, command
    context = click.Context(command, info_name=name)
    for one in command.list_commands(context):
        below = command.get_command(context, one)
        assert below is not None
        yield from groups(below, f"{name} {one}")


GROUPS = dict(groups(app.root, "vigie"))


def cut(group: click.Group, name: str) -> list[str]:
    """The lines of a group's help that end in the middle."""
    context = click.Context(group, info_name=name, terminal_width=WIDTH, max_content_width=WIDTH)
    listed = group.get_help(context).split("Commands:\n", 1)[-1].split("\n\n", 1)[0]
    entries = re.sub(r"\n {5,}", " ", listed).splitlines()
    return [one.strip() for one in entries if one.endswith("...") or not whole(one)]


def whole(line: str) -> bool:
    """A sentence with its point, every bracket closed, that ends in no abbreviation."""
    return (
        line.endswith(".")
        and line.count("(") == line.count(")")
        and not re.search(r"\b(Art|No|e\.g|i\.e)\.$", line)
    )


@pytest.mark.parametrize("name", sorted(GROUPS))
def test_no_short_help_is_cut(name: str) -> None:
    assert cut(GROUPS[name], name) == []


@pytest.mark.parametrize("words", ["Erase what is kept (Art.", "Erase what is kept of a...", "x"])
def test_a_cut_line_is_found(words: str) -> None:
    assert not whole(f"  erase  {words}") or words.endswith("...")


def test_a_long_first_sentence_is_found() -> None:
    """The control: such a command is reported."""
    words = "Erase " + "what is kept " * 9 + "of a person (GDPR, Article 17)."
    group = click.Group("g", commands=[click.Command("erase", help=words, callback=lambda: None)])
    assert cut(group, "g") != []
