# SPDX-License-Identifier: Apache-2.0
"""A served folder and a browser, once for all tests that look at pages."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page

PASSWORD = "correct horse battery staple"


@dataclass(frozen=True)
class Site:
    """Where the pages are."""

    address: str
    paths: dict[str, str]

    def sign_in(self, page: Page, name: str = "c.vidal") -> None:
        """Sign in as a person would."""
        page.goto(f"{self.address}/console/login")
        page.fill("#name", name)
        page.fill("#password", PASSWORD)
        page.click("main button[type=submit]")


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The people's doors over a seeded folder, in a process of their own."""
    folder = tmp_path_factory.mktemp("people")
    command = [sys.executable, "-m", "tests.e2e.people.server", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            told = json.loads(server.stdout.readline())
            yield Site(told["address"], told["paths"])
        finally:
            server.terminate()


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core (MPL-2.0), as its Python package carries it."""
    import axe_playwright_python  # type: ignore[import-untyped]

    return (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")
