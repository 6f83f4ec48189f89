# SPDX-License-Identifier: Apache-2.0
"""The witness protocol (C2SP tlog-witness v1.0.0), without HTTP.

A witness cosigns a checkpoint only if it extends the last one it cosigned.
`judge` is pure; `Witness` adds key, clock and the store whose compare-and-set
is durable before the answer. An unknown origin is 404; another root at the same
size is 422, as in the current text (409 in tag v1.0.0).
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Final, NamedTuple, Protocol

from vigie.ledger.note import (
    Cosigner,
    NoteVerifier,
    Signed,
    SignedNote,
    open_note,
    parse_note,
    signature_line,
)
from vigie.ledger.verify.checkpoints import Checkpoint, parse_checkpoint
from vigie.ledger.verify.errors import LedgerError, MalformedError, ProofError, UnverifiedError
from vigie.ledger.verify.merkle import EMPTY_ROOT, verify_consistency
from vigie.ledger.verify.text import decode_decimal, decode_hash, encode_base64

MAX_PROOF_LINES: Final = 63
SIZE_TYPE: Final = "text/x.tlog.size"
TEXT_TYPE: Final = "text/plain; charset=utf-8"
_OLD: Final = "old "


class Seen(NamedTuple):
    """The last checkpoint that a witness cosigned for an origin, as cosigned."""

    size: int
    root: bytes
    note: str
    time: int = 0
    """When it was cosigned, in seconds."""


class Answer(NamedTuple):
    """What the witness answers over HTTP."""

    status: int
    body: str = ""
    content_type: str = TEXT_TYPE


class Request(NamedTuple):
    """The body of an add-checkpoint request."""

    old: int
    path: tuple[bytes, ...]
    checkpoint: str


class Judgement(NamedTuple):
    """What `judge` found: an answer that refuses, or the checkpoint to cosign."""

    answer: Answer | None
    old: int = 0
    text: str = ""
    checkpoint: Checkpoint | None = None
    log_lines: str = ""
    """The log's own signatures that were verified."""


class WitnessStore(Protocol):
    """Remembers the last cosigned checkpoint of each origin, durably."""

    def load(self, origin: str) -> Seen | None:
        """Return what was cosigned last."""
        ...

    def compare_and_set(self, origin: str, old: int, new: Seen) -> bool:
        """Replace the entry if its size still is `old` (0: none); durable on True."""
        ...


class MemoryWitnessStore:
    """A store for tests and for trying out: forgets everything at the end."""

    def __init__(self) -> None:
        self._seen: dict[str, Seen] = {}
        self._lock = threading.Lock()

    def load(self, origin: str) -> Seen | None:
        """Return what was cosigned last."""
        return self._seen.get(origin)

    def compare_and_set(self, origin: str, old: int, new: Seen) -> bool:
        """Replace the entry if its size still is `old`."""
        with self._lock:
            seen = self._seen.get(origin)
            if (seen.size if seen else 0) != old:
                return False
            self._seen[origin] = new
            return True


def format_request(old: int, path: Sequence[bytes], checkpoint: str) -> str:
    """Write the body that a log posts to `add-checkpoint`."""
    lines = [f"{_OLD}{old}", *(encode_base64(value) for value in path)]
    return "\n".join(lines) + "\n\n" + checkpoint


def parse_request(body: bytes | str) -> Request:
    """Read the body of an add-checkpoint request."""
    try:
        text = body if isinstance(body, str) else body.decode()
    except UnicodeDecodeError:
        raise MalformedError("A request is valid UTF-8.", field="body") from None
    head, blank, checkpoint = text.partition("\n\n")
    first, *lines = head.split("\n")
    if not blank or not first.startswith(_OLD) or len(lines) > MAX_PROOF_LINES:
        raise MalformedError("Expected old size, proof, checkpoint.", field="body")
    path = tuple(decode_hash(line, "proof") for line in lines)
    return Request(decode_decimal(first[len(_OLD) :], "old"), path, checkpoint)


def judge(
    body: bytes | str, seen: Mapping[str, Seen], trusted: Mapping[str, Sequence[NoteVerifier]]
) -> Judgement:
    """Decide what to answer, given what was cosigned before; changes nothing."""
    try:
        request = parse_request(body)
    except MalformedError:
        return Judgement(Answer(400))
    origin = request.checkpoint.split("\n", 1)[0]
    if origin not in trusted:
        return Judgement(Answer(404))
    try:
        note = parse_note(request.checkpoint)
        signed = open_note(note, trusted[origin])
    except LedgerError:
        return Judgement(Answer(403))
    return _judge_signed(request, note, seen.get(origin))._replace(log_lines=_lines(note, signed))


def _lines(note: SignedNote, signed: Sequence[Signed]) -> str:
    """Return the signatures of these keys as they stand under the note, each key's first."""
    known = [(one.key.name, one.key.key_id) for one in signed]
    first = {(s.name, s.key_id): s for s in reversed(note.signatures)}
    return "".join(signature_line(*first[key]) for key in known)


def _judge_signed(request: Request, note: SignedNote, seen: Seen | None) -> Judgement:
    try:
        checkpoint = parse_checkpoint(note.text, sha256_root=False)
    except MalformedError:
        return Judgement(Answer(400))
    if request.old > checkpoint.size:
        return Judgement(Answer(400))
    size = seen.size if seen else 0
    if request.old != size:
        return Judgement(Answer(409, f"{size}\n", SIZE_TYPE))
    try:
        _check_growth(request, checkpoint, seen)
    except ProofError:
        return Judgement(Answer(422))
    return Judgement(None, request.old, note.text, checkpoint)


def _check_growth(request: Request, checkpoint: Checkpoint, seen: Seen | None) -> None:
    if checkpoint.size == 0 and checkpoint.root != EMPTY_ROOT:
        raise ProofError("An empty log has the empty root.")
    if request.old == 0:
        if request.path or len(checkpoint.root) != len(EMPTY_ROOT):
            raise ProofError("From the empty tree there is no proof.")
        return
    root = seen.root if seen else EMPTY_ROOT
    verify_consistency(request.old, checkpoint.size, root, checkpoint.root, request.path)


class Witness:
    """Cosigns what `judge` lets through, once the store has taken it."""

    def __init__(
        self,
        cosigners: Sequence[Cosigner],
        trusted: Mapping[str, Sequence[NoteVerifier]],
        store: WitnessStore,
    ) -> None:
        self._cosigners = cosigners
        self._trusted = trusted
        self._store = store

    def add_checkpoint(self, body: bytes | str, now_s: int) -> Answer:
        """Answer one request; what was cosigned is stored before the answer.

        The time of a cosignature never lies before that of the one before it:
        a clock that jumped back must not make the log look older.
        """
        origin = _origin_of(body)
        seen = self._store.load(origin)
        known = {origin: seen} if seen else {}
        judged = judge(body, known, self._trusted)
        if judged.answer is not None or judged.checkpoint is None:
            return judged.answer or Answer(400)
        at = max(now_s, seen.time if seen else 0)
        lines = "".join(cosigner.line(judged.text, at) for cosigner in self._cosigners)
        checkpoint = judged.checkpoint
        note = judged.text + "\n" + judged.log_lines + lines
        new = Seen(checkpoint.size, checkpoint.root, note, at)
        if not self._store.compare_and_set(origin, judged.old, new):
            current = self._store.load(origin)
            return Answer(409, f"{current.size if current else 0}\n", SIZE_TYPE)
        return Answer(200, lines)

    def latest(self, origin_hash: str) -> Answer:
        """Answer `GET <prefix>/<hex sha256(origin)>/checkpoint`."""
        for origin in self._trusted:
            if sha256(origin.encode()).hexdigest() == origin_hash:
                seen = self._store.load(origin)
                if seen:
                    return Answer(200, seen.note)
        return Answer(404)


def _origin_of(body: bytes | str) -> str:
    try:
        return parse_request(body).checkpoint.split("\n", 1)[0]
    except MalformedError:
        return ""


class ForkAlarm(ProofError):  # noqa: N818 (an alarm, for people)
    """The witness has seen another history of this log."""

    code = "fork"


class Refused(UnverifiedError):  # noqa: N818 (the witness's answer)
    """The witness did not cosign, for another reason than the size."""

    code = "witness_refused"


class Behind(NamedTuple):
    """The witness knows this size; ask again with a proof from there."""

    size: int


def read_answer(
    answer: Answer, old: int, checkpoint: str, witnesses: Sequence[NoteVerifier]
) -> list[Signed] | Behind:
    """Read a witness's answer on the log's side.

    Returns the valid cosignatures, or the size from which to ask again. Raises
    ForkAlarm where the witness refuses at the very size that was offered.
    """
    if answer.status == 200:
        return open_note(parse_note(checkpoint + answer.body), witnesses)
    if answer.status == 409 and answer.content_type == SIZE_TYPE:
        size = decode_decimal(answer.body.removesuffix("\n"), "witness.size")
        if size != old:
            return Behind(size)
    if answer.status in (409, 422):
        raise ForkAlarm("The witness has seen another history of this log.", field="witness")
    raise Refused(f"The witness answered {answer.status}.", field="witness")
