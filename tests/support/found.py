# SPDX-License-Identifier: Apache-2.0
"""Many made-up decisions, as the fold and the verbs leave them, for tests of the search.

Written in bulk: what is tested is asking, not recording. Tags come from the
product's own job.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, cast

import msgspec

from vigie.core.actions import Outcome
from vigie.core.clock import iso
from vigie.core.decision import Basis, Decision, Ground, Match, Signal, Verdict
from vigie.store.models import (
    Case,
    DecisionRecord,
    Effect,
    ItemContent,
    OutgoingTask,
    Record,
    Statement,
    User,
)

NOW: Final = 1_795_381_200_000  # 22 November 2026, 21:00 UTC
HOUR: Final = 3_600_000


@dataclass(kw_only=True)
class Made:
    """One decision as a test asks for it."""

    number: int
    item: str = "p-1"
    service: str = "agora"
    version: int = 1
    surface: str = "post"
    author: str = "0a1b"
    language: str = "fr"
    outcome: str = Outcome.REVIEW.value
    kind: str = "machine"
    cls: str = ""
    offences: Sequence[str] = ()
    territories: Sequence[str] = ()
    policies: Sequence[str] = ()
    marks: Sequence[str] = ()
    banks: Sequence[str] = ()
    scores: Mapping[str, float] = field(default_factory=dict)
    sample: bool = False
    replaced: bool = False
    media: int = 0
    links: int | None = None
    """None: no words are kept."""
    at: int = NOW
    by: int | None = None
    """Role number of the person who decided."""
    effects: Sequence[str] = ()
    """States."""
    statement: str = ""
    """State; empty: there is none."""
    messages: Sequence[tuple[str, str]] = ()
    """Kind and state."""
    case: Mapping[str, Any] | None = None
    text: str = "Words of somebody."

    def facts(self) -> dict[str, object]:
        """Return what an expression can be asked of, written down by hand."""
        case = self.case or {}
        matched = [
            one for bank in self.banks for one in ("terrorist", "terrorist:near", f"bank:{bank}")
        ]
        everywhere = ["*"] if "*" in self.territories else list(self.territories)
        return {
            "at": self.at,
            "author": self.author,
            "category": case.get("category") or None,
            "decision": self.number,
            "decision.by": self.kind,
            "decision.outcome": self.outcome,
            "decision.replaced": self.replaced,
            "decision.reviewer": self.by,
            "decision.sample": self.sample,
            "due": case.get("due_at"),
            "effect": list(self.effects),
            "hash": self.hashes(),
            "item": self.item,
            "item.language": self.language,
            "item.links": self.links,
            "item.media": self.media,
            "item.service": self.service,
            "item.surface": self.surface,
            "item.version": self.version,
            "kind": case.get("kind"),
            "mail": [state for kind, state in self.messages if kind == "mail"],
            "marks": list(self.marks),
            "matched": matched,
            "now": NOW,
            "offence": list(self.offences),
            "policy": list(self.policies),
            "priority": case.get("priority"),
            "queue": case.get("queue"),
            "state": case.get("state"),
            "statement": self.statement or None,
            "territory": everywhere,
            "trusted": case.get("trusted"),
            "webhook": [state for kind, state in self.messages if kind == "webhook"],
            **({"score.hash": 1.0} if self.banks else {}),
            **{f"score.{label}": value for label, value in self.scores.items()},
        }

    def hashes(self) -> list[str]:
        """Return one hash for each medium, in hexadecimal."""
        return [f"{self.number:032x}{n:032x}" for n in range(self.media)]

    def body(self) -> dict[str, Any]:
        """Return the decision as made."""
        near = [Signal(detector="hash", version="1", label="hash", value=1.0, match=_near(bank))
                for bank in self.banks]  # fmt: skip
        marks = tuple(self.marks)
        signals = [
            Signal(detector="text", version="1", label=label, value=value, marks=marks)
            for label, value in self.scores.items()
        ]
        verdicts = tuple(
            Verdict(policy=one, version=1, state="live", ground=Ground(terms="t"), reasons=())
            for one in self.policies
        )
        made = Decision(
            decision_id=f"d{self.number}", item_id=self.item, version=self.version,
            outcome=Outcome(self.outcome), verdicts=verdicts, signals=(*near, *signals),
            at=iso(self.at),
        )  # fmt: skip
        return cast("dict[str, Any]", msgspec.to_builtins(made))


def _near(bank: str) -> Match:
    return Match(
        media=0, cls="terrorist", basis=Basis.NEAR, algorithm="pdq", distance=9, banks=(bank,),
        owners=("test",),
    )  # fmt: skip


def keep(made: Sequence[Made]) -> None:
    """Write decisions with their cases and words."""
    Record.objects.bulk_create([_record(one) for one in made], batch_size=500)
    DecisionRecord.objects.bulk_create([_row(one) for one in made], batch_size=500)
    Case.objects.bulk_create([_case(one) for one in made if one.case is not None], batch_size=500)
    Effect.objects.bulk_create([row for one in made for row in _effects(one)], batch_size=500)
    Statement.objects.bulk_create(
        Statement(decision_id=one.number, state=one.statement, prepared_at=one.at)
        for one in made
        if one.statement
    )
    OutgoingTask.objects.bulk_create([row for one in made for row in _messages(one)])
    contents = {(m.service, m.item, m.version): _content(m) for m in made if m.links is not None}
    ItemContent.objects.bulk_create(contents.values(), batch_size=500)


def reviewers(*numbers: int) -> None:
    """Create the people behind role numbers; their names are never the numbers."""
    for number in numbers:
        User.objects.create(username=_name(number), number=number)


def _name(number: int | None) -> str:
    return "" if number is None else f"person-{chr(96 + number)}"


def _record(one: Made) -> Record:
    return Record(record_id=f"r{one.number}", kind="decision.made", at=one.at, content=b"{}")


def _row(one: Made) -> DecisionRecord:
    return DecisionRecord(
        number=one.number, log_index=one.number, has_content=one.links is not None,
        decision_id=f"d{one.number}", record_id=f"r{one.number}", kind=one.kind,
        service=one.service, item_id=one.item, version=one.version, surface=one.surface,
        author=one.author, language=one.language, outcome=one.outcome, cls=one.cls,
        offences=list(one.offences), territories=list(one.territories),
        policies=list(one.policies), sample=one.sample, at=one.at, body=one.body(),
        media=[f"sha256:{value}" for value in one.hashes()],
        decided_by=_name(one.by),
        superseded_by=one.number + 1_000_000 if one.replaced else None,
    )  # fmt: skip


def _case(one: Made) -> Case:
    return Case(decision_id=one.number, opened_at=one.at, language=one.language, **(one.case or {}))


def _effects(one: Made) -> list[Effect]:
    return [
        Effect(decision_id=one.number, position=place, action="x", state=state)
        for place, state in enumerate(one.effects)
    ]


def _messages(one: Made) -> list[OutgoingTask]:
    return [
        OutgoingTask(
            kind=kind, state=state, decision_id=one.number, message_id=f"m{one.number}-{place}",
            not_before=one.at, next_try=one.at, created_at=one.at, done_at=one.at,
        )
        for place, (kind, state) in enumerate(one.messages)
    ]  # fmt: skip


def _content(one: Made) -> ItemContent:
    return ItemContent(
        service=one.service, item_id=one.item, version=one.version, text=one.text,
        links=[f"https://example.invalid/{n}" for n in range(one.links or 0)],
        pseudonym=one.author, kept_since=one.at,
    )  # fmt: skip


def many(count: int, seed: int = 7) -> list[Made]:
    """Return decisions of a month of a platform: skewed as such things are."""
    rng = random.Random(seed)
    policies = [
        "denial",
        "incitement",
        "terrorist_content",
        "sexual_deepfakes",
        "spam",
        "rare_policy",
    ]
    weights = [50, 30, 10, 5, 5, 0.05]
    return [
        _one(number, count, rng, rng.choices(policies, weights)[0])
        for number in range(1, count + 1)
    ]


def _one(number: int, count: int, rng: random.Random, policy: str) -> Made:
    outcome = rng.choices(["review", "withhold", "remove", "allow", "label"], [40, 20, 10, 29, 1])[
        0
    ]
    open_case = outcome == "review" and rng.random() < 0.5
    return Made(
        number=number,
        item=f"p-{number if rng.random() < 0.8 else rng.randrange(1, number + 1)}-{number}",
        surface=rng.choices(["post", "reply", "profile", "ad"], [70, 28, 1.9, 0.1])[0],
        author=f"{rng.randrange(count // 5 + 1):032x}",
        language=rng.choices(["fr", "de", "en", "el"], [45, 40, 14, 1])[0],
        outcome=outcome,
        kind="person" if rng.random() < 0.3 else "machine",
        offences=rng.choice([("fr_denial", "de_130_denial"), ("fr_incitement",), ()]),
        territories=rng.choice([("DE", "FR"), ("FR",), ("*",), ("AT", "DE", "FR")]),
        policies=(policy,),
        marks=("quotation",) if rng.random() < 0.1 else (),
        scores={policy if policy != "spam" else "spam": round(rng.random(), 3)},
        sample=False,
        replaced=outcome == "review" and not open_case,
        links=0,
        at=NOW - (count - number) * (28 * 24 * HOUR // count),
        case={
            "kind": rng.choice(["proposal", "proposal", "notice"]),
            "queue": "general",
            "state": "open" if open_case else "decided",
            "category": rng.choice(["", "hate", "denial"]),
            "due_at": NOW + rng.randrange(-HOUR, 24 * HOUR),
        }
        if outcome == "review"
        else None,
    )
