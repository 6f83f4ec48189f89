# SPDX-License-Identifier: Apache-2.0
"""Installations of their own: one that nothing was done to, and copies of one set up once."""

from __future__ import annotations

import os
import shutil

import pytest

from tests.support import postgres
from tests.support.installation import Installation


@pytest.fixture
def bare(tmp_path, database_url):
    """A folder that nothing was done to yet."""
    return Installation(tmp_path / "data", database_url)


@pytest.fixture(scope="session")
def template(tmp_path_factory):
    """A folder that was set up once for this worker; tests get copies."""
    folder = tmp_path_factory.mktemp("template") / "data"
    url = os.environ.get("VIGIE_DATABASE_URL", "")
    if not url:
        made = Installation(folder)
        assert made.run("init").returncode == 0
        yield made
        return
    with postgres.database(url) as own:
        made = Installation(folder, own)
        assert made.run("init").returncode == 0
        yield made


@pytest.fixture
def vigie(template, tmp_path):
    """A folder that was set up, with a store of its own."""
    folder = tmp_path / "data"
    shutil.copytree(template.folder, folder)
    if not template.database_url:
        yield Installation(folder)
        return
    url = os.environ["VIGIE_DATABASE_URL"]
    with postgres.database(url, template=template.database_url) as own:
        yield Installation(folder, own)
