# SPDX-License-Identifier: Apache-2.0
"""Sealing at the machine doors: with public keys alone, into files that `jobs` adopts.

The process that seals can open nothing. Recipients are read again when their file
has changed, so a vault that is set up or rotated meanwhile is used at once.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from vigie.core.clock import Clock
from vigie.evidence import incoming, keys
from vigie.screening.snapshot_files import write_durably

NO_VAULT: Final = "no vault"


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a sealed file is, and by which rule it is kept."""

    kind: str = incoming.MEDIA
    cls: str
    rule: str
    basis: str
    decision_id: str
    service: str
    item_id: str
    version: int = 1
    position: int = 0
    mime: str = ""
    ends_at: int | None = None
    custody: int | None = None

    @property
    def lane(self) -> str:
        """To whom it is sealed."""
        return keys.CHILD if self.cls == keys.CHILD else keys.GENERAL


class Sealing:
    """Seals to the recipients in the vault's folder and leaves files there."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock
        self._seen: tuple[int, int] | None = None
        self._recipients = keys.Recipients()

    def recipients(self) -> keys.Recipients:
        """Return the public keys in force; empty before `vigie vault init`.

        Raises UnavailableError where the file is there and cannot be read.
        """
        try:
            found = (self._folder / keys.FILE).stat()
        except FileNotFoundError:
            self._seen, self._recipients = None, keys.Recipients()
            return self._recipients
        seen = (found.st_mtime_ns, found.st_ino)
        if seen != self._seen:
            self._recipients, self._seen = keys.load(self._folder), seen
        return self._recipients

    def leave(self, data: bytes, about: About) -> str:
        """Seal bytes and leave the file, durable; return the record's name.

        Raises UnavailableError `no_vault` where its lane has no recipients, OSError.
        """
        made = keys.seal(data, self.recipients().lane(about.lane))
        header = incoming.Header(
            evidence_id=made.evidence_id,
            lane=about.lane,
            epoch=made.epoch,
            wrapped=made.wrapped,
            recipient=made.recipient,
            sha256=made.sha256,
            md5=hashlib.md5(data, usedforsecurity=False).hexdigest(),
            sha1=hashlib.sha1(data, usedforsecurity=False).hexdigest(),
            size=made.size,
            mime=about.mime,
            cls=about.cls,
            rule=about.rule,
            basis=about.basis[:2_000],
            ends_at=about.ends_at,
            custody=about.custody,
            decision_id=about.decision_id,
            service=about.service,
            item_id=about.item_id,
            version=about.version,
            position=about.position,
            at=self._clock.now_ms(),
            kind=about.kind,
        )
        body = incoming.pack(header, made.ciphertext)
        write_durably(incoming.path_of(self._folder, header), body, mode=0o600)
        return made.evidence_id
