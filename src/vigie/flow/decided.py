# SPDX-License-Identifier: Apache-2.0
"""What a person's decision writes: record, effects, statement, case, tasks, media."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from vigie.core import ids
from vigie.core.actions import Outcome
from vigie.core.clock import iso
from vigie.core.decision import Action, Decision
from vigie.flow import records, webhooks
from vigie.flow.chain import head_of, kept_actions, root_of, standing
from vigie.flow.decided_media import keep_media, release_media
from vigie.flow.decided_statement import facts_of, settle_statements
from vigie.flow.fold.rows import offences, places
from vigie.flow.house import House
from vigie.journal.record import plain_action
from vigie.law import Element, Exemption
from vigie.store.models import (
    Appeal,
    Case,
    CaseState,
    DecisionKind,
    DecisionRecord,
    Effect,
    EffectState,
    Order,
    OutgoingTask,
    Statement,
    TaskKind,
    TaskState,
    User,
)

_CLOSING: Final = (
    "state", "closed_at", "decided_by", "outcome_decision", "claimed_by", "claimed_until",
)  # fmt: skip
__all__ = [
    "LIFTED",
    "Choice",
    "Target",
    "by_number",
    "commit",
    "facts_of",
    "head_of",
    "kept_actions",
    "root_of",
    "standing",
]

LIFTED: Final = "LIFTED"
"""Action of an effect that restores what stood."""
WITHDRAW: Final = "withdraw"
"""Verb of a decision that takes back what was done for an order."""
TAKEN_BACK: Final = ("lift", "undo", WITHDRAW)
"""Verbs of which nobody is told where nothing had left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What a verb came to."""

    verb: str
    actions: tuple[Action, ...]
    outcome: Outcome
    reason: str
    told: str | None
    user: User
    closes_case: bool
    at_once: bool
    exemption: Exemption | None = None
    """Under which exception no statement is owed."""
    told_in: Mapping[str, str] = field(default_factory=dict)
    """What is told, in other languages."""
    confirmed: tuple[Element, ...] = ()
    """Elements of the grounds for which the person stands."""
    second: User | None = None
    """The second person, where one was asked for."""
    order: Order | None = None
    """The order of an authority for which it is done, or taken back."""

    @property
    def kind(self) -> DecisionKind:
        """How its record is called."""
        return DecisionKind.PERSON if self.order is None else DecisionKind.ORDER

    @property
    def acting(self) -> tuple[Action, ...]:
        """What is done, without what waits for a person again."""
        return tuple(action for action in self.actions if action.state != "proposed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What is decided on: the last word, where it began, and the case about it."""

    head: DecisionRecord
    root: DecisionRecord
    case: Case | None


def by_number(user: User) -> str:
    """Name a person as everything does that leaves the desk: by role and number."""
    return user.role if user.number is None else f"{user.role} {user.number}"


def commit(house: House, choice: Choice, target: Target, *, together: str = "") -> DecisionRecord:
    """Write a person's decision. Inside `transaction.writing`.

    `together` names the decision with which it was taken in one act.
    """
    now = house.now()
    head, root = target.head, target.root
    decision = _decision(choice, head, root, now)
    row = _record(decision, choice, target, now, together)
    head.superseded_by = row.number
    head.save(update_fields=["superseded_by"])
    unsent = _cancel_unsent(head)
    delay = 0 if choice.at_once else house.settings.undo_seconds * 1000
    tell = not (choice.verb in TAKEN_BACK and unsent)
    changed = choice.verb != "confirm" and choice.acting != standing(head)
    if changed and tell:
        _tell(row, decision, choice, head, now + delay)
        _effects(row, choice, head)
    if changed:
        settle_statements(house, row, decision, choice, target, unsent=unsent)
    _close(target.case, row, choice, now)
    if choice.acting and choice.verb in ("withhold", "confirm"):
        keep_media(house, row, root, choice.acting, now)
    elif choice.verb in ("lift", "undo"):
        release_media(row, root, now)
    return row


def _decision(choice: Choice, head: DecisionRecord, root: DecisionRecord, now: int) -> Decision:
    number = records.next_number()
    name = ids.decision_id(ids.STORE_WRITER, number, secrets.randbits(40))
    machine = msgspec.convert(root.body, Decision, strict=False)
    return Decision(
        decision_id=name,
        item_id=root.item_id,
        version=root.version,
        outcome=choice.outcome,
        actions=choice.actions,
        verdicts=machine.verdicts,
        snapshot=root.snapshot,
        supersedes=head.decision_id,
        language=root.language or None,
        at=iso(now),
    )


def _draft(
    decision: Decision, choice: Choice, target: Target, now: int, together: str
) -> records.Draft:
    """Return the record: what was done stands in the open, the rest as commitments."""
    plain: dict[str, Any] = {
        "decision_id": decision.decision_id,
        "outcome": decision.outcome.value,
        "verb": choice.verb,
        "actions": [plain_action(action) for action in decision.actions],
        "supersedes": target.head.decision_id,
    }
    if choice.exemption is not None:
        plain["exemption"] = choice.exemption.value
    if choice.confirmed:
        plain["confirmed"] = choice.confirmed
    if together:
        plain["together"] = together
    root = target.root
    item = {"id": root.item_id, "version": root.version, "service": root.service}
    personal: dict[str, Any] = {
        "item": {**item, "author": root.author},
        "reason": choice.reason,
        "by": by_number(choice.user),
    }
    if choice.second is not None:
        personal["second"] = by_number(choice.second)
    if choice.order is not None:
        personal["order"] = f"O-{choice.order.number}"
    return records.draft("decision.made", now, msgspec.to_builtins(plain), personal)


def _record(
    decision: Decision, choice: Choice, target: Target, now: int, together: str
) -> DecisionRecord:
    draft = _draft(decision, choice, target, now, together)
    root = target.root
    index = records.append_one(draft)
    return DecisionRecord.objects.create(
        number=records.next_number(),
        decision_id=decision.decision_id,
        record_id=draft.record_id,
        log_index=index,
        kind=choice.kind,
        service=root.service,
        item_id=root.item_id,
        version=root.version,
        surface=root.surface,
        author=root.author,
        language=root.language,
        outcome=decision.outcome.value,
        cls=root.cls,
        offences=offences(decision),
        territories=places(decision.actions),
        policies=root.policies,
        media=root.media,
        at=now,
        snapshot=root.snapshot,
        body=msgspec.json.decode(msgspec.json.encode(decision)),
        decided_by=choice.user.username,
        reason=choice.reason,
        supersedes=target.head,
    )


def _cancel_unsent(head: DecisionRecord) -> bool:
    """Cancel what of the decision before has not left; True where nothing of it had.

    A statement that was issued has been seen, whether or not anything was sent.
    Letters are taken back by those who wrote them.
    """
    if head.kind not in (DecisionKind.PERSON, DecisionKind.ORDER):
        return False
    tasks = OutgoingTask.objects.filter(decision=head)
    left = tasks.exclude(state__in=(TaskState.WAITING, TaskState.CANCELLED)).exists()
    left |= Statement.objects.filter(decision=head, issued_at__isnull=False).exists()
    # Who contested it has read it.
    left |= Appeal.objects.filter(decision=head).exists()
    messages = tasks.filter(kind=TaskKind.WEBHOOK, state=TaskState.WAITING, attempts=0)
    cancelled = messages.update(state=TaskState.CANCELLED)
    effects = Effect.objects.filter(decision=head, state=EffectState.WAITING)
    cancelled += effects.update(state=EffectState.CANCELLED)
    return cancelled > 0 and not left


def _tell(
    row: DecisionRecord, decision: Decision, choice: Choice, head: DecisionRecord, not_before: int
) -> None:
    body = msgspec.to_builtins(decision)
    told = webhooks.decision_payload(body, row.service, row.at)
    lifted = sorted(set(places(standing(head))) - set(places(choice.acting)))
    told["data"]["lifted"] = lifted
    if choice.order is not None:
        # The platform must not tell its user either while a duty of silence stands.
        told["data"] |= {"order": f"O-{choice.order.number}", "silent": choice.order.silent}
    event = webhooks.DECISION_SUPERSEDED if lifted else webhooks.DECISION_MADE
    told["type"] = event
    webhooks.enqueue(event, told, row.at, decision=row.number, not_before=not_before)


def _effects(row: DecisionRecord, choice: Choice, head: DecisionRecord) -> None:
    """Write what is to become of the actions; what already stands is not sent again."""
    before = standing(head)
    for position, action in enumerate(choice.acting):
        if action in before:
            continue
        Effect.objects.create(
            decision=row,
            position=position,
            action=action.action.value,
            territories=list(action.territories),
            state=EffectState.WAITING,
            until=action.until or "",
        )
    lifted = sorted(set(places(before)) - set(places(choice.acting)))
    if lifted:
        Effect.objects.create(
            decision=row,
            position=len(choice.acting),
            action=LIFTED,
            territories=lifted,
            state=EffectState.WAITING,
        )


def _close(case: Case | None, row: DecisionRecord, choice: Choice, now: int) -> None:
    """Close the case that waits, or open again the one that an undo takes back."""
    if case is None:
        return
    if not choice.closes_case:
        case.state, case.closed_at = CaseState.OPEN, None
        case.decided_by, case.outcome_decision = "", None
    elif case.state == CaseState.OPEN:
        case.state, case.closed_at = CaseState.DECIDED, now
        case.decided_by, case.outcome_decision = choice.user.username, row
    else:
        return
    case.claimed_by, case.claimed_until = None, 0
    case.save(update_fields=_CLOSING)
