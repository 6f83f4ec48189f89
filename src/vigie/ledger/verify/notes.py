# SPDX-License-Identifier: Apache-2.0
"""Signed notes and verifier keys (C2SP signed-note v1.0.0), reading side.

A signature by an unknown key is ignored; one that names a known key and does
not fit makes the whole note worthless; a note that no known key signed too.
"""

from __future__ import annotations

import hashlib
from typing import Callable, Dict, List, NamedTuple, Optional, Sequence, Tuple, Union

from vigie.ledger.verify.ed25519 import verify_ed25519
from vigie.ledger.verify.errors import (
    AmbiguousKeyError,
    BadSignatureError,
    MalformedError,
    UnverifiedError,
)
from vigie.ledger.verify.text import decode_base64, decode_hex, encode_base64

ED25519 = 0x01
COSIGNER_ED25519 = 0x04
COSIGNER_MLDSA44 = 0x06
PUBLIC_KEY_BYTES = {ED25519: 32, COSIGNER_ED25519: 32, COSIGNER_MLDSA44: 1312}
MAX_NOTE_BYTES = 1_000_000
MAX_SIGNATURES = 100
MAX_TIME = 2**63 - 1
_DASH = "\u2014 "
_ID_BYTES = 4
_TIME_BYTES = 8

SignatureCheck = Callable[[bytes, bytes, bytes], bool]


class NoteSignature(NamedTuple):
    """One signature line: who, which key, the bytes after the key id."""

    name: str
    key_id: bytes
    signature: bytes


class SignedNote(NamedTuple):
    """A note as parsed; `text` must not be used before a key has verified it."""

    text: str
    signatures: Tuple[NoteSignature, ...]


class VerifierKey(NamedTuple):
    """A vkey: name, key id, type of signature and public key."""

    name: str
    key_id: bytes
    kind: int
    public: bytes

    def vkey(self) -> str:
        """Write the key in the text form that policies hold."""
        material = encode_base64(bytes([self.kind]) + self.public)
        return "{}+{}+{}".format(self.name, self.key_id.hex(), material)


class Signed(NamedTuple):
    """What a key has verified: its key and, for a cosigner, the time it named."""

    key: VerifierKey
    time: Optional[int]


def is_key_name(name: str) -> bool:
    """Say whether a key may bear this name: no space, no plus, not empty."""
    return bool(name) and "+" not in name and not any(c.isspace() for c in name)


def key_id_of(name: str, kind: int, public: bytes) -> bytes:
    """Return the four bytes that name a key in a signature."""
    material = name.encode("utf-8") + b"\n" + bytes([kind]) + public
    return hashlib.sha256(material).digest()[:_ID_BYTES]


def parse_vkey(text: str) -> VerifierKey:
    """Read a vkey; its id must be the one that its key material gives."""
    parts = text.split("+", 2)
    if len(parts) != 3 or not is_key_name(parts[0]):
        raise MalformedError("A verifier key is name+id+key.", field="vkey")
    key_id = decode_hex(parts[1], _ID_BYTES, "vkey")
    material = decode_base64(parts[2], "vkey")
    if not material or PUBLIC_KEY_BYTES.get(material[0]) != len(material) - 1:
        raise MalformedError("This type or length of key is not known.", field="vkey")
    try:
        expected = key_id_of(parts[0], material[0], material[1:])
    except UnicodeEncodeError:
        raise MalformedError("A key name is valid UTF-8.", field="vkey") from None
    if expected != key_id:
        raise MalformedError("The key id does not fit the key.", field="vkey")
    return VerifierKey(parts[0], key_id, material[0], material[1:])


def parse_note(data: Union[str, bytes]) -> SignedNote:
    """Take a note apart without trusting it."""
    text = _note_text(data)
    split = text.rfind("\n\n")
    if split < 0 or not text.endswith("\n") or len(text) == split + 2:
        raise MalformedError("A note is a text, a blank line and signatures.", field="note")
    lines = text[split + 2 : -1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise MalformedError("The note has too many signatures.", field="note")
    return SignedNote(text[: split + 1], tuple(_signature_line(line) for line in lines))


def _note_text(data: Union[str, bytes]) -> str:
    try:
        raw = data.encode("utf-8") if isinstance(data, str) else data
        text = raw.decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        raise MalformedError("A note is valid UTF-8.", field="note") from None
    if len(raw) > MAX_NOTE_BYTES:
        raise MalformedError("The note is larger than 1 MB.", field="note")
    if any(c < 0x20 and c != 0x0A for c in raw):
        raise MalformedError("A note holds no control characters.", field="note")
    return text


def _signature_line(line: str) -> NoteSignature:
    name, _, encoded = line[len(_DASH) :].partition(" ")
    if not line.startswith(_DASH) or not is_key_name(name):
        raise MalformedError("This is not a signature line.", field="note")
    data = decode_base64(encoded, "note")
    if len(data) <= _ID_BYTES:
        raise MalformedError("The signature is too short.", field="note")
    return NoteSignature(name, data[:_ID_BYTES], data[_ID_BYTES:])


def signature_line(name: str, key_id: bytes, signature: bytes) -> str:
    """Write one signature line of a note, with its newline."""
    return "{}{} {}\n".format(_DASH, name, encode_base64(key_id + signature))


def cosignature_message(text: str, time: int) -> bytes:
    """Return what an Ed25519 cosigner signs (C2SP tlog-cosignature)."""
    return "cosignature/v1\ntime {}\n{}".format(time, text).encode("utf-8")


def split_time(signature: bytes) -> Tuple[int, bytes]:
    """Take a cosignature apart into its time in seconds and the signature."""
    return int.from_bytes(signature[:_TIME_BYTES], "big"), signature[_TIME_BYTES:]


class NoteVerifier:
    """Checks signatures of one key; `check` may be a faster Ed25519."""

    def __init__(self, key: VerifierKey, check: SignatureCheck = verify_ed25519) -> None:
        self.key = key
        self._check = check

    @property
    def supported(self) -> bool:
        """True where this program can check signatures of this type."""
        return self.key.kind in (ED25519, COSIGNER_ED25519)

    def verify(self, text: str, signature: bytes) -> Optional[Signed]:
        """Return what was signed, or None where the signature does not fit."""
        if self.key.kind == ED25519:
            good = self._check(self.key.public, text.encode("utf-8"), signature)
            return Signed(self.key, None) if good else None
        time, inner = split_time(signature)
        if not 0 < time <= MAX_TIME:
            return None
        good = self._check(self.key.public, cosignature_message(text, time), inner)
        return Signed(self.key, time) if good else None


def open_note(note: SignedNote, verifiers: Sequence[NoteVerifier]) -> List[Signed]:
    """Return who of the known keys signed, in the order of the note.

    Raises where a known key's signature fails or no known key signed.
    """
    known: Dict[Tuple[str, bytes], List[NoteVerifier]] = {}
    for verifier in verifiers:
        known.setdefault((verifier.key.name, verifier.key.key_id), []).append(verifier)
    signed: List[Signed] = []
    for line in note.signatures:
        found = known.pop((line.name, line.key_id), [])
        if found and found[0].supported:
            signed.append(_verify_line(note.text, line, found))
    if not signed:
        raise UnverifiedError("No known key has signed this note.", field="note")
    return signed


def _verify_line(text: str, line: NoteSignature, found: List[NoteVerifier]) -> Signed:
    if len(found) > 1:
        raise AmbiguousKeyError("Two known keys share this name and id.", field="note")
    signed = found[0].verify(text, line.signature)
    if signed is None:
        message = "The signature named {} does not fit.".format(line.name)
        raise BadSignatureError(message, field="note")
    return signed
