# SPDX-License-Identifier: Apache-2.0
"""Policies alone: flat variables in, verdicts with reasons out, in CPU seconds.

Twenty policies of three to five clauses each over four scores, marks, matches
and item fields; 6,000 different items, 1 to 5 % of which fire. The yardstick is
25,000 evaluations per CPU second.
"""

from __future__ import annotations

import random

from benchmarks.common import Figure, rate
from vigie.core.decision import Signal
from vigie.core.item import Author, Item, Subject, Surface
from vigie.screening.batch import Prepared
from vigie.screening.policy import (
    ActivePolicy,
    Facts,
    PolicySet,
    PolicyState,
    facts_of,
    load_policy,
)

TARGET = 25_000
LABELS = ("hate", "denial", "terror", "incitement", "spam")
MARKS = ("quotation", "refutation", "court_report", "satire", "news")
ITEMS = 6_000

_POLICY = """
id: bench_{number}
version: 1
title: {{en: Bench, fr: Banc, de: Bank}}
description: A policy of the benchmark.
terms: {{clause: "{number}", title: {{en: Clause, fr: Clause, de: Klausel}}}}
limits: {{high: {high}, sure: {sure}, young: 30}}
when:
{clauses}
action: limit
"""
_SHAPES = (
    (
        "score: score.{label} >= limit.high",
        "not_quoting: \"!('quotation' in marks)\"",
        "not_satire: \"!('satire' in marks)\"",
    ),
    (
        "score: score.{label} >= limit.high && item.language == 'fr'",
        "not_reporting: \"!('court_report' in marks || 'news' in marks)\"",
        "young: item.account_age_days < limit.young",
    ),
    (
        "either: score.{label} >= limit.sure || (score.hate >= limit.high && item.strikes > 2)",
        "not_quoting: \"!('quotation' in marks)\"",
        "not_refuting: \"!('refutation' in marks)\"",
    ),
    (
        "known: \"'terrorist:exact' in matched || 'terrorist:agreed' in matched\"",
        "public: item.visibility == 'public'",
        "links: item.links >= 0",
    ),
)


def policies() -> list[ActivePolicy]:
    """Return twenty live policies."""
    active = []
    for number in range(20):
        shape = _SHAPES[number % len(_SHAPES)]
        clauses = "\n".join("  " + line.format(label=LABELS[number % 5]) for line in shape)
        text = _POLICY.format(number=number, high=0.97, sure=0.99, clauses=clauses)
        active.append(ActivePolicy(load_policy(text, f"bench_{number}.yaml"), PolicyState.LIVE))
    return active


def items(count: int = ITEMS, seed: int = 1) -> list[tuple[Prepared, list[Signal]]]:
    """Return different items with the signals that detectors would report."""
    rng = random.Random(seed)
    made = []
    for number in range(count):
        marks = tuple(mark for mark in MARKS if rng.random() < 0.02)
        signals = [
            Signal(detector="text.linear", version="1", label=label, value=rng.random() ** 8)
            for label in LABELS
        ]
        if marks or rng.random() < 0.05:
            signals.append(
                Signal(detector="lexicon", version="1", label="context", value=1.0, marks=marks)
            )
        author = Author(id=f"a{number}", account_age_days=rng.randrange(2000), strikes=number % 4)
        item = Item(id=f"p{number}", surface=Surface.POST, author=author, text="...")
        language = rng.choice(("en", "fr", "de"))
        made.append((Prepared(Subject(item), language=language), signals))
    return made


def measure() -> list[Figure]:
    """Return how many items a second the policies judge, with and without their facts."""
    compiled = PolicySet(policies(), LABELS)
    prepared = items()
    facts: list[Facts] = [facts_of(one, signals) for one, signals in prepared]
    fired = [hits for one in facts if (hits := compiled.evaluate(one))]
    share = len(fired) / len(facts)
    if not 0.01 <= share <= 0.05 or not all(hit.reasons for hits in fired for hit in hits):
        raise SystemExit(f"the workload is wrong: {share:.1%} of the items fire")

    def alone() -> int:
        return len([compiled.evaluate(one) for one in facts])

    def both() -> int:
        return len([compiled.evaluate(facts_of(one, signals)) for one, signals in prepared])

    return [
        Figure("share of items that fire one of 20 policies", share * 100, "%"),
        Figure("policies alone, variables in, verdicts out", rate(alone, 5), "/CPU s", TARGET),
        Figure("the same with the variables made", rate(both, 5), "/CPU s"),
    ]
