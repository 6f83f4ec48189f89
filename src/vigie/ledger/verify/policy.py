# SPDX-License-Identifier: Apache-2.0
"""The trust policy (C2SP tlog-policy): which logs and witnesses a reader believes.

It is the reader's own file, or one key given by hand, and never comes from the
log that is checked.
"""

from __future__ import annotations

from typing import Callable, Dict, List, NamedTuple, Optional, Set, Tuple, Union

from vigie.ledger.verify.checkpoints import Checkpoint, parse_checkpoint
from vigie.ledger.verify.errors import MalformedError, UnverifiedError
from vigie.ledger.verify.notes import (
    COSIGNER_ED25519,
    COSIGNER_MLDSA44,
    ED25519,
    NoteVerifier,
    Signed,
    VerifierKey,
    open_note,
    parse_note,
    parse_vkey,
)
from vigie.ledger.verify.text import decode_decimal

NO_QUORUM = "none"
VerifierMaker = Callable[[VerifierKey], NoteVerifier]
_COSIGNERS = (COSIGNER_ED25519, COSIGNER_MLDSA44)


class Group(NamedTuple):
    """So many of these members must have cosigned."""

    needed: int
    members: Tuple[str, ...]


class Accepted(NamedTuple):
    """A checkpoint that the policy believes, and who stands behind it."""

    checkpoint: Checkpoint
    log: VerifierKey
    witnesses: Tuple[str, ...]
    latest: Optional[int]
    """The latest time in seconds that a believed witness named, if any."""


class TrustPolicy:
    """Known logs, known witnesses and the quorum that a checkpoint needs."""

    def __init__(self, verifier: VerifierMaker = NoteVerifier) -> None:
        self.logs: List[VerifierKey] = []
        self.witnesses: Dict[str, VerifierKey] = {}
        self.urls: Dict[str, str] = {}
        """Where a witness is asked, by its name."""
        self.groups: Dict[str, Group] = {}
        self.quorum: Optional[str] = None
        self._verifier = verifier
        self._members: Set[str] = set()
        self._publics: Set[bytes] = set()

    @classmethod
    def of_key(cls, vkey: str, verifier: VerifierMaker = NoteVerifier) -> TrustPolicy:
        """Believe one log key, without witnesses."""
        policy = cls(verifier)
        policy.add_log(parse_vkey(vkey))
        policy.quorum = NO_QUORUM
        return policy

    @classmethod
    def parse(cls, data: Union[bytes, str], verifier: VerifierMaker = NoteVerifier) -> TrustPolicy:
        """Read a policy file. Names are opaque bytes, so they are kept undecoded."""
        policy = cls(verifier)
        raw = data.encode("utf-8", "surrogateescape") if isinstance(data, str) else data
        for number, line in enumerate(raw.split(b"\n"), 1):
            policy.read_line(line, "policy:{}".format(number))
        if policy.quorum is None:
            raise MalformedError("The policy names no quorum.", field="policy")
        return policy

    def read_line(self, line: bytes, field: str) -> None:
        """Read one line; comment lines and blank lines say nothing."""
        if any((c < 0x20 and c != 0x09) or c == 0x7F for c in line):
            raise MalformedError("Control characters are not allowed.", field=field)
        words = [
            word.decode("utf-8", "surrogateescape")
            for word in line.replace(b"\t", b" ").split(b" ")
            if word
        ]
        if not words or words[0].startswith("#"):
            return
        if not self._read_words(words[0], words[1:]):
            raise MalformedError("This line of the policy cannot be read.", field=field)

    def _read_words(self, what: str, rest: List[str]) -> bool:
        if what == "log" and len(rest) in (1, 2):
            self.add_log(parse_vkey(rest[0]))
        elif what == "witness" and len(rest) in (2, 3):
            self._add_witness(rest[0], parse_vkey(rest[1]))
            self.urls.update((rest[0], url) for url in rest[2:])
        elif what == "group" and len(rest) >= 3:
            self._add_group(rest[0], rest[1], rest[2:])
        elif what == "quorum" and len(rest) == 1:
            self._set_quorum(rest[0])
        else:
            return False
        return True

    def add_log(self, key: VerifierKey) -> None:
        """Believe one more log."""
        if key.kind != ED25519:
            raise MalformedError("A log's key has type 0x01.", field="policy")
        self._add_public(key)
        self.logs.append(key)

    def _add_public(self, key: VerifierKey) -> None:
        if key.public in self._publics:
            raise MalformedError("A public key stands there twice.", field="policy")
        self._publics.add(key.public)

    def _add_name(self, name: str) -> None:
        if name == NO_QUORUM or name in self.witnesses or name in self.groups:
            raise MalformedError("This name is taken.", field="policy")

    def _add_witness(self, name: str, key: VerifierKey) -> None:
        if key.kind not in _COSIGNERS:
            raise MalformedError("A witness has a cosigner's key.", field="policy")
        self._add_name(name)
        self._add_public(key)
        self.witnesses[name] = key

    def _known(self, name: str) -> bool:
        return name in self.witnesses or name in self.groups

    def _add_group(self, name: str, threshold: str, members: List[str]) -> None:
        self._add_name(name)
        for member in members:
            if not self._known(member) or member in self._members:
                raise MalformedError("A member is defined once, and before.", field="policy")
            self._members.add(member)
        named = {"all": len(members), "any": 1}
        needed = named[threshold] if threshold in named else decode_decimal(threshold, "policy")
        if not 1 <= needed <= len(members):
            raise MalformedError("A group needs between one and all.", field="policy")
        self.groups[name] = Group(needed, tuple(members))

    def _set_quorum(self, name: str) -> None:
        if self.quorum is not None or not (name == NO_QUORUM or self._known(name)):
            raise MalformedError("One quorum, defined before it is used.", field="policy")
        self.quorum = name

    def accept(self, note: Union[str, bytes]) -> Accepted:
        """Return the checkpoint that a known log signed and the quorum cosigned."""
        parsed = parse_note(note)
        keys = [*self.logs, *self.witnesses.values()]
        signed = open_note(parsed, [self._verifier(key) for key in keys])
        checkpoint = parse_checkpoint(parsed.text)
        log = self._log_of(checkpoint, signed)
        times = {one.key: one.time for one in signed}
        present = [name for name, key in self.witnesses.items() if key in times]
        if not self._meets(self.quorum, present):
            raise UnverifiedError("Too few of the witnesses asked for have cosigned.", field="note")
        stamps = [one.time for one in signed if one.time is not None]
        return Accepted(checkpoint, log, tuple(present), max(stamps, default=None))

    def of_log(self, note: Union[str, bytes]) -> Checkpoint:
        """Return an older checkpoint that a known log signed; no quorum is asked of it.

        For what a newer, accepted checkpoint is shown to continue.
        """
        parsed = parse_note(note)
        keys = [*self.logs, *self.witnesses.values()]
        signed = open_note(parsed, [self._verifier(key) for key in keys])
        checkpoint = parse_checkpoint(parsed.text)
        self._log_of(checkpoint, signed)
        return checkpoint

    def _log_of(self, checkpoint: Checkpoint, signed: List[Signed]) -> VerifierKey:
        for one in signed:
            if one.key in self.logs and one.key.name == checkpoint.origin:
                return one.key
        raise UnverifiedError("No known log has signed this checkpoint.", field="note")

    def _meets(self, name: Optional[str], present: List[str]) -> bool:
        if name == NO_QUORUM or name is None:
            return name is not None
        if name in self.witnesses:
            return name in present
        group = self.groups[name]
        return sum(self._meets(member, present) for member in group.members) >= group.needed
