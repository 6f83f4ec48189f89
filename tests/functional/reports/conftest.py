# SPDX-License-Identifier: Apache-2.0
"""A house that can report, and the other side."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.cybertip_peer import Peer

if TYPE_CHECKING:
    from tests.support.people import Agora
    from vigie.store.models import User


@pytest.fixture
def peer(test_data: Path) -> Peer:
    """The other side, with the schema of November 2025."""
    return Peer((test_data / "facts/law/ncmec/cyber_tipline.xsd").read_bytes())


@pytest.fixture
def reporting(agora: Agora) -> Agora:
    """The house with somebody who answers for its reports."""
    settings = replace(
        agora.house.settings, operator="Agora", cybertip_reporter="Lea Anders <reports@agora.test>"
    )
    object.__setattr__(agora.house, "settings", settings)
    return agora


@pytest.fixture
def officer(agora: Agora) -> User:
    """Somebody of child safety."""
    return agora.person("c.ames", "child_safety", number=11)


@pytest.fixture
def other(agora: Agora) -> User:
    """Another one."""
    return agora.person("c.bell", "child_safety", number=12)


@pytest.fixture
def fields(agora: Agora) -> dict[str, Any]:
    """A report by hashes and references alone."""
    return {
        "incident_at": agora.house.now() - 60_000,
        "incident_at_means": "when the platform took the file",
        "urls": ["https://agora.test/p/100"],
        "account": "u-7",
        "captures": [{"address": "192.0.2.7", "event": "Upload", "at": agora.house.now() - 60_000}],
        "note": "Exact match with two independent lists.",
    }


FILE = {"hashes": {"sha256": "ab" * 32, "pdq": "cd" * 32}, "url": "https://agora.test/p/100"}
