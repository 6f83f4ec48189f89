# SPDX-License-Identifier: Apache-2.0
"""Identifiers: a decision's names the writer and row, so any process finds it."""

from __future__ import annotations

import re
import secrets
from typing import NamedTuple

from vigie.core.errors import NotFoundError

STORE_WRITER = "s"
_PATTERN = re.compile(r"^([a-z0-9]{1,16})-([0-9a-f]{1,13})-([0-9a-f]{10})\Z")


class DecisionAddress(NamedTuple):
    """Where a decision is kept: a journal writer (``s``: the store) and a row."""

    writer: str
    ordinal: int


def decision_id(writer: str, ordinal: int, random40: int) -> str:
    """Name a decision: writer, ordinal in hexadecimal, 40 random bits."""
    return f"{writer}-{ordinal:x}-{random40:010x}"


def parse_decision_id(text: str) -> DecisionAddress:
    """Return where the decision is kept.

    Raises NotFoundError for text that no writer ever gave out.
    """
    found = _PATTERN.match(text)
    if found is None:
        raise NotFoundError("There is no decision of this name.", code="no_decision")
    return DecisionAddress(found[1], int(found[2], 16))


def new_writer() -> str:
    """Name a journal writer: ``w`` and 40 random bits; never used twice."""
    return f"w{secrets.randbits(40):010x}"


def random_id() -> str:
    """Return 128 random bits in hexadecimal, the ``id`` of a record."""
    return secrets.token_hex(16)
