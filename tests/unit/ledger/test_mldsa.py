# SPDX-License-Identifier: Apache-2.0
"""ML-DSA-44 cosignatures where the library has them; unknown where it has not."""

from __future__ import annotations

import pytest

from tests.support.ledger import seed
from vigie.ledger import mldsa, note
from vigie.ledger.verify.errors import BadSignatureError, UnverifiedError
from vigie.ledger.verify.notes import NoteVerifier, VerifierKey, key_id_of

keys = pytest.importorskip(
    "cryptography.hazmat.primitives.asymmetric.mldsa", reason="no ML-DSA in this library"
)
NAME = "witness.invalid/pq"
TEXT = "demo.invalid/log/1\n7\n" + "A" * 43 + "=\n"


def _cosigned(text, time=1_795_000_000):
    private = keys.MLDSA44PrivateKey.from_seed_bytes(seed("pq"))
    public = private.public_key().public_bytes_raw()
    key = VerifierKey(NAME, key_id_of(NAME, 0x06, public), 0x06, public)
    signature = private.sign(mldsa.subtree_message(NAME, time, text))
    line = note.signature_line(NAME, key.key_id, time.to_bytes(8, "big") + signature)
    return key, line


def test_a_cosignature_is_verified_with_its_time():
    key, line = _cosigned(TEXT)
    assert note.parse_vkey(key.vkey()) == key
    opened = note.open_note(note.parse_note(TEXT + "\n" + line), [note.verifier_of(key)])
    assert opened[0].time == 1_795_000_000


def test_a_cosignature_over_another_size_is_refused():
    key, line = _cosigned(TEXT.replace("\n7\n", "\n8\n"))
    with pytest.raises(BadSignatureError):
        note.open_note(note.parse_note(TEXT + "\n" + line), [note.verifier_of(key)])


@pytest.mark.parametrize("blind", [True, False])
def test_without_the_algorithm_the_key_counts_as_unknown(blind, monkeypatch):
    key, line = _cosigned(TEXT)
    verifier = NoteVerifier(key)
    if blind:
        monkeypatch.setattr(mldsa, "_load", lambda public: None)
        verifier = note.verifier_of(key)
    with pytest.raises(UnverifiedError):
        note.open_note(note.parse_note(TEXT + "\n" + line), [verifier])


def test_the_message_begins_as_the_text_of_c2sp_says():
    message = mldsa.subtree_message(NAME, 1, TEXT)
    assert message.startswith(b"subtree/v1\n\x00" + bytes([len(NAME)]) + NAME.encode())
    assert len(message) == 12 + 1 + len(NAME) + 8 + 1 + len("demo.invalid/log/1") + 16 + 32
