# SPDX-License-Identifier: Apache-2.0
"""People who may stop a feature, and what a Snapshot would say now."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from vigie.flow.snapshot_parts import build
from vigie.store.models import DirtyPart, SnapshotPart

if TYPE_CHECKING:
    from tests.support.people import Agora
    from vigie.flow.house import House
    from vigie.store.models import User


@pytest.fixture
def house(agora: Agora) -> House:
    """What verbs are given."""
    return agora.house


@pytest.fixture
def vidal(agora: Agora) -> User:
    """C. Vidal, a lead."""
    return agora.person("c.vidal", "senior", number=1)


@pytest.fixture
def anders(agora: Agora) -> User:
    """L. Anders, counsel."""
    return agora.person("l.anders", "legal", number=2)


@pytest.fixture
def brandt(agora: Agora) -> User:
    """L. Brandt, counsel too."""
    return agora.person("l.brandt", "legal", number=3)


@pytest.fixture
def moderator(agora: Agora) -> User:
    """Somebody who may look and not stop."""
    return agora.person("m.noor", "moderator", number=4)


@pytest.fixture
def part(house: House) -> Callable[[SnapshotPart], Any]:
    """A part of the Snapshot as it would be built now; it must be marked as changed."""

    def built(name: SnapshotPart) -> Any:
        assert DirtyPart.objects.filter(part=name.value).exists()
        return msgspec.json.decode(build(name, house))

    return built
