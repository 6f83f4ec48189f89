# SPDX-License-Identifier: Apache-2.0
"""Two engines agree on 200 conditions whose results were worked out by hand."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import celpy
import pytest
import yaml
from celpy import celtypes
from celpy.celparser import CELParseError
from celpy.evaluation import CELEvalError

from vigie.screening.policy.engine import ConditionError, Environment
from vigie.screening.policy.rewrite import rewrite
from vigie.screening.policy.variables import catalogue

Expected = bool | str


@cache
def document() -> dict[str, Any]:
    text = Path(__file__).with_name("conditions.yaml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text))


def cases(name: str) -> list[tuple[str, Expected]]:
    return [(condition, expected) for condition, expected in document()[name]]


def by_engine(condition: str) -> Expected:
    """Ask the engine in use, by the road that a policy takes."""
    facts = document()["facts"]
    labels = tuple(facts["score"])
    values = {f"score_{label}": value for label, value in facts["score"].items()}
    values |= {f"item_{name}": value for name, value in facts["item"].items()}
    values |= {"marks": facts["marks"], "matched": facts["matched"]}
    flat = rewrite(condition, facts["limit"], labels)
    try:
        compiled = Environment(catalogue(labels)).condition(flat.text)
    except ConditionError:
        return "syntax"
    try:
        return compiled.evaluate(values)
    except ConditionError:
        return "error"


def cel(value: Any) -> Any:
    """Return a value in cel-python's own types."""
    if isinstance(value, dict):
        return celtypes.MapType({celtypes.StringType(k): cel(v) for k, v in value.items()})
    if isinstance(value, list):
        return celtypes.ListType([cel(element) for element in value])
    kinds = {str: celtypes.StringType, int: celtypes.IntType, float: celtypes.DoubleType}
    return kinds[type(value)](value)


def by_reference(condition: str) -> Expected:
    """Ask cel-python, with the condition as written and nested values."""
    facts = document()["facts"]
    limits = {name: float(value) for name, value in facts["limit"].items()}
    environment = celpy.Environment()
    try:
        program = environment.program(environment.compile(condition))
    except CELParseError:
        return "syntax"
    try:
        return bool(
            program.evaluate({name: cel(v) for name, v in facts.items()} | {"limit": cel(limits)})
        )
    except CELEvalError:
        return "error"


def test_there_are_at_least_200_different_conditions():
    conditions = [condition for condition, _ in cases("conditions")]
    assert len(set(conditions)) == len(conditions) >= 200


@pytest.mark.parametrize(("condition", "expected"), cases("conditions"))
def test_the_engine_in_use_gives_the_expected_result(condition, expected):
    assert by_engine(condition) == expected


@pytest.mark.parametrize(("condition", "expected"), cases("conditions"))
def test_cel_python_gives_the_expected_result(condition, expected):
    assert by_reference(condition) == expected


@pytest.mark.parametrize(("condition", "expected"), cases("engine_only"))
def test_the_engine_in_use_compares_every_kind_of_number(condition, expected):
    assert by_engine(condition) == expected


def test_a_wrong_expectation_is_noticed():
    assert by_engine("score.denial >= limit.denial") != False  # noqa: E712 - the control
    assert by_reference("score.denial >= limit.denial") != "error"
