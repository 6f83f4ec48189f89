# SPDX-License-Identifier: Apache-2.0
"""Fixtures and rules for every test.

Warnings are errors and sockets reach this machine only (pyproject.toml); a
skip under CI must be listed (tests/platforms.txt). With
VIGIE_TEST_DATABASE=postgresql the store's tests run on a private PostgreSQL.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import hypothesis
import pytest

from tests.support import postgres, skips

NO_DATA = "VIGIE_TEST_DATA is not set: no test data"
NO_POSTGRES = "PostgreSQL is not installed"
OPENS_STORE = frozenset({"db", "transactional_db", "database_url", "template"})

hypothesis.settings.register_profile("vigie", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True, database=None)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") == "true" else "vigie")

_stack = ExitStack()


def _start_database() -> None:
    """Start the PostgreSQL of the run; workers of it inherit the address."""
    if os.environ.get("VIGIE_TEST_DATABASE") != "postgresql":
        os.environ.pop("VIGIE_DATABASE_URL", None)
    elif "PYTEST_XDIST_WORKER" not in os.environ:
        binaries = postgres.find_binaries()
        if binaries is None:
            pytest.exit(NO_POSTGRES, returncode=3)
        os.environ["VIGIE_DATABASE_URL"] = _stack.enter_context(postgres.cluster(binaries))


def _load_django() -> None:
    """Load Django with a folder that is never a developer's own."""
    folder = _stack.enter_context(tempfile.TemporaryDirectory(prefix="vigie-test-"))
    os.environ["VIGIE_DATA_DIR"] = folder
    os.environ["DJANGO_SETTINGS_MODULE"] = "vigie.django_settings"
    import vigie.django_settings  # noqa: F401 - before Django: it chooses the SQLite library

    import django  # isort: skip

    django.setup()


# While this file is imported: conftest files below import models when they are.
_start_database()
_load_django()


def pytest_configure(config: pytest.Config) -> None:
    """Register the skip guard, once, where the run is judged."""
    if os.environ.get("CI") == "true" and not hasattr(config, "workerinput"):
        config.pluginmanager.register(skips.SkipGuard(skips.allowed_reasons()), "skip-guard")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what opens the store, before `-m` chooses: those tests run again on PostgreSQL."""
    for item in items:
        names = set(getattr(item, "fixturenames", ()))
        if names & OPENS_STORE or item.get_closest_marker("django_db"):
            item.add_marker("database")


def pytest_unconfigure() -> None:
    """Stop what was started."""
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


@pytest.fixture
def database_url() -> Iterator[str]:
    """What an installation of its own sets as VIGIE_DATABASE_URL: empty on SQLite."""
    url = os.environ.get("VIGIE_DATABASE_URL", "")
    if not url:
        yield ""
        return
    with postgres.database(url) as own:
        yield own
