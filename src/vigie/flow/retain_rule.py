# SPDX-License-Identifier: Apache-2.0
"""What a retention rule says of a table; the rules stand in `retain` and beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from django.db.models import Model

from vigie.flow.house import House

Enforce = Callable[[House], int]
FOR_GOOD: Final = "for good"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What happens to one kind of record in the end."""

    what: str
    models: tuple[type[Model], ...]
    why: str
    term: str
    redaction: str
    """What is erased, and what stays."""
    enforce: Enforce | None = None
    """None: kept for good, or it ends with the record that it belongs to."""
