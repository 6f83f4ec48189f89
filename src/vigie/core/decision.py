# SPDX-License-Identifier: Apache-2.0
"""Signals, verdicts and the decision, in the shape in which the doors speak."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import msgspec

from vigie.core.actions import ActionKind, Outcome


class Basis(StrEnum):
    """How sure a match with a listed hash is."""

    EXACT = "exact"
    """The same bytes: SHA-256 or MD5."""
    AGREED = "agreed"
    """A near picture (PDQ) that at least two independent lists hold."""
    NEAR = "near"
    """A near picture (PDQ) that one list holds."""


class Match(msgspec.Struct, frozen=True, kw_only=True):
    """One medium found in banks. `cls` is the class of the banks."""

    media: int
    cls: str
    basis: Basis
    algorithm: str
    distance: int
    banks: tuple[str, ...]
    owners: tuple[str, ...]


def _ok() -> str:
    # A made default is always written out: `omit_defaults` leaves plain ones away.
    return "ok"


CLAIMED: Final = "claimed"
"""Label of a signal: near a hash that a notifier's own device computed. It finds, and
decides nothing: no policy can read it, and alone it changes no outcome."""
CLAIMED_PICTURE: Final = "claimed_picture"
"""Clause of the reasons for which rule (g) hides such a picture for a while."""


COUNTED: Final = "counted_only"
"""Note of an action: it is counted; nothing of what it stopped is kept or shown to anybody."""


class Signal(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One observation about an item. A detector reports; it never decides.

    ``name`` as a policy reads it is ``label``; ``span`` counts code points of
    the original text; a detector that failed yields ``status="failed"``.
    """

    detector: str
    version: str
    label: str
    value: float = msgspec.field(default_factory=float)
    span: tuple[int, int] | None = None
    status: str = msgspec.field(default_factory=_ok)
    problem: str | None = None
    match: Match | None = None
    marks: tuple[str, ...] = ()


class Reason(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why a policy fired: one clause with the value and the limit it met."""

    clause: str
    signal: str | None = None
    value: float | None = None
    limit: float | None = None
    expression: str | None = None


class Ground(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """On what it rests: an offence of the law data, a clause of terms, an authority's order."""

    offence: str | None = None
    terms: str | None = None
    order: str | None = None
    """Short number of an order that is carried out: the authority answers for its reasons."""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """One policy's proposal for one ground."""

    policy: str
    version: int
    state: str
    ground: Ground
    reasons: tuple[Reason, ...]
    failed: bool = False


class Action(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An effect on the item. `by`: `proposal`, `rule a` to `rule g`, `person`.

    `rule c` is an order of an authority, which nobody at the desk lifts by another verb.
    """

    action: ActionKind
    territories: tuple[str, ...]
    by: str
    state: str
    grounds: tuple[Ground, ...] = ()
    """What asks for it; per territory, the law data says which one applies."""
    until: str | None = None
    note: str | None = None

    @property
    def ordered(self) -> bool:
        """True where an order of an authority asks for it, and not a ground of our own."""
        return any(ground.order for ground in self.grounds)


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """The recorded determination about one version of one item."""

    decision_id: str
    item_id: str
    version: int
    outcome: Outcome
    actions: tuple[Action, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    signals: tuple[Signal, ...] = ()
    pending: tuple[str, ...] = ()
    snapshot: int = 0
    supersedes: str | None = None
    statement_url: str | None = None
    language: str | None = None
    at: str = ""
    stale: bool = False
    """A lower version that came after a higher one: recorded, changes nothing."""

    @property
    def has_effect(self) -> bool:
        """True where an action was taken, not merely proposed."""
        return any(a.state != "proposed" for a in self.actions)

    @property
    def claimed(self) -> bool:
        """True where a medium is near a notifier's hash: a person is to look."""
        return any(signal.label == CLAIMED for signal in self.signals)

    @property
    def counted_only(self) -> bool:
        """True where nothing of the item may be kept, and nobody is to see any of it."""
        return any(a.note == COUNTED for a in self.actions)

    @property
    def blind(self) -> bool:
        """True where a live policy could not see what it reads: it may have missed something."""
        return any(v.failed and v.state == "live" for v in self.verdicts)

    @property
    def needs_person(self) -> bool:
        """True where a proposal waits for a person."""
        return any(a.state == "proposed" for a in self.actions)


def without_claims(decision: Decision) -> Decision:
    """Return a decision as it is shown outside: nothing says that a notifier sent a hash.

    A view: what is recorded and archived stays as it was made.
    """
    verdicts = tuple(
        msgspec.structs.replace(
            one, reasons=tuple(why for why in one.reasons if why.clause != CLAIMED_PICTURE)
        )
        for one in decision.verdicts
    )
    signals = tuple(one for one in decision.signals if one.label != CLAIMED)
    return msgspec.structs.replace(decision, verdicts=verdicts, signals=signals)
