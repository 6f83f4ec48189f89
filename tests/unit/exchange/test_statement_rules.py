# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

from tests.support.tree import ROOT
from vigie.exchange.statement_rules import RULES, accepted, day_of, validate

FOLDER = ROOT / "tests/vectors/dsa"
EXAMPLES = json.loads((FOLDER / "sor_examples.json").read_text(encoding="utf-8"))
VALID, INVALID = EXAMPLES["valid"], EXAMPLES["invalid"]
SCHEMA = Draft202012Validator(
    json.loads((FOLDER / "sor_statement.schema.json").read_text(encoding="utf-8")),
    format_checker=FormatChecker(),
)


def fields(record) -> list[str]:
    return [problem.field for problem in validate(record)]


def test_the_examples_are_all_there():
    assert (len(VALID), len(INVALID)) == (12, 36)


@pytest.mark.parametrize("example", VALID, ids=lambda example: example["id"])
def test_what_the_database_accepts_is_accepted(example):
    assert validate(example["payload"]) == []


@pytest.mark.parametrize("example", INVALID, ids=lambda example: example["id"])
def test_what_the_database_refuses_is_refused_on_the_same_fields(example):
    assert fields(example["payload"]) == example["expected_error_fields"]
    assert SCHEMA.is_valid(example["payload"]) is not example["caught_by_json_schema"]


JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.just(""),
    st.just([]),
    st.just({}),
    st.text(max_size=8).filter(lambda text: not text.endswith("\n")),
    st.lists(st.sampled_from(["FR", "XX", "KEYWORD_OTHER", "CONTENT_TYPE_OTHER"]), max_size=3),
    st.just("x" * 501),
    st.just("x" * 2001),
    st.just("x" * 5001),
    st.just("2026-02-30"),
    st.just("https://agora.example/terms"),
    st.just({"EAN-13": "1234567890123"}),
    st.just({"EAN-13": 5}),
    *(st.sampled_from(sorted(accepted(rule.values))) for rule in RULES.values() if rule.values),
)


@settings(max_examples=600)
@given(
    st.sampled_from(VALID),
    st.lists(
        st.tuples(st.sampled_from([*RULES, "unknown"]), st.one_of(JUNK, st.just("<drop>"))),
        max_size=3,
    ),
)
def test_our_rules_and_the_schema_agree_on_changed_records(example, changes):
    record = dict(example["payload"])
    for name, value in changes:
        if value == "<drop>":
            record.pop(name, None)
        else:
            record[name] = value
    found = validate(record)
    beyond = {problem.code for problem in found} <= {"range"}
    assert SCHEMA.is_valid(record) == beyond, found


@given(st.dates())
def test_days_are_accepted_within_the_ranges(day):
    record = dict(VALID[0]["payload"], content_date=day.isoformat())
    within = date(2000, 1, 1) <= day <= date(2038, 1, 1)
    assert (fields(record) == []) is within


@pytest.mark.parametrize(
    "text", ["2026-2-01", "20260201", "2026-02-01\n", "２０２６-02-01", None, 5]
)
def test_a_day_is_written_one_way_only(text):
    assert day_of(text) is None
