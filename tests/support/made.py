# SPDX-License-Identifier: Apache-2.0
"""Journals with made-up decisions: what a machine door would have committed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

from vigie.core import ids
from vigie.core.actions import ActionKind, Outcome
from vigie.core.clock import iso
from vigie.core.decision import Action, Basis, Decision, Ground, Match, Signal, Verdict
from vigie.core.item import Author, Item, MediaFacts, Subject, Surface
from vigie.journal.rows import JournalEffect, Kind, Row, encode
from vigie.journal.seal import Sealed, Sealer
from vigie.journal.writer import Journal
from vigie.settings import Settings

TEXT = "An example sentence about the weather in the mountains."
OFFENCE = "fr_denial"


T = TypeVar("T")


def there(value: T | None) -> T:
    """Return a value that must be there."""
    assert value is not None
    return value


@dataclass
class Asked:
    """What a door judged."""

    subject: Subject
    fingerprint: bytes = b"f" * 16
    idempotency: bytes = b""


class Door:
    """Writes decisions into a journal of its own, as a machine door does."""

    def __init__(self, settings: Settings, key: bytes, now: int, **sealing: Any) -> None:
        sealing = {"sample_rate": 0.0, "term_ms": settings.receipt_term * 1000} | sealing
        self.journal = Journal(settings.journal_dir)
        self.sealer = Sealer(key, **sealing)
        self.sealer.child_offences = frozenset()
        self.now = now
        self.count = 0
        self._held: list[Row] = []

    @property
    def writer(self) -> str:
        """The name of the journal."""
        return self.journal.writer

    def decide(self, item: Item | None = None, /, **made: Any) -> Sealed:
        """Commit one decision about an item; `made` are fields of the decision."""
        sealed = self.hold(item, **made)
        self.release()
        return sealed

    def hold(self, item: Item | None = None, /, **made: Any) -> Sealed:
        """Seal a decision; it is committed with the next `release`."""
        media = made.pop("media", ())
        idempotency = made.pop("idempotency", b"")
        item = item or self.item()
        ordinal = self.journal.allocate(1)
        decision = Decision(
            decision_id=ids.decision_id(self.writer, ordinal, 2**40 - 1),
            item_id=item.id,
            version=item.version,
            at=iso(self.now),
            language=item.language,
            **({"outcome": Outcome.ALLOW} | made),
        )
        asked = Asked(Subject(item, media), idempotency=idempotency)
        sealed = self.sealer.seal_all([asked], [decision], ordinal, self.now)[0]
        self._held.extend(sealed.rows)
        return sealed

    def release(self) -> None:
        """Commit what is held, as one group."""
        rows = self.sealer.with_keys(self._held)
        self.journal.append_and_wait(rows)
        self.sealer.committed(rows)
        self._held = []

    def item(self, **given: Any) -> Item:
        """Make an item that nobody has seen before."""
        self.count += 1
        fields: dict[str, Any] = {
            "id": f"p-{self.writer}-{self.count}",
            "surface": Surface.POST,
            "author": Author(id="a-9", country="FR"),
            "text": TEXT,
            "language": "fr",
            "url": "https://agora.example/p/1",
        } | given
        return Item(**fields)

    def propose(self, item: Item | None = None, **made: Any) -> Sealed:
        """Commit a proposal to withhold in France and Austria."""
        return self.decide(item, **(proposal() | made))

    def restrict(self, item: Item | None = None, **made: Any) -> Sealed:
        """Commit a pause of recommendation everywhere, as rule (f) gives it."""
        return self.decide(item, **(pause() | made))

    def confirm(self, decision_id: str, *places: str, at: int | None = None) -> None:
        """Commit the platform's word on an effect."""
        body = JournalEffect(
            decision_id=decision_id, applied_at=iso(at or self.now), territories=places
        )
        self.journal.append_and_wait([Row(0, Kind.EFFECT.value, self.now, encode(body))])

    def close(self) -> None:
        """Let go of the journal: from then on its writer is dead."""
        self.journal.close()


def proposal(*places: str) -> dict[str, Any]:
    """Return the fields of a decision that proposes to withhold."""
    ground = Ground(offence=OFFENCE)
    return {
        "outcome": Outcome.REVIEW,
        "verdicts": (_verdict("denial", ground),),
        "signals": (Signal(detector="text.linear", version="1", label="denial", value=0.93),),
        "actions": (
            Action(
                action=ActionKind.DISABLED,
                territories=places or ("FR",),
                by="proposal",
                state="proposed",
                grounds=(ground,),
            ),
        ),
    }


def pause() -> dict[str, Any]:
    """Return the fields of a decision that pauses recommendation on a clause of the terms."""
    ground = Ground(terms="civility")
    return {
        "outcome": Outcome.LIMIT,
        "verdicts": (_verdict("civility", ground),),
        "actions": (
            Action(
                action=ActionKind.DEMOTED,
                territories=("AT", "DE", "FR", "*"),
                by="rule f",
                state="sent",
                grounds=(ground,),
                until="2026-11-23T20:00:00Z",
            ),
        ),
    }


def listed(digest: str = "ab" * 32) -> dict[str, Any]:
    """Return the fields of a decision about a picture on a list of class `child`."""
    ground = Ground(offence="eu_csam")
    match = Match(
        media=0,
        cls="child",
        basis=Basis.EXACT,
        algorithm="sha256",
        distance=0,
        banks=("list-one",),
        owners=("owner-one",),
    )
    return {
        "outcome": Outcome.REMOVE,
        "media": (MediaFacts(status="ok", sha256=digest),),
        "verdicts": (_verdict("child", ground),),
        "signals": (Signal(detector="hash", version="1", label="child", value=1.0, match=match),),
        "actions": (
            Action(
                action=ActionKind.REMOVED,
                territories=("AT", "DE", "FR", "*"),
                by="rule a",
                state="sent",
                grounds=(ground,),
            ),
        ),
    }


def _verdict(policy: str, ground: Ground) -> Verdict:
    return Verdict(policy=policy, version=1, state="live", ground=ground, reasons=())
