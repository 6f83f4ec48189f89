# SPDX-License-Identifier: Apache-2.0
"""The frame of the command line: help, `--json`, exit codes, and what is loaded."""

from __future__ import annotations

import json
import subprocess
import sys

import click
import pytest

from tests.support.probe import loaded_with
from vigie.cli import app
from vigie.core.errors import InvalidInputError, OutsideError


def _leaves(group, path=()):
    context = click.Context(group)
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        if isinstance(found, click.Group):
            yield from _leaves(found, (*path, name))
        else:
            yield (*path, name), found


LEAVES = list(_leaves(app.root))


@pytest.mark.parametrize(("path", "command"), LEAVES, ids=[" ".join(p) for p, _ in LEAVES])
def test_every_command_has_help_with_an_example_and_json(path, command):
    assert command.help, path
    assert "Example" in (command.epilog or ""), path
    assert any("--json" in option.opts for option in command.params), path
    assert all(option.help for option in command.params if isinstance(option, click.Option))


@pytest.mark.parametrize("name", app.COMMANDS)
def test_the_list_of_commands_says_what_each_command_says(name):
    command = app.root.get_command(click.Context(app.root), name)
    assert command is not None
    assert command.name == name
    assert (command.help or "").splitlines()[0] == app.COMMANDS[name][1]


def test_an_unknown_command_is_a_usage_error(capsys):
    assert app.run(["nothing"]) == 2
    assert "No such command" in capsys.readouterr().err


def test_help_ends_well(capsys):
    assert app.run(["--help"]) == 0
    assert "Example: vigie init" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("problem", "code"),
    [
        (InvalidInputError("no"), 1),
        (OutsideError("they failed"), 3),
        (click.UsageError("what?"), 2),
        (KeyboardInterrupt(), 130),
        (click.Abort(), 130),
        (OSError(28, "No space left on device"), 1),
        (RuntimeError("a defect"), 1),
    ],
)
def test_each_kind_of_failure_has_its_exit_code(monkeypatch, capsys, problem, code):
    def fail(*_, **__):
        raise problem

    monkeypatch.setattr(app.root, "main", fail)
    assert app.run(["law", "list"]) == code
    assert capsys.readouterr().err.startswith("vigie: ")


def test_a_failure_in_json_has_the_one_shape(monkeypatch, capsys):
    def fail(*_, **__):
        raise InvalidInputError("No.", field="text", fix="Shorten it.", code="text_too_long")

    monkeypatch.setattr(app.root, "main", fail)
    assert app.run(["screen", "--json"]) == 1
    assert json.loads(capsys.readouterr().err) == {
        "error": {"code": "text_too_long", "message": "No.", "field": "text", "fix": "Shorten it."}
    }


def test_help_loads_no_room():
    brought = {name for name in loaded_with("vigie.cli.app") if name.startswith("vigie.")}
    assert brought <= {"vigie.cli", "vigie.cli.app", "vigie.cli.failures", "vigie.cli.frame"} | {
        name for name in brought if name.startswith("vigie.core")
    }


def test_the_command_leaves_with_the_exit_code():
    done = subprocess.run(
        [sys.executable, "-m", "vigie", "nothing"], capture_output=True, check=False
    )
    assert done.returncode == 2
