# SPDX-License-Identifier: Apache-2.0
"""One of everything, served once for all pages."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.e2e.people.conftest import Site
from tests.e2e.people.conftest import axe as axe  # noqa: PLC0414 - the fixture
from tests.support.tree import ROOT


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Console and portal over a seeded folder, in a process of its own."""
    folder = tmp_path_factory.mktemp("pages")
    command = [sys.executable, "-m", "tests.e2e.pages.server", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as server:
        try:
            assert server.stdout is not None
            told = json.loads(server.stdout.readline())
            yield Site(told["address"], told["paths"])
        finally:
            server.terminate()
