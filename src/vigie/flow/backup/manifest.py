# SPDX-License-Identifier: Apache-2.0
"""What a backup says of itself. Loads no Django: a restore reads it before there is a store."""

from __future__ import annotations

from typing import Final

import msgspec

MANIFEST: Final = "MANIFEST.json"
FORMAT: Final = "vigie-backup/v1"


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a backup says of itself; the last file in it, so a cut one has none."""

    format: str = FORMAT
    at: int
    origin: str
    database: str
    """`sqlite` (inside) or `postgresql` (apart, by pg_dump)."""
    entries: int
    """Log entries in the store when its copy began."""
    files: dict[str, str]
    """Name to SHA-256 in hexadecimal."""
    left_out: list[str]
