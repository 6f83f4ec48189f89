# SPDX-License-Identifier: Apache-2.0
"""One gateway and one upstream for all tests of a run that need no others of their own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import anthropic
import openai
import pytest

from tests.support.gateway import Gateway, serving
from tests.support.upstream import Upstream


@pytest.fixture(scope="session")
def upstream() -> Iterator[Upstream]:
    """A local server of models."""
    with Upstream() as one:
        yield one


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory, upstream: Upstream) -> Iterator[Gateway]:
    """A running gateway."""
    with serving(tmp_path_factory.mktemp("gateway"), upstream) as one:
        yield one


@pytest.fixture
def gateway(served: Gateway) -> Gateway:
    """The running gateway; what was recorded before this test is not counted."""
    served.exchanges = len(served.facts())
    return served


@pytest.fixture(scope="session")
def openai_http() -> Iterator[Any]:
    """The connections of OpenAI's clients: making their TLS settings costs more than a test."""
    with openai.DefaultHttpxClient() as one:
        yield one


@pytest.fixture(scope="session")
def anthropic_http() -> Iterator[Any]:
    """The connections of Anthropic's clients."""
    with anthropic.DefaultHttpxClient() as one:
        yield one
