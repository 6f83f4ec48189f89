# SPDX-License-Identifier: Apache-2.0
"""How long the series of faults are: seconds in `make test`, in full on demand."""

from __future__ import annotations

import os
import random

import pytest

FULL = os.environ.get("VIGIE_CAMPAIGN") == "full"


@pytest.fixture
def dice(request: pytest.FixtureRequest) -> random.Random:
    """Random numbers that are the same at every run of a test."""
    return random.Random(request.node.nodeid)
