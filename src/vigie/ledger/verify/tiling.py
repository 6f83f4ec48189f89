# SPDX-License-Identifier: Apache-2.0
"""Where tiles and entry bundles of a log stand (C2SP tlog-tiles v0.1.0).

A tile holds up to 256 hashes of one level; each is the root of a full tile of
the level below. A bundle holds the entries of a tile of level 0.
"""

from __future__ import annotations

from typing import List, Optional, Tuple

from vigie.ledger.verify.errors import MalformedError
from vigie.ledger.verify.text import HASH_BYTES

TILE_WIDTH = 256
TILE_BITS = 8
BUNDLES = "entries"
_LENGTH_BYTES = 2
_LEVELS = frozenset(str(level) for level in range(64))


def tile_name(number: int, width: int = TILE_WIDTH) -> str:
    """Write the number of a tile: 1234067 is `x001/x234/067`."""
    if number < 0 or not 0 < width <= TILE_WIDTH:
        raise MalformedError("There is no such tile.", field="tile")
    name = "{:03d}".format(number % 1000)
    number //= 1000
    while number:
        name = "x{:03d}/{}".format(number % 1000, name)
        number //= 1000
    return name if width == TILE_WIDTH else "{}.p/{}".format(name, width)


def tile_path(level: int, number: int, width: int = TILE_WIDTH) -> str:
    """Return the path of a tile of hashes below the log's address."""
    return "tile/{}/{}".format(level, tile_name(number, width))


def bundle_path(number: int, width: int = TILE_WIDTH) -> str:
    """Return the path of a bundle of entries below the log's address."""
    return "tile/{}/{}".format(BUNDLES, tile_name(number, width))


def level_widths(size: int) -> List[int]:
    """Return how many hashes each level of a log of this size has, level 0 first."""
    widths = []
    while size:
        widths.append(size)
        size >>= TILE_BITS
    return widths


def tiles_of_row(hashes: int) -> List[Tuple[int, int]]:
    """Return number and width of the tiles that hold a level of so many hashes."""
    full, rest = divmod(hashes, TILE_WIDTH)
    return [(n, TILE_WIDTH) for n in range(full)] + ([(full, rest)] if rest else [])


def parse_tile_path(path: str) -> Optional[Tuple[str, int, int]]:
    """Return level (or `entries`), number and width of a path, None for others."""
    parts = path.split("/")
    width = TILE_WIDTH
    if len(parts) > 3 and parts[-2].endswith(".p"):
        width = int(parts[-1]) if _is_number(parts[-1]) else 0
        parts = [*parts[:-2], parts[-2][:-2]]
    digits = "".join(part[1:] if part[:1] == "x" else part for part in parts[2:])
    if parts[0] != "tile" or len(parts) < 3 or not (_is_number(digits) and 0 < width <= TILE_WIDTH):
        return None
    number, level = int(digits), parts[1]
    known = level == BUNDLES or level in _LEVELS
    same = "tile/{}/{}".format(level, tile_name(number, width)) == path
    return (level, number, width) if known and same else None


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 21


def split_hashes(data: bytes, width: int) -> List[bytes]:
    """Take a tile apart into its hashes."""
    if len(data) != width * HASH_BYTES:
        raise MalformedError("The tile does not have its width.", field="tile")
    return [data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)]


def split_bundle(data: bytes, width: int) -> List[bytes]:
    """Take a bundle apart into its entries, each behind its length in two bytes."""
    entries, at = [], 0
    while at < len(data):
        length = int.from_bytes(data[at : at + _LENGTH_BYTES], "big")
        at += _LENGTH_BYTES + length
        if at > len(data):
            raise MalformedError("The bundle is cut short.", field="bundle")
        entries.append(data[at - length : at])
    if len(entries) != width:
        raise MalformedError("The bundle does not have its width.", field="bundle")
    return entries


def join_bundle(entries: List[bytes]) -> bytes:
    """Write a bundle of entries."""
    return b"".join(len(e).to_bytes(_LENGTH_BYTES, "big") + e for e in entries)
