# SPDX-License-Identifier: Apache-2.0
"""Canonical JSON: the same bytes as two other writers, and strict reading."""

from __future__ import annotations

from contextlib import suppress

import msgspec
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from vigie.ledger.verify.canonical import MAX_INTEGER, canonical_json, parse_json
from vigie.ledger.verify.errors import LedgerError, MalformedError

WHOLE = st.integers(-MAX_INTEGER, MAX_INTEGER)
TEXT = st.text(st.characters(codec="utf-8"))
ASCII = st.text(st.characters(codec="ascii"))


def _values(names):
    leaves = st.none() | st.booleans() | WHOLE | TEXT
    return st.recursive(
        leaves, lambda inner: st.lists(inner) | st.dictionaries(names, inner), max_leaves=20
    )


@given(_values(TEXT))
def test_the_bytes_are_those_of_the_rfc8785_package(value):
    assert canonical_json(value) == rfc8785.dumps(value)
    assert parse_json(canonical_json(value)) == value


@given(_values(ASCII))
def test_records_have_the_bytes_that_the_hot_path_makes(value):
    assert canonical_json(value) == msgspec.json.encode(value, order="sorted")


def test_names_are_sorted_by_utf16_units():
    names = {"\ufb33": 1, "\U0001f600": 2, "\u20ac": 3, "\r": 4, "1": 5}
    assert canonical_json(names) == rfc8785.dumps(names)
    assert list(parse_json(canonical_json(names))) == ["\r", "1", "\u20ac", "\U0001f600", "\ufb33"]


@pytest.mark.parametrize(
    "value", [1.5, float("nan"), 2**53, -(2**53), b"x", {1: 2}, "\ud800", {"a": object()}]
)
def test_what_no_record_holds_is_refused(value):
    with pytest.raises(MalformedError):
        canonical_json(value)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"\xff",
        b"\xef\xbb\xbf1",
        b"1.0",
        b"1e3",
        b"NaN",
        b"-Infinity",
        b'{"a":1,"a":2}',
        b"9007199254740992",
        b"1" * 5000,
        b"[" * 100_000,
        b'{"a":' * 100_000,
    ],
)
def test_json_with_two_meanings_is_refused(data):
    with pytest.raises(MalformedError):
        parse_json(data)


def test_deep_values_are_refused():
    value: list[object] = []
    for _ in range(100_000):
        value = [value]
    with pytest.raises(MalformedError):
        canonical_json(value)


@given(st.binary(max_size=100))
def test_any_bytes_are_json_or_a_ledger_error(data):
    with suppress(LedgerError):
        parse_json(data)
