# SPDX-License-Identifier: Apache-2.0
"""Measurements of a policy on the operator's own labelled sample (rule d).

A live policy acts alone on a clause of the operator's terms only where the lower
95 % bound of its precision is at least 0.98 for the language of the item.
"""

from __future__ import annotations

import math
import re
from typing import Final

from vigie.core.errors import InvalidInputError, NotFoundError
from vigie.flow import records
from vigie.flow.house import House
from vigie.flow.snapshot_parts import mark_dirty
from vigie.flow.transaction import writing
from vigie.store.models import Evaluation, PolicyRecord, SnapshotPart

MAX_SAMPLE: Final = 100_000
TAIL: Final = 0.025
"""Share left out below: the lower end of the two-sided 95 % interval."""
MILLION: Final = 1_000_000
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}\Z")
_STEPS: Final = 40


def record_evaluation(
    house: House,
    policy_id: str,
    language: str,
    *,
    sample: int,
    correct: int,
    by: str,
    low: float | None = None,
) -> Evaluation:
    """Put a measurement of the version in force on file.

    Args:
        house: what verbs are given.
        policy_id: a policy in force.
        language: ISO 639-1 code of the sample's language.
        sample: labelled items on which the policy fired.
        correct: those of them on which it was right.
        by: who answers for the labels.
        low: lower 95 % bound of precision, where the sample was not a simple
            random one; without it the exact bound of the counts.

    Raises NotFoundError for a policy that is not in force, InvalidInputError
    for counts that cannot be and for a bound above what the counts show.
    """
    bound = _checked(language, sample, correct, low)
    now = house.now()
    with writing():
        record = PolicyRecord.objects.select_related("current").filter(policy_id=policy_id).first()
        if record is None or record.current is None:
            raise NotFoundError("This policy is not in force.", code="no_policy")
        plain = {
            "policy": policy_id,
            "version": record.current.version,
            "language": language,
            "sample": sample,
            "correct": correct,
            "precision_low": bound,
        }
        records.append_one(records.draft("policy.evaluated", now, plain, {"by": by}))
        mark_dirty(SnapshotPart.OPERATOR, now)
        return Evaluation.objects.create(
            policy=record,
            version=record.current.version,
            language=language,
            sample=sample,
            correct=correct,
            precision_low=bound,
            measured_at=now,
            measured_by=by,
        )


def lower_bound(correct: int, sample: int) -> float:
    """Return the exact lower 95 % bound of a share (Clopper and Pearson, 1934)."""
    if correct == 0:
        return 0.0
    below, above = 0.0, correct / sample
    for _ in range(_STEPS):
        middle = (below + above) / 2
        if _at_least(correct, sample, middle) > TAIL:
            above = middle
        else:
            below = middle
    return below


def _at_least(count: int, sample: int, share: float) -> float:
    """Return the probability of at least so many of a sample."""
    if share <= 0:
        return 0.0
    yes, no = math.log(share), math.log1p(-share)
    whole = math.lgamma(sample + 1)
    return math.fsum(
        math.exp(
            whole - math.lgamma(n + 1) - math.lgamma(sample - n + 1) + n * yes + (sample - n) * no
        )
        for n in range(count, sample + 1)
    )


def _checked(language: str, sample: int, correct: int, low: float | None) -> int:
    """Return the bound in millionths, rounded down."""
    if not _LANGUAGE.match(language):
        raise InvalidInputError(
            "This is no language.", code="bad_language", field="language", fix="Write fr or de."
        )
    if not 0 < sample <= MAX_SAMPLE or not 0 <= correct <= sample:
        raise InvalidInputError(
            "The counts of the sample cannot be.",
            code="bad_sample",
            field="sample",
            fix=f"Give 1 to {MAX_SAMPLE:,} labelled items, and how many of them were right.",
        )
    bound = lower_bound(correct, sample) if low is None else low
    if not 0 <= bound <= correct / sample:
        raise InvalidInputError(
            "The lower bound is above what the sample shows.",
            code="bad_bound",
            field="precision_low",
            fix=f"At most {correct / sample:.4f}; leave it out to have it computed.",
        )
    return math.floor(bound * MILLION)
