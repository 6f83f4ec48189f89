# SPDX-License-Identifier: Apache-2.0
"""RFC 8785 bytes of plain values, as fast as the hot path needs them.

Keys are ASCII, numbers are integers below 2**53, never floats: a score in a
record is an integer in millionths (see ``millionths``).
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

_ENCODER: Final = msgspec.json.Encoder(order="sorted")
MILLION: Final = 1_000_000
MAX_INT: Final = 2**53 - 1


def encode(value: Any) -> bytes:
    """Return canonical JSON of a value that holds no floats.

    Callers keep to ASCII keys; `check` tells whether a value fits.
    """
    return _ENCODER.encode(value)


def millionths(score: float) -> int:
    """Return a score as the integer that a record holds."""
    return round(score * MILLION)


def check(value: Any) -> None:
    """Raise ValueError where a value must not stand in a record."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if not isinstance(key, str) or not key.isascii():
                raise ValueError(f"record keys are ASCII strings: {key!r}")
            check(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            check(inner)
    elif isinstance(value, bool) or value is None or isinstance(value, str):
        return
    elif isinstance(value, int):
        if abs(value) > MAX_INT:
            raise ValueError("record integers stay below 2**53")
    else:
        raise ValueError(f"records hold no {type(value).__name__}")
