# SPDX-License-Identifier: Apache-2.0
"""Which script most letters of a row belong to (Unicode blocks, chapter 4.5 names)."""

from __future__ import annotations

from enum import IntEnum
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

from vigie.screening.models.features import Block


class Script(IntEnum):
    """Scripts that tell languages apart, and one for all others."""

    NONE = 0
    LATIN = 1
    CYRILLIC = 2
    GREEK = 3
    ARABIC = 4
    HEBREW = 5
    HAN = 6
    KANA = 7
    HANGUL = 8
    THAI = 9
    OTHER = 10


_BLOCKS: Final = (
    (Script.LATIN, (0x41, 0x5A), (0x61, 0x7A), (0xC0, 0x24F), (0x1E00, 0x1EFF)),
    (Script.CYRILLIC, (0x400, 0x52F)),
    (Script.GREEK, (0x370, 0x3FF), (0x1F00, 0x1FFF)),
    (Script.ARABIC, (0x620, 0x6FF), (0x750, 0x77F), (0xFB50, 0xFDFF), (0xFE70, 0xFEFF)),
    (
        Script.HEBREW,
        (0x5D0, 0x5F4),
    ),
    (Script.HAN, (0x3400, 0x9FFF), (0xF900, 0xFAFF)),
    (Script.KANA, (0x3041, 0x30FF)),
    (Script.HANGUL, (0x1100, 0x11FF), (0x3130, 0x318F), (0xAC00, 0xD7AF)),
    (Script.THAI, (0xE01, 0xE7F)),
)


@cache
def _table() -> npt.NDArray[np.uint8]:
    table = np.zeros(1 << 16, dtype=np.uint8)
    for code in range(1 << 16):
        if chr(code).isalpha():
            table[code] = Script.OTHER
    for script, *ranges in _BLOCKS:
        for low, high in ranges:
            table[low : high + 1] = script
    table[0xD7] = table[0xF7] = Script.NONE
    return table


def letters(block: Block) -> npt.NDArray[np.int64]:
    """Return how many letters of each script (columns) each row holds."""
    rows = np.repeat(np.arange(len(block.starts)), block.ends - block.starts)
    counts = np.bincount(
        rows * len(Script) + _table()[block.plane], minlength=len(block.starts) * len(Script)
    )
    found = counts.reshape(len(block.starts), len(Script))
    found[:, Script.NONE] = 0
    return found
