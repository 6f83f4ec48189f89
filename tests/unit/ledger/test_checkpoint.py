# SPDX-License-Identifier: Apache-2.0
"""Checkpoints: round trip, the log's own name, and what a reader refuses."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.ledger import ORIGIN, seed
from vigie.ledger.checkpoint import (
    Checkpoint,
    open_checkpoint,
    parse_checkpoint,
    sign_checkpoint,
)
from vigie.ledger.note import Signer, Verifier, sign
from vigie.ledger.verify.errors import LedgerError, MalformedError, UnverifiedError

LOG = Signer(ORIGIN, seed("log key"))
OTHER = Signer("other.invalid/log/1", seed("other"))
POINT = Checkpoint(ORIGIN, 7, seed("root"))


@given(st.integers(1, 2**63 - 1), st.binary(min_size=32, max_size=32))
def test_what_is_signed_is_read_back(size, root):
    point = Checkpoint(ORIGIN, size, root)
    assert open_checkpoint(sign_checkpoint(point, [LOG]), [Verifier(LOG.vkey)]) == point


@given(st.text(max_size=80))
def test_any_text_is_a_checkpoint_or_a_ledger_error(text):
    with suppress(LedgerError):
        assert parse_checkpoint(text).text() == text


def test_the_key_bears_the_name_of_the_log():
    with pytest.raises(MalformedError, match="origin"):
        sign_checkpoint(POINT, [OTHER])
    with pytest.raises(UnverifiedError, match="itself"):
        open_checkpoint(sign(POINT.text(), [OTHER]), [Verifier(OTHER.vkey)])


def test_we_write_no_extension_lines():
    with pytest.raises(MalformedError, match="extension"):
        sign_checkpoint(POINT._replace(extensions=("x",)), [LOG])


@pytest.mark.parametrize(
    "text",
    [
        f"{ORIGIN}\n0\n" + "A" * 43 + "=\n",
        f"{ORIGIN}\n7\nAAAA\n",
        f"{ORIGIN}\n{2**63}\n" + "A" * 43 + "=\n",
        f"{ORIGIN}\n7\n" + "A" * 42 + "B=\n",
    ],
)
def test_a_root_or_size_that_cannot_be_is_refused(text):
    with pytest.raises(MalformedError):
        parse_checkpoint(text)
