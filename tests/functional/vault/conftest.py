# SPDX-License-Identifier: Apache-2.0
"""A house with a vault set up, two officers and somebody who may not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.vaults import Vault

if TYPE_CHECKING:
    from tests.support.people import Agora
    from vigie.store.models import User


@pytest.fixture
def vault(agora: Agora, monkeypatch: pytest.MonkeyPatch) -> Vault:
    """A vault of lane `general` that answers in this process."""
    made = Vault(agora.house).install(monkeypatch)
    made.set_up()
    return made


@pytest.fixture
def first(agora: Agora) -> User:
    """An officer of the legal desk."""
    return agora.person("l.anders", "legal", number=1)


@pytest.fixture
def second(agora: Agora) -> User:
    """Another one."""
    return agora.person("l.brandt", "legal", number=2)
