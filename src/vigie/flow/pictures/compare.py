# SPDX-License-Identifier: Apache-2.0
"""Is what stands there now what was decided about? Bytes first, then the picture's hash."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Final, NamedTuple

from vigie.core.item import MediaFacts
from vigie.screening.matching.pdq import PDQ

ALIKE: Final = 10
"""PDQ distance up to which the same picture was merely saved anew."""


class Compared(StrEnum):
    """What the comparison says."""

    SAME = "same"
    """The same bytes."""
    ALIKE = "alike"
    """Other bytes, the same picture by its hash: scaled or saved anew."""
    DIFFERS = "differs"
    """The picture has changed since."""
    UNKNOWN = "unknown"
    """Nothing was recorded that it could be compared with."""
    UNREADABLE = "unreadable"
    """Other bytes, and no picture that could be read."""


class Comparison(NamedTuple):
    """The result, with the distance where hashes were compared."""

    result: Compared
    distance: int | None = None


def compare(facts: MediaFacts, recorded: Sequence[str]) -> Comparison:
    """Compare a picture with the hashes recorded for its item (`algorithm:hex`).

    An item's media are recorded together: any of them counts.
    """
    known: dict[str, list[str]] = {}
    for one in recorded:
        algorithm, _, value = one.partition(":")
        known.setdefault(algorithm, []).append(value)
    if facts.sha256 in known.get("sha256", ()) or facts.md5 in known.get("md5", ()):
        return Comparison(Compared.SAME)
    if facts.status != "ok":
        return Comparison(Compared.UNREADABLE)
    if not known:
        return Comparison(Compared.UNKNOWN)
    return _by_hash(facts, known)


def _by_hash(facts: MediaFacts, known: dict[str, list[str]]) -> Comparison:
    hashes = known.get(PDQ.name, [])
    if facts.pdq is None or not hashes:
        return Comparison(Compared.DIFFERS)
    mine = PDQ.validate(facts.pdq)
    nearest = min(PDQ.distance(mine, PDQ.validate(one)) for one in hashes)
    return Comparison(Compared.ALIKE if nearest <= ALIKE else Compared.DIFFERS, nearest)
