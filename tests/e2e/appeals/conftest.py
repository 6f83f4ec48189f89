# SPDX-License-Identifier: Apache-2.0
"""A served folder with complaints, once for the tests about them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.people.conftest import Site
from tests.e2e.people.conftest import axe as axe  # noqa: PLC0414 - the fixture


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The console over a seeded folder, in a process of its own."""
    folder = tmp_path_factory.mktemp("appeals")
    command = [sys.executable, "-m", "tests.e2e.appeals.server", str(folder)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[3]
    ) as server:
        try:
            assert server.stdout is not None
            told = json.loads(server.stdout.readline())
            yield Site(told["address"], told["paths"])
        finally:
            server.terminate()
