# SPDX-License-Identifier: Apache-2.0
"""Notes: round trips, and refusals that never surface as ValueError."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.ledger import seed
from vigie.ledger import note
from vigie.ledger.verify.errors import (
    AmbiguousKeyError,
    BadSignatureError,
    LedgerError,
    MalformedError,
    UnverifiedError,
)

NAMES = st.text(st.characters(codec="utf-8", exclude_characters="+"), min_size=1).filter(
    lambda name: not any(c.isspace() or ord(c) <= 0x20 for c in name)
)
TEXTS = st.text(st.characters(codec="utf-8", min_codepoint=0x20)).map(lambda text: text + "\n")
SIGNER = note.Signer("demo.invalid/log/1", seed("a"))
OTHER = note.Signer("demo.invalid/other", seed("b"))


@given(NAMES, st.binary(min_size=32, max_size=32), TEXTS)
def test_what_is_signed_is_read_back(name, secret, text):
    signer = note.Signer(name, secret)
    parsed = note.parse_note(note.sign(text, [signer]))
    assert parsed.text == text
    assert note.open_note(parsed, [note.Verifier(signer.vkey)])[0].key == signer.key


@given(st.binary(max_size=300))
def test_any_bytes_give_a_note_or_a_ledger_error(data):
    try:
        note.parse_note(data)
    except LedgerError:
        return


@given(st.text(max_size=120))
def test_any_text_gives_a_key_or_a_ledger_error(text):
    try:
        note.parse_vkey(text)
    except LedgerError:
        return


def test_a_text_with_blank_lines_is_split_at_the_last_one():
    text = "one\n\ntwo\n"
    assert note.parse_note(note.sign(text, [SIGNER])).text == text


def test_unknown_signatures_are_ignored_and_known_ones_count_once():
    signed = note.parse_note(note.sign("text\n", [OTHER, SIGNER, SIGNER]))
    opened = note.open_note(signed, [note.Verifier(SIGNER.vkey)])
    assert [one.key.name for one in opened] == [SIGNER.name]


def test_a_note_that_no_known_key_signed_is_refused():
    signed = note.parse_note(note.sign("text\n", [OTHER]))
    with pytest.raises(UnverifiedError):
        note.open_note(signed, [note.Verifier(SIGNER.vkey)])


def test_one_bad_signature_of_a_known_key_spoils_the_note():
    good = note.sign("text\n", [SIGNER])
    bad = note.sign("other text\n", [OTHER]).split("\n\n")[1]
    verifiers = [note.Verifier(SIGNER.vkey), note.Verifier(OTHER.vkey)]
    with pytest.raises(BadSignatureError):
        note.open_note(note.parse_note(good + bad), verifiers)


def test_two_keys_of_one_name_and_id_are_refused_when_used():
    verifiers = [note.Verifier(SIGNER.vkey), note.Verifier(SIGNER.vkey)]
    with pytest.raises(AmbiguousKeyError):
        note.open_note(note.parse_note(note.sign("text\n", [SIGNER])), verifiers)


@pytest.mark.parametrize("count", [16, 100])
def test_many_signatures_are_read(count):
    assert len(note.parse_note(note.sign("text\n", [SIGNER] * count)).signatures) == count


def test_more_than_100_signatures_are_refused():
    with pytest.raises(MalformedError, match="too many"):
        note.parse_note(note.sign("text\n", [SIGNER] * 101))


def test_a_note_above_one_megabyte_is_refused():
    with pytest.raises(MalformedError, match="1 MB"):
        note.parse_note(note.sign("x" * 1_000_000 + "\n", [SIGNER]))


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u00a0b", "a\tb", "a\x01b"])
def test_a_key_has_no_such_name(name):
    with pytest.raises(MalformedError):
        note.Signer(name, seed("a"))


def test_a_seed_has_32_bytes():
    with pytest.raises(MalformedError):
        note.Signer("a", b"short")


@pytest.mark.parametrize("text", ["no newline", ""])
def test_only_whole_lines_are_signed(text):
    with pytest.raises(MalformedError):
        note.sign(text, [SIGNER])


def test_a_new_key_signs_and_hides_its_seed():
    secret, vkey = note.generate_key("demo.invalid/log/1")
    signer = note.Signer("demo.invalid/log/1", secret)
    assert signer.vkey == vkey
    assert secret.hex() not in repr(signer)
    assert repr(signer) == f"Signer({vkey!r})"


def test_a_cosignature_names_its_time_and_covers_it():
    witness = note.Cosigner("witness.invalid/w", seed("w"))
    text = "demo.invalid/log/1\n1\n" + "A" * 43 + "=\n"
    line = witness.line(text, 1_795_000_000)
    opened = note.open_note(note.parse_note(text + "\n" + line), [note.Verifier(witness.vkey)])
    assert opened[0].time == 1_795_000_000
    with pytest.raises(MalformedError):
        witness.line(text, 0)


def test_a_cosignature_of_time_zero_is_refused():
    witness = note.Cosigner("witness.invalid/w", seed("w"))
    text = "demo.invalid/log/1\n1\n" + "A" * 43 + "=\n"
    signature = witness._sign(b"cosignature/v1\ntime 0\n" + text.encode())
    line = note.signature_line(witness.name, witness.key.key_id, bytes(8) + signature)
    with pytest.raises(BadSignatureError):
        note.open_note(note.parse_note(text + "\n" + line), [note.Verifier(witness.vkey)])
