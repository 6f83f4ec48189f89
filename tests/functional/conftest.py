# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the tests that use doors only."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.people import Agora
from vigie.flow import house

if TYPE_CHECKING:
    from django.test import Client


@pytest.fixture
def agora(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, db: None, settings: Any) -> Agora:
    """A fictional platform's Vigie with an empty store; passwords hash quickly here."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    made = Agora(tmp_path / "vigie-data")
    monkeypatch.setattr(house, "current", lambda: made.house)
    return made


@pytest.fixture
def desk(agora: Agora, client: Client) -> Client:
    """A browser in which C. Vidal, a lead, is signed in."""
    agora.person()
    client.post("/console/login", {"name": "c.vidal", "password": "correct horse battery staple"})
    return client
