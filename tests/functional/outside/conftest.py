# SPDX-License-Identifier: Apache-2.0
"""One world for all tests of a file: it is made once, and every test is taken back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings

from tests.support.people import Agora
from tests.support.world import World
from vigie.flow import house

QUICK = "django.contrib.auth.hashers.MD5PasswordHasher"


@pytest.fixture(scope="module")
def everything(
    tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: Any
) -> Iterator[World]:
    """What there is to look at, for the tests of one file."""
    made = Agora(tmp_path_factory.mktemp("world") / "vigie-data")
    with (
        pytest.MonkeyPatch.context() as patch,
        override_settings(PASSWORD_HASHERS=[QUICK]),
        django_db_blocker.unblock(),
        transaction.atomic(),
    ):
        patch.setattr(house, "current", lambda: made.house)
        yield World(made)
        transaction.set_rollback(True)


@pytest.fixture
def world(everything: World, db: None) -> World:
    """The same world for every test, as it was made."""
    return everything
