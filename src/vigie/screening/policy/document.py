# SPDX-License-Identifier: Apache-2.0
"""A policy: named clauses and limits over signals, with its ground and action.

YAML is the source an operator writes; this frozen value is what the Snapshot
carries. The store alone says what is in force (`state` here is where it starts).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Final

import msgspec

from vigie.core.actions import ACTIONS, ActionKind, Outcome
from vigie.core.decision import Ground
from vigie.core.errors import InvalidInputError
from vigie.core.item import Surface
from vigie.screening.policy.places import Places

PROPOSABLE: Final = (Outcome.LABEL, Outcome.LIMIT, Outcome.WITHHOLD, Outcome.REMOVE)
"""What a policy may ask for."""
LONGEST_PAUSE_HOURS: Final = 24
LONGEST_HIDE_HOURS: Final = 48
COUNTABLE: Final = (Surface.AI_PROMPT, Surface.AI_OUTPUT)
"""Where a policy may be counted only."""
AGREEING: Final = ("nudity", "sexual", "deepfake")
"""Labels of detectors that may agree with a notifier's hash (rule g)."""


class PolicyState(StrEnum):
    """Draft: not evaluated; shadow: evaluated and recorded, never acts; live."""

    DRAFT = "draft"
    SHADOW = "shadow"
    LIVE = "live"


class FailMode(StrEnum):
    """What a policy does that could not see: a detector failed or a clause erred."""

    REVIEW = "review"
    """A quiet result is not trusted; a person looks."""
    IGNORE = "ignore"
    """As if the detector had seen nothing."""


class Expect(StrEnum):
    """What a policy's own test says should happen."""

    FIRES = "fires"
    QUIET = "quiet"
    FAILS = "fails"


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Shared by the parts of a policy: frozen, unknown names refused."""


class Words(_Part, frozen=True, kw_only=True):
    """A text in the three languages that people read."""

    en: str
    fr: str
    de: str

    def in_language(self, language: str) -> str:
        """Return the text in a language, English where there is none."""
        return str(getattr(self, language, self.en)) if language in {"fr", "de"} else self.en


class Terms(_Part, frozen=True, kw_only=True):
    """A clause of the operator's own terms, never a legal ground."""

    clause: str
    title: Words


class HideClaimed(_Part, frozen=True, kw_only=True):
    """Rule (g): a picture near a notifier's hash is hidden while it waits for a person."""

    hours: int
    """1 to 48; it ends by itself."""
    limits: dict[str, float]
    """Labels of `AGREEING`: one of them at or above its limit, or nothing is hidden."""


class Clause(_Part, frozen=True, kw_only=True):
    """One named condition; the policy fires when all hold."""

    name: str
    expression: str
    places: Places = ()
    """Where each run of the expression stands in the policy's file."""


class PolicyTest(_Part, frozen=True, kw_only=True):
    """One example with its expected result: `given` names variables as written."""

    name: str
    given: dict[str, float | int | str | tuple[str, ...]]
    expect: Expect


class Policy(_Part, frozen=True, kw_only=True):
    """One policy document. Offences or a clause of the terms, never both."""

    id: str
    version: int
    title: Words
    description: str
    offences: tuple[str, ...] = ()
    """Ids of law entries; they bring territory, statement codes and duties."""
    terms: Terms | None = None
    surfaces: tuple[Surface, ...] = ()
    """Where it looks; empty means every surface."""
    limits: dict[str, float] = {}
    when: tuple[Clause, ...]
    action: Outcome
    pause_recommendation: int = 0
    """Hours (1 to 24) of rule (f); 0: off. Only on a clause of the terms."""
    hide_claimed: HideClaimed | None = None
    """Only on a clause of the terms; None: a claimed picture is never hidden before
    a person has looked."""
    counted_only: bool = False
    """What it stops is refused and counted: nothing of it is kept, no person is shown any.
    Only on `COUNTABLE` surfaces."""
    fail: FailMode = FailMode.REVIEW
    state: PolicyState = PolicyState.SHADOW
    """Where it starts; afterwards the store says what is in force."""
    tests: tuple[PolicyTest, ...] = ()
    author: str = ""
    sources: tuple[str, ...] = ()
    """Where limits and wording come from."""
    file: str = ""
    """The file it was read from, for errors."""
    fields: dict[str, tuple[int, int]] = {}
    """Line and column of fields in that file, for errors found later."""

    @property
    def grounds(self) -> tuple[Ground, ...]:
        """What a verdict of this policy may rest on."""
        if self.terms is not None:
            return (Ground(terms=self.terms.clause),)
        return tuple(Ground(offence=offence) for offence in self.offences)

    @property
    def action_kind(self) -> ActionKind:
        """The action in the words of the DSA database."""
        return next(kind for kind, rule in ACTIONS.items() if rule.outcome is self.action)

    def looks_at(self, surface: str) -> bool:
        """Say whether the policy reads items of this surface."""
        return not self.surfaces or surface in self.surfaces


def to_document(policy: Policy) -> dict[str, Any]:
    """Return the policy as plain JSON values, for a Snapshot part."""
    return dict(msgspec.to_builtins(policy))


def from_document(document: object) -> Policy:
    """Read what `to_document` wrote; raises `InvalidInputError`."""
    try:
        return msgspec.convert(document, Policy, strict=True)
    except msgspec.ValidationError as error:
        raise InvalidInputError(
            f"not a policy of this version: {error}",
            code="policy_invalid",
            fix="publish the policy again from its YAML file",
        ) from error
