# SPDX-License-Identifier: Apache-2.0
"""Lists of the operator's own: published, found by a door, retired."""

from __future__ import annotations

import re

import pytest
import yaml

from tests.support.tree import ROOT
from vigie.core.errors import ConflictError, InvalidInputError, NotFoundError
from vigie.core.item import Author, Item, Subject, Surface
from vigie.flow import policies
from vigie.flow.lists import lists_in_force, publish_list, retire_list
from vigie.flow.snapshots import publish_snapshot
from vigie.screening.judge import judge
from vigie.screening.snapshot import load
from vigie.store.models import Record

PAGE = (ROOT / "docs/reference/lists.md").read_text(encoding="utf-8")
WORDS, LINKS = (yaml.safe_load(one) for one in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL))
POLICY = """
id: advertising
version: 1
title: {en: A, fr: A, de: A}
description: Advertising that nobody asked for.
terms: {clause: "4", title: {en: T, fr: T, de: T}}
limits: {sure: 0.5}
when: {score: score.unasked_advertising >= limit.sure}
action: limit
tests: [{name: fires, given: {score.unasked_advertising: 0.9}, expect: fires}]
"""


@pytest.fixture
def first(house):
    policies.publish_starter_set(house, "vigie init")
    publish_snapshot(house)
    return house


def found(house, text, *links):
    publish_snapshot(house)
    item = Item(id="p", surface=Surface.POST, author=Author(id="a"), text=text, links=list(links))
    names = iter(["w1-1-0000000000"])
    [made] = judge([Subject(item)], load(house.settings.snapshots_dir), 0, names)
    return {(s.detector, s.label, s.value) for s in made.signals if s.label == LINKS["label"]}


def test_the_lists_of_the_reference_page_are_found_by_a_door(first):
    assert found(first, "Buy now: a gift, free for you.", "https://www.shop.example/x") == set()
    publish_list(first, WORDS, "c.vidal")
    publish_list(first, LINKS, "c.vidal")
    assert [row.name for row in lists_in_force()] == ["shop-words", "shops"]
    assert found(first, "Buy now: a gift, free for you.", "https://www.shop.example/x") == {
        ("lexicon", "unasked_advertising", 0.9),
        ("link", "unasked_advertising", 1.0),
    }
    assert Record.objects.filter(kind="list.published").count() == 2


def test_the_newest_version_counts(first):
    publish_list(first, LINKS, "c.vidal")
    row = publish_list(first, {**LINKS, "domains": ["other.example"]}, "c.vidal")
    assert (row.version, len(lists_in_force())) == (2, 1)
    assert found(first, "x", "https://shop.example") == set()
    assert found(first, "x", "https://other.example") != set()


def test_a_list_that_a_policy_reads_is_not_retired_under_it(first):
    publish_list(first, WORDS, "c.vidal")
    policies.publish_policy(first, POLICY, "c.vidal", state="shadow")
    with pytest.raises(ConflictError, match="advertising") as refused:
        retire_list(first, "shop-words", "c.vidal")
    assert refused.value.code == "list_in_use"
    assert [row.name for row in lists_in_force()] == ["shop-words"]
    policies.retire_policy(first, "advertising", "c.vidal")
    retire_list(first, "shop-words", "c.vidal")
    assert lists_in_force() == []
    assert found(first, "Buy now.") == set()
    with pytest.raises(NotFoundError):
        retire_list(first, "shop-words", "c.vidal")


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ([], None),
        ({**LINKS, "domains": "shop.example"}, "domains"),
        ({**LINKS, "domains": ["nonsense"]}, "domains"),
        ({**LINKS, "more": 1}, "more"),
        ({**LINKS, "label": "No-Name"}, "label"),
        ({"list": "x", "domains": ["a.example"]}, "label"),
        ({**WORDS, "weight": 7}, "weight"),
        ({**WORDS, "label": "a-b"}, "label"),
        ({**WORDS, "mark": "quotation"}, "label"),
    ],
)
def test_what_is_no_list_is_refused_by_its_field(first, document, field):
    with pytest.raises(InvalidInputError) as refused:
        publish_list(first, document, "c.vidal")
    assert refused.value.field == field
    assert lists_in_force() == []


def test_names_of_shipped_lists_and_of_the_other_kind_are_taken(first):
    with pytest.raises(ConflictError):
        publish_list(first, {**WORDS, "list": "refutation-en"}, "c.vidal")
    publish_list(first, {**WORDS, "list": "shops"}, "c.vidal")
    with pytest.raises(ConflictError):
        publish_list(first, LINKS, "c.vidal")
