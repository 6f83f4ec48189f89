# SPDX-License-Identifier: Apache-2.0
"""What an item brings to the bench."""

from __future__ import annotations

from typing import NamedTuple

from vigie.core.item import Subject


class Asked(NamedTuple):
    """What is to be judged, and 16 bytes over its content."""

    subject: Subject
    fingerprint: bytes
    idempotency: bytes = b""
    """Digest of the request's Idempotency-Key, if it had one."""
