# SPDX-License-Identifier: Apache-2.0
"""Asking a witness for its cosignature (C2SP tlog-witness v1.0.0), the log's side.

The address comes from the operator's own file, so private networks and plain
HTTP are allowed: what counts is the signature, not the way it came.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple

from vigie.core.errors import OutsideError, VigieError
from vigie.exchange import outbound
from vigie.ledger.note import open_note, parse_note
from vigie.ledger.tiles import LogFolder, TileTree
from vigie.ledger.verify.errors import LedgerError
from vigie.ledger.verify.notes import NoteVerifier, signature_line
from vigie.ledger.witness import Answer, Behind, ForkAlarm, Refused, format_request, read_answer

MAX_CHECKPOINT: Final = 64 * 1024
_ROUNDS: Final = 3
"""A witness tells its size once; more than that, somebody else submits at the same time."""

Post = Callable[[str, bytes], Answer]


class Witness(NamedTuple):
    """A witness as the operator's policy file names it."""

    name: str
    url: str
    """Its prefix, without a slash at the end."""
    verifier: NoteVerifier


class Ahead(ForkAlarm):
    """The witness has cosigned a larger log than the one that asks."""

    code = "witness_ahead"

    def __init__(self, seen: int, offered: int) -> None:
        super().__init__(
            f"The witness has cosigned {seen} entries; {offered} were offered.", field="witness"
        )
        self.seen = seen


def post(url: str, body: bytes) -> Answer:
    """Send a request to a witness. Raises OutsideError where it does not answer."""
    sent = {"Content-Type": "text/plain; charset=utf-8"}
    got = outbound.post(outbound.target(url, allow_private=True), body, sent)
    try:
        text = got.body.decode()
    except UnicodeDecodeError as problem:
        raise OutsideError("The witness answered no text.", code="bad_answer") from problem
    return Answer(got.status, text, got.content_type)


def cosign(
    witness: Witness, folder: Path, note: str, size: int, old: int, *, send: Post = post
) -> str:
    """Return the witness's cosignature line under a checkpoint of our log.

    `old` is the size that it cosigned last, as far as we know; where it knows
    another one, it is asked again from there. Raises ForkAlarm where it has
    seen another history (`Ahead`: a longer one), OutsideError for all else.
    """
    tree = TileTree(LogFolder(folder), size)
    for _ in range(_ROUNDS):
        path = tree.consistency(old) if 0 < old < size else []
        answer = send(f"{witness.url}/add-checkpoint", format_request(old, path, note).encode())
        try:
            got = read_answer(answer, old, note, [witness.verifier])
        except ForkAlarm:
            raise
        except Refused as problem:
            raise OutsideError(problem.message, code=f"status_{answer.status}") from problem
        except LedgerError as problem:
            raise OutsideError(problem.message, code="bad_answer") from problem
        if not isinstance(got, Behind):
            return _line(witness, note, answer.body)
        if got.size > size:
            raise Ahead(got.size, size)
        old = got.size
    raise OutsideError("The witness's size changes while we ask.", code="busy")


def _line(witness: Witness, note: str, body: str) -> str:
    """Return the one line of the answer that the known key made; others are left out."""
    key = witness.verifier.key
    for one in parse_note(note + body).signatures:
        if (one.name, one.key_id) == (key.name, key.key_id):
            return signature_line(one.name, one.key_id, one.signature)
    raise OutsideError("The witness's answer lacks its own line.", code="bad_answer")


def latest(witness: Witness, origin: str, keys: list[NoteVerifier]) -> str | None:
    """Return the newest checkpoint that a witness shows for a log, signed by one of its keys.

    None where it shows none, or nothing that the log signed: a witness cannot
    make up evidence. Raises OutsideError where it does not answer.
    """
    name = sha256(origin.encode()).hexdigest()
    try:
        where = outbound.target(f"{witness.url}/{name}/checkpoint", allow_private=True)
        got = outbound.get(where, {}, most=MAX_CHECKPOINT, wanted=lambda _: True)
    except VigieError as problem:
        raise OutsideError(
            f"The witness {witness.name} does not answer.", code="no_answer"
        ) from problem
    try:
        note = parse_note(got.body)
        open_note(note, keys)
    except LedgerError:
        return None
    return got.body.decode() if note.text.startswith(origin + "\n") else None
