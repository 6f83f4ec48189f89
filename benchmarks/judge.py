# SPDX-License-Identifier: Apache-2.0
"""`judge` in batches of 256: 20 policies, 10,000 terms, the shipped text model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from benchmarks.common import Figure, rate
from benchmarks.policy import policies as bench_policies
from benchmarks.workload import Text, share_of_common_words, texts
from vigie.core.decision import Decision
from vigie.core.item import Author, Item, Subject, Surface
from vigie.law import load, to_document
from vigie.screening.judge import judge
from vigie.screening.snapshot import Snapshot, assemble

BATCH = 256
TERMS = 10_000
LISTED = ("denial", "terror", "incitement", "spam")
ENCODER = msgspec.json.Encoder()


def lexicons(terms: Sequence[str]) -> list[dict[str, object]]:
    """Return the terms as one word list for each label that the policies read."""
    return [
        {
            "list": f"bench-{label}",
            "label": label,
            "language": "*",
            "source": "made for the benchmark",
            "reviewed": "2026-11-22",
            "confidence": "high",
            "terms": terms[number :: len(LISTED)],
        }
        for number, label in enumerate(LISTED)
    ]


def snapshot(policies: Sequence[object] | None = None) -> Snapshot:
    """Return a Snapshot with 20 policies and a word list of 10,000 terms."""
    parts = {
        "law": to_document(load()),
        "policies": msgspec.json.encode(policies or bench_policies()),
        "lexicons": msgspec.json.encode(lexicons(share_of_common_words(TERMS))),
    }
    return assemble(1, parts)


def subjects(found: Sequence[Text], *, named: bool) -> list[Subject]:
    """Return the workload as items, with or without their language."""
    return [
        Subject(
            Item(
                id=f"p{number}",
                surface=Surface.POST,
                author=Author(id=f"a{number % 5000}", account_age_days=number % 900),
                text=one.text,
                language=one.language if named else None,
            )
        )
        for number, one in enumerate(found)
    ]


def run(items: Sequence[Subject], given: Snapshot) -> list[Decision]:
    """Judge and encode everything, in batches."""
    made: list[Decision] = []
    for at in range(0, len(items), BATCH):
        part = judge(items[at : at + BATCH], given, 1_795_000_000_000, _names(at))
        for decision in part:
            ENCODER.encode(decision)
        made.extend(part)
    return made


def _names(at: int) -> Iterator[str]:
    number = at
    while True:
        yield f"wbench-{number:x}-0123456789"
        number += 1


def measure() -> list[Figure]:
    """Return the rates, and the shares that make the workload honest."""
    given = snapshot()
    named, unnamed = (subjects(texts(), named=flag) for flag in (True, False))
    made = run(named, given)
    hits = sum(any(s.detector == "lexicon" for s in d.signals) for d in made) / len(made)
    busy = sum(d.outcome != "allow" for d in made) / len(made)
    if not 0.03 <= hits <= 0.10 or not 0.01 <= busy <= 0.05:
        raise SystemExit(f"the workload is wrong: {hits:.1%} hit, {busy:.1%} are not allow")
    return [
        Figure("texts", len(made), "different", 6_000),
        Figure("share that hits the word list", hits * 100, "%"),
        Figure("share that is not allow", busy * 100, "%"),
        Figure("judge, language given", rate(lambda: len(run(named, given))), "/CPU s", 6_000),
        Figure("judge, language found", rate(lambda: len(run(unnamed, given))), "/CPU s", 4_000),
    ]
