# SPDX-License-Identifier: Apache-2.0
"""Fixtures and rules for every test.

Warnings are errors and sockets reach this machine only (pyproject.toml); a
skip under CI must be listed (tests/platforms.txt). With
VIGIE_TEST_DATABASE=postgresql the store's tests run on a private PostgreSQL.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import hypothesis
import pytest

from tests.support import postgres, skips

NO_DATA = "VIGIE_TEST_DATA is not set: no test data"
NO_POSTGRES = "PostgreSQL is not installed"

hypothesis.settings.register_profile("vigie", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True, database=None)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") == "true" else "vigie")

_stack = ExitStack()


def pytest_configure(config: pytest.Config) -> None:
    """Start the database of the run and the skip guard, once, before any worker."""
    if hasattr(config, "workerinput"):
        return
    if os.environ.get("CI") == "true":
        config.pluginmanager.register(skips.SkipGuard(skips.allowed_reasons()), "skip-guard")
    if os.environ.get("VIGIE_TEST_DATABASE") == "postgresql":
        binaries = postgres.find_binaries()
        if binaries is None:
            pytest.exit(NO_POSTGRES, returncode=3)
        os.environ["VIGIE_DATABASE_URL"] = _stack.enter_context(postgres.cluster(binaries))


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what was started."""
    if not hasattr(config, "workerinput"):
        _stack.close()


@pytest.fixture(scope="session")
def test_data() -> Path:
    """The folder of facts, vectors and texts that the repository does not carry."""
    folder = os.environ.get("VIGIE_TEST_DATA")
    if not folder or not Path(folder).is_dir():
        pytest.skip(NO_DATA)
    return Path(folder)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The address of a private PostgreSQL: the run's own, else one for this worker."""
    url = os.environ.get("VIGIE_DATABASE_URL", "")
    if url.startswith("postgresql://"):
        yield url
        return
    binaries = postgres.find_binaries()
    if binaries is None:
        pytest.skip(NO_POSTGRES)
    with postgres.cluster(binaries) as address:
        yield address
