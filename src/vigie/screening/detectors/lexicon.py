# SPDX-License-Identifier: Apache-2.0
"""Finds the terms and patterns of the lists in force, with their places.

One automaton over normalised strings (Aho and Corasick, 1975), words whole
unless the list says otherwise. Lists with a `mark` make no finding of their own:
they describe the context (quotation, refutation, report of a court, satire,
news), which policies read and which proves nothing: whoever denies may quote.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import Self

import msgspec

from vigie.core.decision import Signal
from vigie.screening.batch import Batch, Prepared
from vigie.screening.detectors.base import Parts
from vigie.screening.lexicons import Lexicon, read_lexicon
from vigie.screening.lexicons.rules import Rule
from vigie.screening.lexicons.scan import Scanner

CONTEXT = "context"
"""Label of the signal that carries marks where nothing else was found."""
QUOTATION = "quotation"
MOST = 16
"""Signals of one item; further hits add nothing to a decision."""

_QUOTED = re.compile('["“”„«»][^"“”„«»]{12,}["“”«»]')


class LexiconDetector:
    """Reports one signal for each rule met, at its first place in the text."""

    name = "lexicon"

    def __init__(self, lexicons: Sequence[Lexicon]) -> None:
        found = {one.label for one in lexicons if one.label}
        self._labels = (*sorted(found), CONTEXT)
        digest = hashlib.sha256(msgspec.json.encode(list(lexicons))).hexdigest()
        self.version = f"1-{digest[:12]}"
        self._scanner = Scanner(lexicons)

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of all lists, and `context`."""
        return self._labels

    @classmethod
    def from_parts(cls, parts: Parts) -> Self:
        """Build it from lexicon documents. Raises InvalidInputError."""
        return cls([read_lexicon(document) for document in parts.lexicons])

    def detect(self, batch: Batch) -> list[list[Signal]]:
        """Return the hits of each item in the order of the lists."""
        return [self._item(prepared) for prepared in batch.items]

    def _item(self, prepared: Prepared) -> list[Signal]:
        normal = prepared.normal
        if normal is None:
            return []
        hits: dict[int, tuple[Rule, int, int]] = {}
        for rule, start, end in self._scanner.met(normal.text):
            hits.setdefault(rule.order, (rule, start, end))
        quoted = _QUOTED.search(normal.text) is not None
        if not hits and not quoted:
            return []
        return self._signals(prepared, [hits[order] for order in sorted(hits)], quoted=quoted)

    def _signals(
        self, prepared: Prepared, hits: Sequence[tuple[Rule, int, int]], *, quoted: bool
    ) -> list[Signal]:
        marks = {hit[0].lexicon.mark for hit in hits if hit[0].lexicon.mark}
        context = tuple(sorted(marks | {QUOTATION} if quoted else marks))
        normal = prepared.normal
        found = [hit for hit in hits if hit[0].lexicon.label][:MOST]
        if not found or normal is None:
            return [self._signal(CONTEXT, 1.0, None, context)]
        return [
            self._signal(
                rule.lexicon.label or CONTEXT,
                rule.lexicon.weight,
                normal.span(start, end),
                (f"lexicon:{rule.lexicon.list}", *context),
            )
            for rule, start, end in found
        ]

    def _signal(
        self, label: str, value: float, span: tuple[int, int] | None, marks: tuple[str, ...]
    ) -> Signal:
        return Signal(
            detector=self.name,
            version=self.version,
            label=label,
            value=value,
            span=span,
            marks=marks,
        )
