# SPDX-License-Identifier: Apache-2.0
"""Snapshots in memory, with detectors that say what a test wants them to say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from operator import attrgetter
from typing import Any, Self

from vigie.core.decision import Basis, Decision, Match, Signal
from vigie.core.ids import decision_id
from vigie.core.item import Author, Item, MediaFacts, Subject, Surface
from vigie.law import Cls, LawTable, load
from vigie.screening.access import AccessTable
from vigie.screening.batch import Batch
from vigie.screening.detectors.base import Detector, Parts
from vigie.screening.judge import judge
from vigie.screening.matching.index import HashIndex
from vigie.screening.policy import ActivePolicy, PolicySet
from vigie.screening.snapshot import Decided, Operator, Snapshot, by_key

NOW = 1_795_381_200_000
SERVED = ("AT", "DE", "FR")


@cache
def law() -> LawTable:
    """The shipped law data, read once."""
    return load()


class Says:
    """A detector whose signals come from a function of the item."""

    version = "1"

    def __init__(
        self, name: str, labels: Sequence[str], say: Callable[[Item], list[Signal]]
    ) -> None:
        self.name = name
        self.labels = tuple(labels)
        self._say = say
        self.calls: list[int] = []

    @classmethod
    def from_parts(cls, parts: Parts) -> Self:
        """Not made from parts: a test makes it."""
        raise NotImplementedError

    def detect(self, batch: Batch) -> list[list[Signal]]:
        """Say it for each item; raises what the function raises."""
        self.calls.append(len(batch.items))
        return [self._say(one.item) for one in batch.items]


def signal(label: str = "planted", value: float = 1.0, **more: Any) -> Signal:
    """Return a signal of the planted detector."""
    return Signal(detector="says", version="1", label=label, value=value, **more)


def match(
    cls: str = "child", basis: Basis = Basis.EXACT, owners: tuple[str, ...] = ("o",)
) -> Match:
    """Return a match of one medium."""
    return Match(media=0, cls=cls, basis=basis, algorithm="sha256", distance=0,
                 banks=("b",), owners=owners)  # fmt: skip


def found(
    cls: str = "child", basis: Basis = Basis.EXACT, owners: tuple[str, ...] = ("o",)
) -> Signal:
    """Return the signal of a match."""
    return signal(cls, match=match(cls, basis, owners))


def planted(*signals: Signal, labels: Sequence[str] = ()) -> Says:
    """Return a detector that says the same of every item."""
    known = {"planted", "child", "terrorist", "intimate", "terms"}
    return Says("says", sorted({*known, *labels, *(s.label for s in signals)}),
                lambda _item: list(signals))  # fmt: skip


def snapshot(
    policies: Sequence[ActivePolicy],
    *detectors: Detector,
    number: int = 7,
    operator: Operator | None = None,
    decided: Sequence[Decided] = (),
    index: HashIndex | None = None,
) -> Snapshot:
    """Put a Snapshot together."""
    labels = sorted({label for one in detectors for label in one.labels})
    return Snapshot(
        number=number,
        policies=PolicySet(list(policies), labels, law()),
        law=law(),
        detectors=detectors,
        access=AccessTable([]),
        operator=operator or Operator(served=SERVED),
        decided=by_key(decided, attrgetter("sha256")),
        confirmed=by_key(decided, attrgetter("pdq")),
        index=index,
        child_offences=frozenset(e.id for e in law().entries.values() if e.cls is Cls.CHILD),
    )


def subject(
    number: int = 1, media: tuple[MediaFacts, ...] = (), *, stale: bool = False, **fields: Any
) -> Subject:
    """Return an item to be judged."""
    given = {"surface": Surface.POST, "author": Author(id="a"), "text": "Hello.", "language": "en"}
    return Subject(Item(**{"id": f"p-{number}", **given, **fields}), media, None, stale)


def names(count: int = 1) -> list[str]:
    """Return names for decisions whose random bits draw them for nobody."""
    return [decision_id("w0", number, 2**40 - 1) for number in range(count)]


def judged(under: Snapshot, *subjects: Subject) -> list[Decision]:
    """Judge items at a fixed time."""
    some = subjects or (subject(),)
    return judge(some, under, NOW, iter(names(len(some))))
