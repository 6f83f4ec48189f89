# SPDX-License-Identifier: Apache-2.0
"""Taking away files of a log that nobody may or need read any more."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from vigie.ledger.verify.tiling import BUNDLES, TILE_WIDTH, level_widths, tile_name

_GAP: Final = 64
"""So many tile numbers in a row without a file end the search."""
_TOP_LEVEL: Final = 7


def remove_partials(folder: Path, full: Iterable[str]) -> None:
    """Remove the partial files of tiles that are full and published now."""
    for path in full:
        shutil.rmtree(folder / f"{path}.p", ignore_errors=True)


def trim(folder: Path, size: int) -> None:
    """Remove what was written beyond the last signed size, by a publisher that died.

    Those files were never signed for; entries may have come out differently.
    """
    widths = dict(enumerate(level_widths(size)))
    for level in range(_TOP_LEVEL + 1):
        _trim_level(folder / "tile" / str(level), widths.get(level, 0))
    _trim_level(folder / "tile" / BUNDLES, size)


def _trim_level(folder: Path, hashes: int) -> None:
    number, kept = divmod(hashes, TILE_WIDTH)
    missing = 0
    while missing < _GAP:
        removed = _trim_tile(folder / tile_name(number), kept)
        missing = 0 if removed else missing + 1
        number, kept = number + 1, 0


def _trim_tile(full: Path, kept: int) -> bool:
    """Remove a tile and its partial files wider than `kept`; say whether any was there."""
    partial = full.with_name(full.name + ".p")
    there = full.exists() or partial.is_dir()
    full.unlink(missing_ok=True)
    if partial.is_dir():
        for file in partial.iterdir():
            if not file.name.isdigit() or int(file.name) > kept:
                file.unlink()
    return there
