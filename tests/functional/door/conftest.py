# SPDX-License-Identifier: Apache-2.0
"""A door over a fresh folder, with a clock that the test moves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.door import NOW, Client, opened, set_up
from vigie.core.clock import FixedClock
from vigie.settings import Settings


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return set_up(tmp_path / "data")


@pytest.fixture
def client(settings: Settings, clock: FixedClock) -> Iterator[Client]:
    with opened(settings, clock) as made:
        yield made
