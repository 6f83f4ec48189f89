# SPDX-License-Identifier: Apache-2.0
"""Which seeds are one sentence in several languages: no fold may part them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import Final

RARE: Final = 4
"""A name or number in so few seeds, and in more than one, ties them into a group."""
LARGEST: Final = 24
"""Seeds of one group at most: beyond, ties are chance."""


def parallels(texts: Sequence[str]) -> list[int]:
    """Return a group for each seed: those that share rare names or numbers are one.

    Much the same sentence stands in the seeds in two or three languages; a fold
    must not train on one and be measured by the other.
    """
    rare: dict[str, list[int]] = defaultdict(list)
    for row, text in enumerate(texts):
        for word in set(re.findall(r"\d[\d.,]*\d|\w{6,}", text)):
            rare[word].append(row)
    group = list(range(len(texts)))
    members = {row: [row] for row in group}
    for _, rows in sorted(rare.items()):
        for other in rows[1:] if len(rows) <= RARE else ():
            first, second = group[rows[0]], group[other]
            if first == second or len(members[first]) + len(members[second]) > LARGEST:
                continue
            for row in members[second]:
                group[row] = first
            members[first] += members.pop(second)
    return group
