# SPDX-License-Identifier: Apache-2.0
"""The table of fields: every example works, names are the policies' own."""

from __future__ import annotations

import pytest

from vigie.flow.search import parse, write
from vigie.flow.search.fields import BY_NAME, FIELDS, NAMES, SCORE, find
from vigie.flow.search.nodes import KEYWORDS, Term
from vigie.screening.policy.variables import ITEM, LISTS


@pytest.mark.parametrize("field", [*FIELDS, SCORE], ids=lambda field: field.name)
def test_every_example_is_read_and_is_about_its_field(field):
    node = parse(field.example)
    assert write(node) == field.example
    assert isinstance(node, Term)
    assert find(node.field) is field


def test_what_a_policy_reads_has_the_same_name_here():
    assert {f"item.{name}" for name in ITEM} <= set(BY_NAME)
    assert set(LISTS) <= set(BY_NAME)


def test_fields_stand_in_the_order_of_their_names_once_and_are_no_keywords():
    names = [field.name for field in FIELDS]
    assert names == sorted(set(names))
    assert not KEYWORDS & set(NAMES)


def test_a_field_stands_in_one_place_at_most():
    for field in (*FIELDS, SCORE):
        assert sum(map(bool, (field.column, field.tag or field.case, field.via))) <= 1
