# SPDX-License-Identifier: Apache-2.0
"""The search is asked in English here, whatever a test before has chosen."""

from collections.abc import Iterator

import pytest
from django.utils import translation


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield
