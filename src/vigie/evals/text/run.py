# SPDX-License-Identifier: Apache-2.0
"""Runs labelled texts through the detectors that ship, and says how well a label is found."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from vigie.core.errors import InvalidInputError
from vigie.core.item import Author, Item, Subject, Surface
from vigie.evals.text.figures import Figures, Vector, figures
from vigie.evals.text.read import Rows
from vigie.screening.detectors.base import Detector, Parts
from vigie.screening.judge import detect, prepare
from vigie.screening.lexicons import load_shipped
from vigie.screening.policy import load_policy, shipped_policies
from vigie.screening.snapshot import build_detectors

BATCH: Final = 256
SCORED: Final = frozenset({"hate", "denial", "nudify"})
"""Labels of models, which give every text in a language of theirs a score; other
labels come from rules and lists, whose silence is a score of 0."""
POLICIES: Final = {
    "denial": "denial",
    "nudify": "sexual_deepfakes",
    "sexual": "ai_minors",
    "minor_reference": "ai_minors",
}
"""Which shipped policy's limit says what counts as found."""
ON_AI: Final = frozenset({"minor_reference"})
"""Labels that are looked for in prompts and answers of an AI alone."""
CARDS: Final = {"hate": (0.5, "card text_linear.md")}
"""Limits of cards, for labels that policies read only together with others."""
OTHERWISE: Final = (0.5, "no policy and no card names one")


class Ran(msgspec.Struct, frozen=True):
    """A detector that reports the label."""

    name: str
    version: str


class TextReport(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that `vigie evals run text` prints."""

    label: str
    threshold: float
    threshold_from: str
    detectors: tuple[Ran, ...]
    overall: Figures
    by_language: dict[str, Figures]
    by_group: dict[str, Figures]
    failed: int
    """Texts for which a detector failed."""
    texts_per_cpu_second: float


def threshold_of(label: str) -> tuple[float, str]:
    """Return the limit from which a text counts as found, and where it comes from."""
    if label in CARDS:
        return CARDS[label]
    if label in POLICIES:
        name = f"{POLICIES[label]}.yaml"
        policy = load_policy(shipped_policies()[name], name)
        limits = dict(policy.limits)
        return limits[label], f"policy {policy.id} version {policy.version}"
    return OTHERWISE


def run(
    rows: Rows,
    label: str,
    *,
    threshold: float | None = None,
    done: Callable[[int], None] = lambda _count: None,
) -> TextReport:
    """Score the rows with what ships by default and measure it.

    Raises InvalidInputError where no shipped detector reports the label.
    """
    chosen = _detectors(label)
    limit, source = (
        (threshold, "the command line") if threshold is not None else threshold_of(label)
    )
    surface = Surface.AI_PROMPT if label in ON_AI else Surface.POST
    found = _Scores(label, len(rows.texts))
    began = time.process_time()
    for start in range(0, len(rows.texts), BATCH):
        found.add(start, *_judged(rows, start, chosen, surface))
        done(min(start + BATCH, len(rows.texts)) - start)
    spent = time.process_time() - began
    part = found.part(np.array(rows.labels), limit)
    everything = np.ones(len(rows.texts), dtype=np.bool_)
    return TextReport(
        label=label,
        threshold=limit,
        threshold_from=source,
        detectors=tuple(Ran(one.name, one.version) for one in chosen),
        overall=part(everything),
        by_language=_by(found.languages, part),
        by_group=_by(rows.groups, part) if any(rows.groups) else {},
        failed=found.failed,
        texts_per_cpu_second=round(len(rows.texts) / max(spent, 1e-9), 1),
    )


def _detectors(label: str) -> list[Detector]:
    built = build_detectors(Parts(lexicons=load_shipped()))
    chosen = [one for one in built if label in one.labels and one.name != "conversation"]
    if not chosen:
        known = sorted({name for one in built for name in one.labels})
        raise InvalidInputError(
            f"No detector that ships reports the label {label!r}.",
            code="evals_no_label",
            field="--label",
            fix=f"Known labels: {', '.join(known)}.",
        )
    return chosen


def _judged(
    rows: Rows, start: int, detectors: Sequence[Detector], surface: Surface
) -> tuple[list[str | None], list[list[tuple[str, float, bool]]]]:
    """Return language, and label, value and success of each signal, for one batch."""
    subjects = [
        Subject(
            Item(
                id=f"row-{number}",
                surface=surface,
                author=Author(id="evals"),
                text=text,
                language=language,
            )
        )
        for number, (text, language) in enumerate(
            zip(
                rows.texts[start : start + BATCH],
                rows.languages[start : start + BATCH],
                strict=True,
            ),
            start,
        )
    ]
    batch = prepare(subjects)
    signals = detect(batch, detectors)
    return (
        [one.language for one in batch.items],
        [[(one.label, one.value, one.status == "ok") for one in mine] for mine in signals],
    )


class _Scores:
    """What was found of each text, row by row."""

    def __init__(self, label: str, size: int) -> None:
        self._label = label
        self.scores: Vector = np.zeros(size)
        self.unscored = np.zeros(size, dtype=np.bool_)
        self.languages: list[str] = []
        self.failed = 0

    def add(
        self,
        start: int,
        languages: Sequence[str | None],
        signals: Sequence[Sequence[tuple[str, float, bool]]],
    ) -> None:
        self.languages += [one or "unknown" for one in languages]
        for row, mine in enumerate(signals, start):
            told = [value for label, value, ok in mine if label == self._label and ok]
            self.failed += any(not ok for label, _, ok in mine if label == self._label)
            self.scores[row] = max(told, default=0.0)
            self.unscored[row] = not told and self._label in SCORED

    def part(
        self, labels: npt.NDArray[np.int64], limit: float
    ) -> Callable[[npt.NDArray[np.bool_]], Figures]:
        def measured(chosen: npt.NDArray[np.bool_]) -> Figures:
            return figures(
                labels[chosen], self.scores[chosen], limit, int(self.unscored[chosen].sum())
            )

        return measured


def _by(
    names: Sequence[str], part: Callable[[npt.NDArray[np.bool_]], Figures]
) -> dict[str, Figures]:
    told = np.array(names, dtype=object)
    return {name: part(told == name) for name in sorted(set(names))}
