# SPDX-License-Identifier: Apache-2.0
"""A whole installation on a folder of its own, for the victim's path."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.victims import Road
from vigie import keys
from vigie.core.clock import FixedClock
from vigie.flow.house import build
from vigie.settings import Settings

NOW = 1_795_381_200_000


@pytest.fixture
def road(db: None, tmp_path: Path, settings: Any) -> Iterator[Road]:
    """Door, jobs and portal over an empty store; the starter set is in force."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    own = Settings(data_dir=tmp_path / "data", operator="Agora", segment_seconds=0)
    for folder in (own.run_dir, own.journal_dir, own.archive_dir, own.snapshots_dir):
        folder.mkdir(parents=True)
    keys.create_missing(own.keys_dir)
    clock = FixedClock(NOW)
    made = Road(build(own, clock), clock)
    yield made
    made.close()
