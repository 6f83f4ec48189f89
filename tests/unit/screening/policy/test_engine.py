# SPDX-License-Identifier: Apache-2.0
"""What the condition engine does to us, and what one module keeps of it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from cel_expr_python import cel

import vigie
from vigie.screening.policy.engine import ConditionError, Environment
from vigie.screening.policy.variables import NEUTRAL, Kind, catalogue

KINDS = catalogue(("hate",))
VALUES = {name: NEUTRAL[kind] for name, kind in KINDS.items()} | {"score_hate": 0.9}


@pytest.fixture(scope="module")
def environment() -> Environment:
    return Environment(KINDS)


def test_only_one_module_imports_the_engine():
    root = Path(vigie.__file__).parent
    importers = [
        path.relative_to(root).as_posix()
        for path in root.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom | ast.Import) and "cel_expr_python" in ast.unparse(node)
    ]
    assert importers == ["screening/policy/engine.py"]


def test_the_trap_is_real_an_error_is_a_text_whose_characters_are_true():
    """Control: read naively, one failing condition would fire every policy."""
    bare = cel.NewEnv(variables={"n": cel.Type.INT})
    naive = bare.compile("[false, 1 / n > 0, false]").eval(data={"n": 0}).plain_value()
    assert isinstance(naive, str)
    assert all(naive)


def test_one_failing_condition_leaves_the_list_without_an_answer(environment):
    together = environment.together(["false", "1 / item_media > 0", "true"])
    assert together.evaluate(VALUES | {"item_media": 0}) is None
    assert together.evaluate(VALUES | {"item_media": 1}) == [False, True, True]


def test_a_condition_alone_raises_where_it_has_no_answer(environment):
    condition = environment.condition("1 / item_media > 0")
    assert condition.evaluate(VALUES | {"item_media": 1}) is True
    with pytest.raises(ConditionError, match="division by zero"):
        condition.evaluate(VALUES | {"item_media": 0})


@pytest.mark.parametrize(
    "bad",
    [
        {"item_language": "\ud800"},
        {"item_strikes": 2**70},
        {"item_strikes": "2"},
        {"score_hate": "high"},
        {"marks": ["\udfff"]},
        {"marks": ("a",)},
        {"marks": None},
    ],
)
def test_values_that_the_engine_cannot_read_raise_nothing_else(environment, bad):
    text = "item_language == '' && item_strikes < 0 && score_hate > 0.5 && !('a' in marks)"
    assert environment.condition(text).evaluate(VALUES) is True
    assert environment.together([text]).evaluate(VALUES | bad) is None
    with pytest.raises(ConditionError):
        environment.condition(text).evaluate(VALUES | bad)


@pytest.mark.parametrize(
    ("text", "message", "offset"),
    [
        ("item_language == 1", "`==` cannot take (string, int)", 14),
        ("'a' > 1", "`>` cannot take (string, int)", 4),
        ("marks > 1", "cannot take (list(string), int)", 6),
        ("'é😀' == item_language && nope", "unknown name `nope`", 25),
        ("true &&\n nope", "unknown name `nope`", 9),
        ("score_hate", "a condition must be true or false", 0),
        ("[1, 'a'][0]", "a condition must be true or false", 0),
        ("true &&", "Syntax error", 7),
        ("", "Syntax error", 0),
        ("'abc", "Syntax error", 0),
        ("(" * 990 + "true" + ")" * 990, "cannot read", 0),
        ("item_language == '\ud800'", "cannot read", 0),
    ],
)
def test_a_wrong_condition_is_refused_with_its_place(environment, text, message, offset):
    with pytest.raises(ConditionError) as caught:
        environment.condition(text)
    assert message in caught.value.message
    assert caught.value.offset == offset


def test_endless_loops_have_a_budget(environment):
    bomb = "true"
    for name in "abcdefgh":
        bomb = f"[1,2,3,4,5,6,7,8,9,10].all({name}, {bomb})"
    with pytest.raises(ConditionError):
        environment.condition(bomb).evaluate(VALUES)


def test_a_run_time_error_repeats_no_value(environment):
    with pytest.raises(ConditionError) as caught:
        environment.condition("int(item_language) > 0").evaluate(VALUES | {"item_language": "xyz"})
    assert "xyz" not in caught.value.message


def test_more_conditions_than_the_engine_takes_at_once_are_split(environment):
    texts = [f"score_hate > {number}.0 / 3000.0 // {'x' * 20}\n" for number in range(3000)]
    answers = environment.together(texts).evaluate(VALUES)
    assert answers == [number / 3000 < 0.9 for number in range(3000)]
    failing = [*texts, "1 / item_media > 0"]
    assert environment.together(failing).evaluate(VALUES | {"item_media": 0}) is None


@pytest.mark.parametrize(("pattern", "good"), [("'a+'", True), ("'['", False), ("'(?=a)'", False)])
def test_a_pattern_is_tried_before_it_is_used(environment, pattern, good):
    assert environment.accepts_pattern(pattern) is good


def test_every_kind_of_variable_has_a_neutral_value():
    kinds = {"d": Kind.DOUBLE, "i": Kind.INT, "s": Kind.STRING, "l": Kind.STRINGS}
    assert set(kinds.values()) == set(Kind)
    values = {name: NEUTRAL[kind] for name, kind in kinds.items()}
    text = "d == 0.0 && i == -1 && s == '' && size(l) == 0"
    assert Environment(kinds).condition(text).evaluate(values) is True
