# SPDX-License-Identifier: Apache-2.0
"""Receipts: one signature for an answer, each opening with its path."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.ledger import NOW, ORIGIN, entry, seed
from vigie.ledger import note, receipt, tree
from vigie.ledger.verify.errors import LedgerError, MalformedError

SIGNER = receipt.ReceiptSigner(ORIGIN, seed("receipt key"))


@pytest.mark.parametrize("count", [1, 2, 3, 5, 8, 100, 257])
def test_every_entry_of_an_answer_is_covered(count):
    entries = [entry(n) for n in range(count)]
    text, paths = SIGNER.sign(entries, NOW, NOW + 86_400_000)
    parsed = note.parse_note(text)
    note.open_note(parsed, [note.Verifier(SIGNER.vkey)])
    found = receipt.parse_receipt(parsed.text)
    assert (found.time, found.not_after, found.total) == (NOW, NOW + 86_400_000, count)
    for index, path in enumerate(paths):
        hashes = [base64.b64decode(value) for value in path]
        tree.verify_inclusion(index, count, tree.hash_leaf(entries[index]), hashes, found.root)


def test_the_text_has_the_promised_lines():
    text, _ = SIGNER.sign([entry(1)], 5, 9)
    root = base64.b64encode(tree.hash_leaf(entry(1))).decode()
    assert text.split("\n\n")[0] == (
        f"{ORIGIN}/receipt\nvigie-receipt/v1\ntime 5\nnot-after 9\ncount 1\nroot {root}"
    )


@given(
    st.integers(0, 2**53),
    st.integers(0, 2**40),
    st.integers(1, 10**6),
    st.binary(min_size=32, max_size=32),
)
def test_receipts_are_read_back(time, term, total, root):
    made = receipt.Receipt(ORIGIN, time, time + term, total, root)
    assert receipt.parse_receipt(made.text()) == made


@given(st.data())
def test_a_changed_line_is_another_receipt_or_refused(data):
    text = receipt.Receipt(ORIGIN, 5, 9, 1, seed("root")).text()
    at = data.draw(st.integers(0, len(text) - 1))
    changed = text[:at] + data.draw(st.characters(codec="utf-8")) + text[at + 1 :]
    try:
        assert (receipt.parse_receipt(changed).text() == text) == (changed == text)
    except LedgerError:
        assert changed != text


@pytest.mark.parametrize(("entries", "time", "end"), [([], 1, 2), ([entry(1)], 2, 1)])
def test_a_receipt_of_nothing_is_not_made(entries, time, end):
    with pytest.raises(MalformedError):
        SIGNER.sign(entries, time, end)


def test_only_entries_are_promised():
    with pytest.raises(MalformedError):
        SIGNER.sign([b"not an entry"], 1, 2)


def test_key_files_are_read_back_and_refuse_other_keys():
    data = receipt.format_receipt_keys([SIGNER.vkey]).encode()
    keys = receipt.parse_receipt_keys(b"# keys\n\n" + data)
    assert [key.vkey() for key in keys] == [SIGNER.vkey]
    log_key = note.Signer(ORIGIN, seed("log key")).vkey
    for wrong in (log_key.encode(), b"\xff", b"nothing"):
        with pytest.raises(LedgerError):
            receipt.parse_receipt_keys(wrong)


def test_an_opening_has_the_shape_of_the_door():
    made = receipt.opening("w1-a-00", {"v": 1}, seed("salt"), 0, [])
    assert list(made) == ["decision_id", "record", "salt", "index", "path"]
    assert made["salt"] == seed("salt").hex()
