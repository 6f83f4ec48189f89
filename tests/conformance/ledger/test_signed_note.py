# SPDX-License-Identifier: Apache-2.0
"""The notes and verifier keys of golang.org/x/mod/sumdb/note and of the C2SP text."""

from __future__ import annotations

import base64

import pytest

from tests.support.ledger import vector
from vigie.ledger import note
from vigie.ledger.verify.errors import LedgerError
from vigie.ledger.verify.notes import NoteVerifier

NOTES = vector("signed-note/notes.json")


def _opened(case, make):
    raw = bytes.fromhex(case["note_hex"]) if "note_hex" in case else case["note"]
    parsed = note.parse_note(raw)
    verifiers = [make(note.parse_vkey(vkey)) for vkey in case["vkeys"]]
    return parsed.text, [signed.key.name for signed in note.open_note(parsed, verifiers)]


@pytest.mark.parametrize("make", [note.verifier_of, NoteVerifier], ids=["fast", "plain"])
@pytest.mark.parametrize("case", [pytest.param(c, id=c["name"]) for c in NOTES["notes"]])
def test_note_is_judged_as_expected(case, make):
    if case["ok"]:
        assert _opened(case, make) == (case["text"], case["verified"])
    else:
        with pytest.raises(LedgerError):
            _opened(case, make)


@pytest.mark.parametrize("vkey", NOTES["valid_vkeys"])
def test_good_key_is_read_and_written_back(vkey):
    assert note.parse_vkey(vkey).vkey() == vkey


@pytest.mark.parametrize("vkey", NOTES["valid_vkeys"])
def test_every_part_and_every_changed_byte_of_a_good_key_is_refused(vkey):
    parts = {vkey[a:b] for a in range(len(vkey)) for b in range(a, len(vkey) + 1)} - {vkey}
    changed = {vkey[:at] + chr(ord(vkey[at]) + 1) + vkey[at + 1 :] for at in range(len(vkey))}
    for wrong in parts | changed:
        with pytest.raises(LedgerError):
            note.parse_vkey(wrong)


@pytest.mark.parametrize("vkey", NOTES["invalid_vkeys"])
def test_bad_key_is_refused(vkey):
    with pytest.raises(LedgerError):
        note.parse_vkey(vkey)


def test_signing_gives_the_signature_of_the_reference():
    _, _, name, _, material = NOTES["skey"].split("+", 4)
    signer = note.Signer(name, base64.b64decode(material)[1:])
    case = next(c for c in NOTES["notes"] if c["ok"] and c["verified"] == [name])
    assert note.sign(case["text"], [signer]).splitlines()[-1] in case["note"].splitlines()
