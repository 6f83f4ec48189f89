# SPDX-License-Identifier: Apache-2.0
"""Entries hide and bind: another record, salt or path gives another value."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.ledger import seed
from vigie.ledger import entry
from vigie.ledger.verify.errors import MalformedError

KEYS = st.binary(min_size=32, max_size=32)


@given(st.binary(), KEYS)
def test_an_entry_is_33_bytes_after_the_formula(record, salt):
    inner = hashlib.sha256(record).digest()
    outer = hashlib.sha256(b"vigie/entry/v1\n" + salt + inner).digest()
    assert entry.make_entry(record, salt) == b"\x01" + outer
    entry.check_entry(entry.make_entry(record, salt))


@given(st.binary(), KEYS, KEYS)
def test_another_salt_gives_another_entry(record, one, two):
    same = entry.make_entry(record, one) == entry.make_entry(record, two)
    assert same == (one == two)


def test_salts_follow_from_key_and_path():
    key = seed("key")
    expected = hmac.new(key, b"vigie/salt/v1\naccount", "sha256").digest()
    assert entry.record_salt(key, "account") == expected
    assert entry.record_salt(key) == hmac.new(key, b"vigie/salt/v1\n", "sha256").digest()
    expected = hmac.new(key, b"vigie/salt/v1\nw1-a-00", "sha256").digest()
    assert entry.decision_salt(key, "w1-a-00") == expected


@pytest.mark.parametrize("path", ["A", "a b", "a/b", "é", "a\n"])
def test_a_field_has_no_such_path(path):
    with pytest.raises(MalformedError):
        entry.record_salt(seed("key"), path)
    with pytest.raises(MalformedError):
        entry.field_commitment(path, seed("salt"), b'"x"')


@pytest.mark.parametrize("short", [b"", b"x" * 31, b"x" * 33])
def test_keys_and_salts_have_32_bytes(short):
    for make in (
        lambda: entry.record_salt(short),
        lambda: entry.decision_salt(short, "w1-a-00"),
        lambda: entry.make_entry(b"{}", short),
        lambda: entry.field_commitment("a", short, b"1"),
    ):
        with pytest.raises(MalformedError):
            make()


def test_a_decision_salt_needs_an_id():
    with pytest.raises(MalformedError):
        entry.decision_salt(seed("key"), "")


@pytest.mark.parametrize("data", [b"", b"\x01" * 32, b"\x02" + b"x" * 32])
def test_other_bytes_are_no_entry(data):
    with pytest.raises(MalformedError):
        entry.check_entry(data)
