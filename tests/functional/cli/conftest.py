# SPDX-License-Identifier: Apache-2.0
"""One installation that tests read, and fresh ones that they change."""

from __future__ import annotations

import pytest

from tests.support.installation import Installation


@pytest.fixture
def bare(tmp_path, database_url):
    """A folder that nothing was done to yet."""
    return Installation(tmp_path / "data", database_url)


@pytest.fixture
def vigie(bare):
    """A folder that was set up."""
    assert bare.run("init").returncode == 0
    return bare
