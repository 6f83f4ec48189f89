# SPDX-License-Identifier: Apache-2.0
"""The pages about policies say what the program does."""

from __future__ import annotations

import re

import pytest

from tests.support.tree import ROOT
from vigie.core.item import Surface
from vigie.screening.policy import (
    FailMode,
    Policy,
    PolicyError,
    PolicyState,
    load_policy,
    run_tests,
    shipped_policies,
)
from vigie.screening.policy.variables import ITEM, LISTS

REFERENCE = (ROOT / "docs/reference/policy.md").read_text(encoding="utf-8")
HOW_TO = (ROOT / "docs/how-to/write-a-policy.md").read_text(encoding="utf-8")


def test_the_example_works_and_its_tests_pass():
    (text,) = re.findall(r"```yaml\n(.*?)```", HOW_TO, re.DOTALL)
    results = run_tests(load_policy(text, "hateful_ads.yaml"))
    assert len(results) == 5
    assert all(result.passed for result in results)


def test_every_field_and_word_of_a_policy_is_described():
    written = set(Policy.__struct_fields__) - {"file", "fields"}
    words = {*written, *FailMode, *PolicyState, *Surface, "withhold", "remove", "label", "limit"}
    assert {word for word in words if not re.search(rf"[` ]{word}[` ]", REFERENCE)} == set()


def test_every_variable_is_described():
    names = {f"item.{name}" for name in ITEM} | set(LISTS) | {"score.<label>", "limit.<name>"}
    assert {name for name in names if f"| `{name}` |" not in REFERENCE} == set()


def test_the_starter_set_stands_with_its_states():
    for name, text in shipped_policies().items():
        policy = load_policy(text, name)
        assert f"| `{policy.id}` | {policy.state} |" in REFERENCE
        row = next(line for line in REFERENCE.split("\n") if f"| `{policy.id}` |" in line)
        assert row.endswith(f"| {policy.action} |")


def test_the_error_on_the_page_is_the_error_one_gets():
    text = shipped_policies()["denial.yaml"].replace("limit.denial", "limit.denail", 1)
    with pytest.raises(PolicyError) as caught:
        load_policy(text, "denial.yaml")
    assert f"    {caught.value.message}\n" in REFERENCE
