# SPDX-License-Identifier: Apache-2.0
"""English, whatever language an earlier test of this process was asked in."""

from collections.abc import Iterator

import pytest
from django.utils import translation


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield
