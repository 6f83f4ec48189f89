# SPDX-License-Identifier: Apache-2.0
"""How sure a match is: the same bytes, lists that agree, or one list alone.

Lists are independent where their owners differ. `AGREED` needs two owners who
hold the picture in one class, and nobody who speaks against any listed hash
that was met in that class. The same doubt takes `EXACT` away from a digest: a
disputed entry is reported as `NEAR`, so that a person looks. An entry that its
owner itself calls negative is no match.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from vigie.core.decision import Basis
from vigie.screening.matching.base import BankClass, Opinion, Ref

INDEPENDENT: Final = 2
"""So many owners must hold a picture before lists agree."""


class Judged(NamedTuple):
    """What the lists of one class say of one picture or file."""

    cls: BankClass
    basis: Basis
    distance: int
    banks: tuple[str, ...]
    owners: tuple[str, ...]


def _of_class(cls: BankClass, nearest: Mapping[Ref, int], *, exact: bool) -> Judged | None:
    held = {ref: far for ref, far in nearest.items() if ref.opinion != Opinion.NEGATIVE}
    if not held:
        return None
    sure = {ref.owner for ref in held if ref.opinion == Opinion.POSITIVE}
    doubted = any(ref.opinion != Opinion.POSITIVE for ref in nearest)
    basis = Basis.NEAR
    if not doubted and exact:
        basis = Basis.EXACT
    elif not doubted and len(sure) >= INDEPENDENT:
        basis = Basis.AGREED
    return Judged(
        BankClass(cls),
        basis,
        min(held.values()),
        tuple(sorted({ref.bank for ref in held})),
        tuple(sorted({ref.owner for ref in held})),
    )


def judge_lists(nearest: Mapping[Ref, int], *, exact: bool) -> list[Judged]:
    """Return what the lists say, one entry a class that holds the hash."""
    classes = sorted({ref.cls for ref in nearest})
    judged = (
        _of_class(cls, {ref: far for ref, far in nearest.items() if ref.cls == cls}, exact=exact)
        for cls in classes
    )
    return [each for each in judged if each is not None]


def together(answers: Iterable[Mapping[Ref, int]]) -> dict[Ref, int]:
    """Join what several hashes of one picture met, with the least distance each."""
    nearest: dict[Ref, int] = {}
    for answer in answers:
        for ref, distance in answer.items():
            nearest[ref] = min(distance, nearest.get(ref, distance))
    return nearest
