# SPDX-License-Identifier: Apache-2.0
"""What becomes of a medium's bytes where the law asks to keep them.

Bytes live in the request alone and are gone with it. Where an offence's duty asks
for them (custody `required`, with high confidence), or counsel has recorded a basis
for keeping them in that country, they are sealed with the vault's public keys before
the answer; this process can open nothing. Of everything else the platform's copy
must be fetched again. The record says which it was.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, Protocol

from vigie.core.clock import Clock
from vigie.core.decision import Decision
from vigie.core.errors import VigieError
from vigie.core.item import Media, Subject
from vigie.evidence import keys
from vigie.law import Entry
from vigie.law.entry import Cls
from vigie.machine.sealing import About, Sealing

NO_VAULT: Final = "not preserved: no vault"
NOT: Final = "not preserved: "
FETCH: Final = "not kept: fetch the platform's copy again"
DUTY_RULES: Final = {"US": "cybertip"}
DEFAULT_RULE: Final = "complaint"
BASIS_RULE: Final = "custody_basis"


class Preserver(Protocol):
    """Seals bytes to the vault before they are dropped."""

    def allowed(self, entry: Entry) -> keys.CustodyLine | None:
        """Return counsel's recorded basis for keeping bytes of an offence, if one holds."""
        ...

    def seal(
        self,
        media: Sequence[Media],
        subject: Subject,
        decision: Decision,
        entry: Entry,
        basis: keys.CustodyLine | None,
    ) -> str:
        """Keep the bytes, encrypted for the vault; return what the record says."""
        ...


class NoVault:
    """Keeps nothing, and says so."""

    def allowed(self, entry: Entry) -> keys.CustodyLine | None:  # noqa: ARG002
        """Return that nothing allows it."""
        return None

    def seal(self, *_given: object) -> str:
        """Return that nothing was preserved."""
        return NO_VAULT


class SealingPreserver:
    """Seals to the recipients in the vault's folder and leaves files for `jobs` there."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._sealing = Sealing(folder, clock)
        self._clock = clock

    def allowed(self, entry: Entry) -> keys.CustodyLine | None:
        """Return the basis that lasts longest for the country of an offence of class `child`."""
        if entry.cls is not Cls.CHILD:
            return None
        now = self._clock.now_ms()
        known = [
            one
            for one in self._sealing.recipients().custody
            if one.country == entry.jurisdiction and one.ends_at > now
        ]
        return max(known, key=lambda one: one.ends_at, default=None)

    def seal(
        self,
        media: Sequence[Media],
        subject: Subject,
        decision: Decision,
        entry: Entry,
        basis: keys.CustodyLine | None,
    ) -> str:
        """Write a sealed file for each medium. One that fails: the record says so of all."""
        known = self._sealing.recipients()
        if known.general is None and known.child is None:
            return NO_VAULT
        try:
            names = [
                self._one(position, one, subject, decision, entry, basis)
                for position, one in enumerate(media)
            ]
        except VigieError as problem:
            return NOT + problem.code
        except (OSError, ValueError) as problem:
            return NOT + type(problem).__name__
        return "sealed: " + ", ".join(names)

    def _one(
        self,
        position: int,
        medium: Media,
        subject: Subject,
        decision: Decision,
        entry: Entry,
        basis: keys.CustodyLine | None,
    ) -> str:
        data = base64.b64decode(medium.base64 or "", validate=True)
        about = About(
            mime=medium.mime or "",
            cls=entry.cls.value,
            rule=_rule(entry, basis),
            basis=f"{entry.id}: {entry.provision}",
            ends_at=basis.ends_at if basis else None,
            custody=basis.basis if basis else None,
            decision_id=decision.decision_id,
            service=subject.item.service,
            item_id=subject.item.id,
            version=subject.item.version,
            position=position,
        )
        return self._sealing.leave(data, about)


def _rule(entry: Entry, basis: keys.CustodyLine | None) -> str:
    """Return the retention rule: of the basis, of the country's duty, else the complaint window."""
    return BASIS_RULE if basis else DUTY_RULES.get(entry.jurisdiction, DEFAULT_RULE)


def copy_note(
    subject: Subject, decision: Decision, law: Mapping[str, Entry], preserver: Preserver
) -> str:
    """Return what the record of a decision says of the bytes; empty where there were none."""
    media = [one for one in subject.item.media if one.base64 is not None]
    if not media or not decision.has_effect:
        return ""
    grounds = {g.offence for a in decision.actions if a.state != "proposed" for g in a.grounds}
    entries = [law[name] for name in sorted(name for name in grounds if name) if name in law]
    found = _allowed(entries, preserver)
    if isinstance(found, str):
        return found
    entry, basis = found
    return preserver.seal(media, subject, decision, entry, basis)


def _allowed(
    entries: Sequence[Entry], preserver: Preserver
) -> tuple[Entry, keys.CustodyLine | None] | str:
    """Return by which entry the bytes may be kept, or what is said where none allows it.

    Class `child` first: its lane is the narrow one, whatever else asks for the bytes.
    """
    ordered = sorted(entries, key=lambda one: one.cls is not Cls.CHILD)
    child = any(one.cls is Cls.CHILD for one in ordered)
    for entry in ordered:
        if child and entry.cls is not Cls.CHILD:
            break
        if entry.keeps_bytes:
            return entry, None
        try:
            basis = preserver.allowed(entry)
        except VigieError as problem:
            return NOT + problem.code
        if basis is not None:
            return entry, basis
    return FETCH
