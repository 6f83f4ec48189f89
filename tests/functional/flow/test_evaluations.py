# SPDX-License-Identifier: Apache-2.0
"""Rule (d) asks for a measurement; what is on file is what the sample shows, no more."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from vigie.core.errors import InvalidInputError, NotFoundError
from vigie.flow import policies
from vigie.flow.evaluations import lower_bound, record_evaluation
from vigie.flow.snapshot_parts import build
from vigie.screening.snapshot import Operator
from vigie.store.models import Evaluation, Record, SnapshotPart

CIVILITY = """
id: civility
version: 1
title: {{en: A, fr: A, de: A}}
description: {words}
terms: {{clause: "1", title: {{en: T, fr: T, de: T}}}}
limits: {{some: 0.5}}
when: {{score: score.hate >= limit.some}}
action: label
tests: [{{name: fires, given: {{score.hate: 0.9}}, expect: fires}}]
"""


@pytest.fixture
def published(house):
    policies.publish_policy(house, CIVILITY.format(words="One."), "admin", state="shadow")
    return house


def on_file(house) -> float | None:
    operator = msgspec.json.decode(build(SnapshotPart.OPERATOR, house), type=Operator)
    return operator.precision("civility", "fr")


def measure(house, **given):
    asked: dict[str, Any] = {"sample": 400, "correct": 398, "by": "m.roth"} | given
    return record_evaluation(house, "civility", asked.pop("language", "fr"), **asked)


@pytest.mark.parametrize(
    ("correct", "sample", "expected"),
    # Published tables of the exact two-sided 95 % interval.
    [(10, 10, 0.6915), (5, 10, 0.1871), (0, 10, 0.0), (95, 100, 0.8872), (100, 100, 0.9638)],
)
def test_the_lower_bound_is_the_exact_one(correct, sample, expected):
    assert lower_bound(correct, sample) == pytest.approx(expected, abs=1e-4)


def test_no_error_in_183_is_enough_and_in_182_is_not():
    assert lower_bound(183, 183) >= 0.98 > lower_bound(182, 182)


def test_the_largest_sample_is_counted():
    assert lower_bound(99_000, 100_000) == pytest.approx(0.98936, abs=1e-4)


def test_a_measurement_stands_in_the_log_and_in_the_next_snapshot(published):
    row = measure(published)
    assert row.precision_low == 982_055
    assert on_file(published) == 0.982055
    record = Record.objects.get(kind="policy.evaluated")
    assert b'"precision_low":982055' in record.canonical
    assert b"m.roth" not in record.canonical


def test_a_bound_of_another_kind_of_sample_may_be_lower_and_never_above_the_counts(published):
    assert measure(published, low=0.985).precision_low == 985_000
    with pytest.raises(InvalidInputError) as refused:
        measure(published, low=0.996)
    assert (refused.value.code, refused.value.field) == ("bad_bound", "precision_low")
    assert Evaluation.objects.count() == 1


@pytest.mark.parametrize(
    "given",
    [
        {"sample": 0, "correct": 0},
        {"correct": 401},
        {"correct": -1},
        {"sample": 10**9, "correct": 10**9},
        {"language": "French"},
        {"low": -0.1},
        {"low": float("nan")},
    ],
)
def test_what_cannot_be_is_not_put_on_file(published, given):
    with pytest.raises(InvalidInputError) as refused:
        measure(published, **given)
    assert refused.value.fix
    assert not Evaluation.objects.exists()


def test_a_policy_that_is_not_in_force_is_not_measured(house):
    with pytest.raises(NotFoundError):
        measure(house)


def test_a_measurement_holds_for_the_text_that_was_measured(published):
    measure(published)
    policies.publish_policy(published, CIVILITY.format(words="One."), "admin", state="live")
    assert on_file(published) is not None
    policies.publish_policy(published, CIVILITY.format(words="Other."), "admin", state="live")
    assert on_file(published) is None
