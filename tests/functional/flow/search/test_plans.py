# SPDX-License-Identifier: Apache-2.0
"""How the store answers: by an index, never by reading every decision with its body.

SQLite keeps no counts of values, so that its plan for few decisions is the one
for many. PostgreSQL reads small tables whole; without that way open, its plan
shows whether an index can answer.
"""

from __future__ import annotations

import re

import pytest
from django.db import connection

from tests.support import found
from tests.support.found import NOW
from vigie.flow.search import Target, index, narrow, parse, query, to_query
from vigie.store.models import Record

WHOLE = re.compile(r"\bSCAN (\w+)(?: AS \w+)?$|Seq Scan on (store_\w+)", re.MULTILINE)
"""A table that is read from end to end."""
COMMON = [
    "",
    "at >= -1d",
    "at < 2026-10-26",
    "author = 0000000000000000000000000000001f",
    "author ~ 0000000000000000000000000000001f",
    "category = hate",
    "decision = D-17",
    "decision.by = person",
    "decision.outcome = withhold",
    "decision.outcome in (withhold, remove)",
    "decision.replaced = no",
    "hash ~ 00",
    "item = p-17-17",
    "item ~ p-9",
    "item.language = el",
    "item.service = agora",
    "item.surface = ad",
    "kind = notice",
    "marks = quotation",
    "matched ~ bank:",
    "offence ~ fr_",
    "policy = denial",
    "policy = rare_policy",
    "policy = denial and policy = spam",
    "policy = rare_policy or marks = quotation",
    "not policy = denial",
    "queue = general and state = open",
    "score.denial >= 0.9",
    "state = open and due < +1h",
    "territory = FR",
]
LEADS = ["policy = rare_policy", "item = p-17-17", "decision = D-17", "at < 2026-10-26"]
"""Rare: taken from an index, not looked for from the newest on."""


@pytest.fixture(scope="module")
def made():
    """Made once: they are only read."""
    return found.many(1_000)


@pytest.fixture
def filled(house, made, monkeypatch):
    """Decisions of a month; what is rare is rare among them too."""
    found.keep(made)
    while index.tag(house):
        pass
    monkeypatch.setattr(narrow, "FEW", dict.fromkeys(narrow.FEW, 100))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
    return house


def _plan(text, target):
    found = to_query(parse(text), target, NOW).values_list("number", flat=True)
    return str(found[: query.PAGE + 1].explain())


@pytest.mark.parametrize("target", [Target.DECISIONS, Target.ITEMS, Target.AUTHORS])
def test_no_search_reads_a_table_from_end_to_end(filled, target):
    plans = {text: _plan(text, target) for text in COMMON}
    assert {text: WHOLE.findall(plan) for text, plan in plans.items() if WHOLE.search(plan)} == {}


def test_what_is_walked_is_the_narrow_index(filled):
    words = {
        "sqlite": "SCAN store_decisionrecord USING COVERING INDEX decision_search",
        "postgresql": "Index",
    }
    assert words[connection.vendor] in _plan("policy = denial", Target.DECISIONS)


@pytest.mark.parametrize("text", LEADS)
def test_what_is_rare_is_taken_from_an_index(filled, text):
    plan = _plan(text, Target.DECISIONS)
    assert "SCAN store_decisionrecord" not in plan
    assert to_query(parse(text), Target.DECISIONS, NOW).exists()


def test_a_table_that_is_read_whole_would_be_seen(filled):
    rows = Record.objects.filter(content=b"x")
    assert WHOLE.search(str(rows.explain())) or connection.vendor == "postgresql"
