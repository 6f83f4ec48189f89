# SPDX-License-Identifier: Apache-2.0
"""One gateway whose image detector sees colours."""

from __future__ import annotations

from collections.abc import Iterator

import openai
import pytest

from tests.support.gateway import (
    TRUSTED,
    Gateway,
    exchanges,
    serving,
)
from tests.support.gateway_pictures import parts
from tests.support.image_detectors import colours
from tests.support.upstream import Upstream


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, upstream: Upstream) -> Iterator[Gateway]:
    with (
        colours(tmp_path_factory.mktemp("colours")),
        serving(tmp_path_factory.mktemp("gateway"), upstream, **parts()) as one,
    ):
        yield one


@pytest.fixture
def gateway(served: Gateway) -> Gateway:
    served.exchanges = len(exchanges(served.settings.journal_dir))
    return served


@pytest.fixture
def client(gateway: Gateway) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=gateway.v1, api_key=TRUSTED, max_retries=0) as one:
        yield one
