# SPDX-License-Identifier: Apache-2.0
"""What a package is made of: plain values, gathered before anything is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from vigie.core import clock
from vigie.ledger.proof import FieldOpening


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Whose package this is, for whom, and on what basis."""

    package_id: str
    made_at: int
    """Milliseconds since 1970."""
    subject: str
    """`O-17`, `S-3`, or the period of a compliance proof."""
    operator: str
    origin: str
    authority: str = ""
    reference: str = ""
    basis: str = ""
    contact: str = ""
    scope: tuple[str, ...] = ()
    """What may be in it, line by line, in words."""

    @property
    def made(self) -> str:
        """The time as text (UTC)."""
        return clock.iso(self.made_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One sealed record of the package; its bytes lie in the spool under `path`."""

    evidence_id: str
    number: int
    kind: str
    mime: str
    size: int
    sha256: str
    is_account: bool = False
    account: str = ""
    """As the order names it."""
    meta: Mapping[str, Any] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """The short number as people say it."""
        return f"E-{self.number}"

    @property
    def folder(self) -> str:
        """Where an item's files lie."""
        return f"data/items/{self.evidence_id}"

    @property
    def path(self) -> str:
        """Where its bytes lie, as they were sealed."""
        if self.is_account:
            return f"data/accounts/{self.evidence_id}.json"
        return f"{self.folder}/original.bin"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRecord:
    """A record with its place in the log and the fields that are opened."""

    index: int
    content: bytes
    salt: bytes
    fields: tuple[FieldOpening, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """A time stamp on an older checkpoint, and the proof that the log grew from there."""

    size: int
    response: bytes
    chain: str
    checkpoint: str
    growth: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """Everything but the bytes of the pieces."""

    head: Head
    checkpoint: str
    """The signed note, with the lines of witnesses."""
    policy: str
    verifier: bytes
    pieces: Sequence[Piece] = ()
    records: Sequence[LogRecord] = ()
    proofs: Mapping[int, str] = field(default_factory=dict)
    """`.tlog-proof` by index."""
    stamps: Sequence[Stamp] = ()
    missing: Sequence[str] = ()
    """What nobody outside has vouched for, in plain words."""
    handled: Sequence[Mapping[str, Any]] | None = None
    """Lines of a compliance proof."""
