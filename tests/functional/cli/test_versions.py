# SPDX-License-Identifier: Apache-2.0
"""A folder of another version is named with what to do, not met inside with an error."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.support.serving import Server, free_port

PROGRAM = """
import sys
from pathlib import Path
from vigie.cli.context import load_django
from vigie.cli.frame import settings
settings(Path(sys.argv[1]))
load_django()
"""
BACK = (
    PROGRAM
    + """
from django.core.management import call_command
call_command("migrate", "store", "0001", verbosity=0)
"""
)
NEWER = (
    PROGRAM
    + """
from django.db.migrations.recorder import MigrationRecorder
from django.db import connection
MigrationRecorder(connection).record_applied("store", "9999_of_a_later_version")
"""
)


def change(vigie, program: str) -> None:
    """Make the folder what another version would have left."""
    subprocess.run(
        [sys.executable, "-c", program, str(vigie.folder)], env=vigie.environment(), check=True
    )


@pytest.fixture
def older(vigie):
    change(vigie, BACK)
    return vigie


def test_serve_on_an_older_folder_says_what_to_run_and_starts_nothing(older):
    done = older.run("serve", "--port", str(free_port()))
    assert done.returncode == 1
    assert "older version" in done.stderr
    assert f"vigie init --data-dir {older.folder}" in done.stderr
    assert "starting" not in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.whole
@pytest.mark.parametrize("role", ["web", "intake", "jobs", "checkpointer"])
def test_a_role_on_an_older_folder_says_so_too(older, role):
    done = older.run("serve", "--role", role, "--port", str(free_port()), "--json")
    assert done.returncode == 1
    assert json.loads(done.stderr)["error"]["code"] == "older_store"


def test_commands_on_an_older_folder_say_so_too(older):
    for command in (("key", "list"), ("check",), ("hold", "list")):
        done = older.run(*command, "--json")
        assert done.returncode == 1
        assert json.loads(done.stderr)["error"]["code"] == "older_store"


def test_init_brings_an_older_folder_up_to_date_and_it_serves(older):
    assert older.json("init")["password"] is None
    with Server(older) as server:
        assert server.get("/healthz").status == 200


def test_a_folder_of_a_newer_version_is_left_alone(vigie):
    change(vigie, NEWER)
    done = vigie.run("serve", "--port", str(free_port()), "--json")
    assert done.returncode == 1
    assert json.loads(done.stderr)["error"]["code"] == "newer_store"
