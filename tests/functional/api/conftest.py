# SPDX-License-Identifier: Apache-2.0
"""Keys of the API's tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections

from tests.support.people import Agora
from vigie.flow.keys import create_key

_SCOPES = ["records", "trusted", "reports", "orders"]


@pytest.fixture
def records_key(agora: Agora) -> str:
    """A key that may read and change records, and see what detectors saw."""
    return create_key(agora.house, "operations", _SCOPES)[1]


@pytest.fixture
def one_connection() -> Iterator[None]:
    """Keep the test's own transaction open over requests, as Django's test client does."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)
