# SPDX-License-Identifier: Apache-2.0
"""Finds known pictures: digests of the same bytes, PDQ hashes of near ones.

Value of a signal: 1.0 for the same bytes, else 1 - distance / 256. A picture
that could not be read yields a failed signal for every class, and its digests
are asked for all the same. A picture given by address only says nothing.
What is near a notifier's hash is a signal of its own, `claimed`, which no policy
reads and which weighs in no list's favour. Limits: a turned or mirrored picture is
found where its bytes were decoded here; a platform's own hash is asked for as it
stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple, Self

from vigie.core.decision import CLAIMED, Basis, Match, Signal
from vigie.core.item import MediaFacts
from vigie.screening.batch import Batch
from vigie.screening.detectors.base import Parts
from vigie.screening.matching.agree import Judged, judge_lists, together
from vigie.screening.matching.base import CLAIMS, BankClass, Ref
from vigie.screening.matching.digest import MD5, SHA256
from vigie.screening.matching.index import Found, HashIndex
from vigie.screening.matching.pdq import DIHEDRAL, MIN_QUALITY, PDQ, is_flat

LABELS: Final = tuple(cls.value for cls in BankClass)
_STRENGTH: Final = {Basis.EXACT: 2, Basis.AGREED: 1, Basis.NEAR: 0}


class _Asked(NamedTuple):
    """What one medium asks the index."""

    item: int
    media: int
    digests: list[tuple[str, bytes]]
    hashes: list[bytes]


class _Answer(NamedTuple):
    """One class's match of one medium, with the turn that met it."""

    judged: Judged
    algorithm: str
    turn: str | None


def _hashes(facts: MediaFacts) -> list[bytes]:
    """Return the PDQ hashes to ask for: all eight turns where they are known."""
    if facts.pdq is None or (facts.quality is not None and facts.quality < MIN_QUALITY):
        return []
    hashes = [PDQ.validate(text) for text in facts.dihedral or (facts.pdq,)]
    return [] if is_flat(hashes[0]) else hashes


def _digests(facts: MediaFacts) -> list[tuple[str, bytes]]:
    given = ((SHA256, facts.sha256), (MD5, facts.md5))
    return [(kind.name, kind.validate(text)) for kind, text in given if text is not None]


def _questions(batch: Batch) -> list[_Asked]:
    return [
        _Asked(number, position, _digests(facts), _hashes(facts))
        for number, prepared in enumerate(batch.items)
        for position, facts in enumerate(prepared.media)
    ]


def _nearest_turn(answers: Sequence[Found], cls: BankClass) -> str | None:
    """Say which turn of the picture met the class closest; None for none but itself."""
    best = min(
        (min((d for ref, d in found.nearest.items() if ref.cls == cls), default=999), turn)
        for turn, found in enumerate(answers)
    )
    return DIHEDRAL[best[1]] if best[1] else None


def _answers(digests: Sequence[tuple[str, Found]], hashes: Sequence[Found]) -> Iterator[_Answer]:
    for algorithm, found in digests:
        for judged in judge_lists(found.nearest, exact=True):
            yield _Answer(judged, algorithm, None)
    if any(found.total for found in hashes):
        nearest = together(found.nearest for found in hashes)
        for judged in judge_lists(nearest, exact=False):
            yield _Answer(judged, PDQ.name, _nearest_turn(hashes, judged.cls))


def _strongest(answers: Iterator[_Answer]) -> list[_Answer]:
    """Keep per class the surest answer."""
    best: dict[BankClass, _Answer] = {}
    for answer in answers:
        known = best.get(answer.judged.cls)
        if known is None or _STRENGTH[answer.judged.basis] > _STRENGTH[known.judged.basis]:
            best[answer.judged.cls] = answer
    return list(best.values())


def _nearest_claim(found: Sequence[Found]) -> int | None:
    """Return how far a medium is from the nearest hash of a notifier, or None."""
    nearest = together(one.nearest for one in found)
    return min((far for ref, far in nearest.items() if _claim(ref)), default=None)


def _claim(ref: Ref) -> bool:
    return ref.bank == CLAIMS


def _listed(found: Found) -> Found:
    """Return an answer without the hashes of notifiers."""
    if not any(map(_claim, found.nearest)):
        return found
    listed = {ref: far for ref, far in found.nearest.items() if not _claim(ref)}
    return found._replace(nearest=listed, total=found.total if listed else 0)


class HashDetector:
    """Asks the index for every medium of a batch, all in one call."""

    name = "hash"
    version = "1"
    labels = LABELS

    def __init__(self, index: HashIndex | None) -> None:
        self._index = index

    @classmethod
    def from_parts(cls, parts: Parts) -> Self:
        """Take the index of the Snapshot; without one only failures are reported."""
        return cls(parts.index)

    def detect(self, batch: Batch) -> list[list[Signal]]:
        """Return matches and failures of each item's media."""
        signals: list[list[Signal]] = [self._failures(each.media) for each in batch.items]
        asked = _questions(batch)
        if self._index is None or not asked:
            return signals
        looked_up = iter(self._index.lookup([pair for each in asked for pair in each.digests]))
        searched = iter(self._index.query([value for each in asked for value in each.hashes]))
        for each in asked:
            digests = [(name, next(looked_up)) for name, _ in each.digests]
            hashes = [next(searched) for _ in each.hashes]
            claim = _nearest_claim([*(found for _, found in digests), *hashes])
            if claim is not None:
                signals[each.item].append(self._claimed(each.media, claim))
                digests = [(name, _listed(found)) for name, found in digests]
                hashes = [_listed(found) for found in hashes]
            for answer in _strongest(_answers(digests, hashes)):
                signals[each.item].append(self._signal(each.media, answer))
        return signals

    def _signal(self, media: int, answer: _Answer) -> Signal:
        judged = answer.judged
        match = Match(
            media=media,
            cls=judged.cls.value,
            basis=judged.basis,
            algorithm=answer.algorithm,
            distance=judged.distance,
            banks=judged.banks,
            owners=judged.owners,
        )
        return Signal(
            detector=self.name,
            version=self.version,
            label=judged.cls.value,
            value=1.0 - judged.distance / 256,
            match=match,
            marks=(f"turned:{answer.turn}",) if answer.turn else (),
        )

    def _claimed(self, media: int, distance: int) -> Signal:
        match = Match(
            media=media,
            cls=CLAIMED,
            basis=Basis.NEAR,
            algorithm=PDQ.name,
            distance=distance,
            banks=(CLAIMS,),
            owners=(),
        )
        return Signal(
            detector=self.name,
            version=self.version,
            label=CLAIMED,
            value=1.0 - distance / 256,
            match=match,
        )

    def _failures(self, media: Sequence[MediaFacts]) -> list[Signal]:
        """Return one failed signal a class where any medium could not be read."""
        failed = [f"media/{n}: {m.problem}" for n, m in enumerate(media) if m.status == "failed"]
        if not failed:
            return []
        return [
            Signal(
                detector=self.name,
                version=self.version,
                label=label,
                status="failed",
                problem=failed[0],
            )
            for label in self.labels
        ]
