# SPDX-License-Identifier: Apache-2.0
"""Which libraries a room may bring in, seen in a fresh interpreter.

import-linter reads import statements; a helper that imports Django late, or a
library that brings it along, shows only here.
"""

from __future__ import annotations

from importlib.util import find_spec

import pytest

from tests.support.probe import loaded_with

NO_DJANGO = (
    "intake",
    "gateway",
    "machine",
    "evals",
    "screening",
    "law",
    "core",
    "ledger",
    "journal",
    "exchange",
)
PURE = ("core", "law", "screening", "ledger", "journal")
DJANGO = {"django", "ninja"}
WEB = {"starlette", "uvicorn", "httpx2", "httpx", "requests", "urllib3", "aiohttp"}


def _present(rooms):
    return [room for room in rooms if find_spec(f"vigie.{room}") is not None]


@pytest.mark.parametrize("room", _present(NO_DJANGO))
def test_a_room_on_the_machines_road_loads_no_django(room):
    assert not loaded_with(f"vigie.{room}") & DJANGO


@pytest.mark.parametrize("room", _present(PURE))
def test_a_pure_room_loads_no_web_framework_and_no_http_client(room):
    assert not loaded_with(f"vigie.{room}") & WEB


def test_the_foundation_imports_nothing_of_vigie_but_itself():
    rooms = {
        name.split(".")[1] for name in loaded_with("vigie.ledger") if name.startswith("vigie.")
    }
    assert rooms == {"ledger"}


def test_the_probe_sees_django_behind_a_helper(tmp_path):
    room = tmp_path / "planted_room"
    room.mkdir()
    (room / "__init__.py").write_text("")
    (room / "quiet.py").write_text("from planted_helper import value\n")
    (tmp_path / "planted_helper.py").write_text(
        "import importlib\nvalue = importlib.import_module('django')\n"
    )
    assert "django" in loaded_with("planted_room", path=str(tmp_path))
