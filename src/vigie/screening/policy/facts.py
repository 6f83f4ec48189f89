# SPDX-License-Identifier: Apache-2.0
"""What policies read about one item: flat values made from its signals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from vigie.core.decision import CLAIMED, Match, Signal
from vigie.core.territory import everywhere
from vigie.screening.batch import Prepared

_INT64: Final = 2**63
LISTED: Final = ("lexicon:", "list:")
"""Marks that name a list: they belong to `matched`."""


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """Every variable of a policy for one item. Strings are empty, ints -1 where unknown."""

    scores: dict[str, float] = {}
    """Highest value that any detector reported for a label."""
    detectors: dict[str, str] = {}
    """Which detector reported that value."""
    marks: list[str] = []
    matched: list[str] = []
    failed: frozenset[str] = frozenset()
    """Labels, and `detector:<name>`, that could not be looked at."""
    surface: str = "post"
    language: str = ""
    service: str = "default"
    visibility: str = "public"
    author_country: str = ""
    account_age_days: int = -1
    strikes: int = -1
    version: int = 1
    links: int = 0
    media: int = 0
    countries: list[str] = []

    def unreadable(self) -> frozenset[str]:
        """Return flat names of values that the engine cannot read.

        Half a character (a lone surrogate) and numbers beyond 64 bits: the
        doors refuse both, but a policy must not depend on it. A score that is
        not a number counts too.
        """
        plain = (
            self.language.isascii()
            and self.author_country.isascii()
            and self.service.isascii()
            and -_INT64 <= self.account_age_days < _INT64
            and -_INT64 <= self.strikes < _INT64
            and -_INT64 <= self.version < _INT64
        )
        found = [] if plain else _odd_fields(self)
        for label, value in self.scores.items():
            if value != value:  # noqa: PLR0124 - only "not a number" differs from itself
                found.append(f"score_{label}")
        for name in ("marks", "matched", "countries"):
            texts = getattr(self, name)
            # Joined first: countries are many and plain.
            if texts and not "".join(texts).isascii() and not all(map(_readable, texts)):
                found.append(name if name != "countries" else "item_countries")
        return frozenset(found) if found else _NONE


_NONE: Final[frozenset[str]] = frozenset()


def _readable(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _odd_fields(facts: Facts) -> list[str]:
    texts = [
        f"item_{name}"
        for name in ("language", "author_country", "service")
        if not _readable(getattr(facts, name))
    ]
    numbers = [
        f"item_{name}"
        for name in ("account_age_days", "strikes", "version")
        if not -_INT64 <= getattr(facts, name) < _INT64
    ]
    return texts + numbers


def facts_of(prepared: Prepared, signals: Sequence[Signal], served: tuple[str, ...] = ()) -> Facts:
    """Return the facts of an item; ``served`` is where the operator is open.

    An item that names no countries can be seen in all of them and in ``*``.
    """
    item, author = prepared.item, prepared.item.author
    age = author.account_age_days
    found, detectors = scores(signals)
    marks, matched = names(signals)
    return Facts(
        scores=found,
        detectors=detectors,
        marks=marks,
        matched=matched,
        failed=_failed(signals),
        surface=str(item.surface),
        language=prepared.language or "",
        service=item.service,
        visibility=str(item.visibility),
        author_country=author.country or "",
        account_age_days=-1 if age is None else age,
        strikes=author.strikes,
        version=item.version,
        links=len(item.links),
        media=len(item.media),
        countries=list(everywhere(served) if item.countries is None else item.countries),
    )


def names(signals: Sequence[Signal]) -> tuple[list[str], list[str]]:
    """Return marks and what was matched, each once, in the order seen.

    A detector names the list that it found something in among its marks. What is
    near a notifier's hash stays out: policies cannot read it.
    """
    marks: dict[str, None] = {}
    matched: dict[str, None] = {}
    for signal in signals:
        if signal.status != "ok" or signal.label == CLAIMED:
            continue
        for mark in signal.marks:
            (matched if mark.startswith(LISTED) else marks)[mark] = None
        if signal.match is not None:
            matched.update(dict.fromkeys(_match_names(signal.match)))
    return list(marks), list(matched)


def _match_names(match: Match) -> tuple[str, ...]:
    banks = (f"bank:{bank}" for bank in match.banks)
    return (match.cls, f"{match.cls}:{match.basis}", *banks)


def scores(signals: Sequence[Signal]) -> tuple[dict[str, float], dict[str, str]]:
    """Return the highest value of each label, and which detector reported it."""
    found: dict[str, float] = {}
    detectors: dict[str, str] = {}
    for signal in signals:
        if signal.status != "ok" or signal.label == CLAIMED:
            continue
        if not found.get(signal.label, -1.0) >= signal.value:
            found[signal.label] = signal.value
            detectors[signal.label] = signal.detector
    return found, detectors


def _failed(signals: Sequence[Signal]) -> frozenset[str]:
    if all(signal.status == "ok" for signal in signals):
        return _NONE
    return frozenset(
        name
        for signal in signals
        if signal.status != "ok"
        for name in (signal.label, f"detector:{signal.detector}")
    )
