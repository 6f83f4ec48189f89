# SPDX-License-Identifier: Apache-2.0
"""What a person's decision writes: record, effects, statement, case, tasks, media."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from vigie.core import ids
from vigie.core.actions import Outcome
from vigie.core.clock import iso
from vigie.core.decision import Action, Decision
from vigie.flow import records, webhooks
from vigie.flow.decided_media import keep_media, release_media
from vigie.flow.fold.rows import offences, places
from vigie.flow.house import House
from vigie.flow.statement_text import Facts, clause_titles, prepare
from vigie.journal.record import plain_action
from vigie.law.restriction import Exemption
from vigie.store.models import (
    Case,
    CaseState,
    DecisionKind,
    DecisionRecord,
    Effect,
    EffectState,
    ItemContent,
    OutgoingTask,
    Statement,
    StatementState,
    TaskState,
    User,
)

_LIVE: Final = (StatementState.PREPARED, StatementState.ISSUED)
LIFTED: Final = "LIFTED"
"""Action of an effect that restores what stood."""


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

    @property
    def acting(self) -> tuple[Action, ...]:
        """What is done, without what waits for a person again."""
        return tuple(action for action in self.actions if action.state != "proposed")


def head_of(decision: DecisionRecord) -> DecisionRecord:
    """Return the last word about the same version of the item."""
    while decision.superseded_by is not None:
        decision = DecisionRecord.objects.get(number=decision.superseded_by)
    return decision


def root_of(decision: DecisionRecord) -> DecisionRecord:
    """Return the machine's decision with which it began."""
    while decision.kind == DecisionKind.PERSON and decision.supersedes is not None:
        decision = decision.supersedes
    return decision


def kept_actions(kept: Sequence[Any]) -> tuple[Action, ...]:
    """Read actions as the store keeps them."""
    return msgspec.convert(list(kept), tuple[Action, ...], strict=False)


def standing(decision: DecisionRecord) -> tuple[Action, ...]:
    """Return what a decision does, without what it proposes."""
    actions = kept_actions(decision.body.get("actions", ()))
    return tuple(action for action in actions if action.state != "proposed")


def commit(
    house: House, choice: Choice, head: DecisionRecord, root: DecisionRecord, case: Case | None
) -> DecisionRecord:
    """Write a person's decision. Inside `transaction.writing`."""
    now = house.now()
    decision = _decision(choice, head, root, now)
    row = _record(decision, choice, head, root, now)
    head.superseded_by = row.number
    head.save(update_fields=["superseded_by"])
    unsent = _cancel_unsent(head)
    delay = 0 if choice.at_once else house.settings.undo_seconds * 1000
    tell = not (choice.verb in ("lift", "undo") and unsent)
    changed = choice.verb != "confirm" and choice.acting != standing(head)
    if changed and tell:
        _tell(row, decision, choice, head, now + delay)
        _effects(row, choice, head)
    if changed:
        _statements(house, row, decision, choice, root, unsent=unsent)
    _close(case, row, choice, now)
    if choice.acting and choice.verb in ("withhold", "confirm"):
        keep_media(row, root, choice.acting, now)
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


def _record(
    decision: Decision, choice: Choice, head: DecisionRecord, root: DecisionRecord, now: int
) -> DecisionRecord:
    plain: dict[str, Any] = {
        "decision_id": decision.decision_id,
        "outcome": decision.outcome.value,
        "verb": choice.verb,
        "actions": [plain_action(action) for action in decision.actions],
        "supersedes": head.decision_id,
    }
    if choice.exemption is not None:
        plain["exemption"] = choice.exemption.value
    item = {"id": root.item_id, "version": root.version, "service": root.service}
    personal = {
        "item": {**item, "author": root.author},
        "reason": choice.reason,
        "by": choice.user.username,
    }
    draft = records.draft("decision.made", now, msgspec.to_builtins(plain), personal)
    index = records.append_one(draft)
    return DecisionRecord.objects.create(
        number=records.next_number(),
        decision_id=decision.decision_id,
        record_id=draft.record_id,
        log_index=index,
        kind=DecisionKind.PERSON,
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
        supersedes=head,
    )


def _cancel_unsent(head: DecisionRecord) -> bool:
    """Cancel what of the decision before has not left; True where nothing of it had."""
    tasks = OutgoingTask.objects.filter(decision=head)
    if head.kind != DecisionKind.PERSON:
        return False
    left = tasks.exclude(state__in=(TaskState.WAITING, TaskState.CANCELLED)).exists()
    cancelled = tasks.filter(state=TaskState.WAITING, attempts=0).update(state=TaskState.CANCELLED)
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


def _statements(
    house: House,
    row: DecisionRecord,
    decision: Decision,
    choice: Choice,
    root: DecisionRecord,
    *,
    unsent: bool,
) -> None:
    """End the statements of what is no longer restricted; prepare the one that is owed."""
    if _end_statements(row, choice, unsent=unsent) or not choice.acting:
        return
    made = prepare(decision, facts_of(root, choice.told, row.at), house, choice.exemption)
    told = OutgoingTask.objects.filter(decision=row).exists()
    delay = house.settings.undo_seconds + house.settings.unconfirmed_seconds
    Statement.objects.create(
        decision=row,
        state=made.state,
        exception=made.exception,
        token_digest=made.token_digest,
        token_expires_at=made.expires_at,
        content=made.content,
        database_records=made.database_records,
        prepared_at=row.at,
        # With webhooks the clock starts when the message has left.
        due_at=None if told or choice.exemption else row.at + delay * 1000,
    )


def _end_statements(row: DecisionRecord, choice: Choice, *, unsent: bool) -> bool:
    """Say whether a statement that still holds tells all that is restricted now."""
    holds = False
    left = set(places(choice.acting))
    for earlier in _before(row):
        statement = Statement.objects.filter(decision=earlier, state__in=_LIVE).first()
        if statement is None:
            continue
        if standing(earlier) == choice.acting:
            holds = True
        elif not left & set(places(standing(earlier))):
            # One that nobody saw is cancelled: nothing of it had left the house.
            never = unsent and earlier.pk == row.supersedes_id
            statement.state = StatementState.CANCELLED if never else StatementState.LIFTED
            statement.lifted_at = row.at
            statement.save(update_fields=["state", "lifted_at"])
    return holds


def _before(row: DecisionRecord) -> Iterator[DecisionRecord]:
    """Yield the decisions that this one follows, the last first."""
    earlier = row.supersedes
    while earlier is not None:
        yield earlier
        earlier = earlier.supersedes


def facts_of(root: DecisionRecord, told: str | None, now: int) -> Facts:
    """Return what the statement of a person's decision may say of the item."""
    content = ItemContent.objects.filter(
        service=root.service, item_id=root.item_id, version=root.version
    ).first()
    return Facts(
        surface=root.surface,
        service=root.service,
        decided_at=now,
        url=content.url if content else None,
        published_at=content.published_at if content else None,
        language=root.language or None,
        has_media=bool(root.media),
        has_text=bool(content and content.text),
        automated_detection=True,
        told=told,
        titles=clause_titles(),
    )


def _close(case: Case | None, row: DecisionRecord, choice: Choice, now: int) -> None:
    """Close the case with the decision, or open it again after an undo."""
    if case is None:
        return
    if choice.closes_case:
        case.state, case.closed_at = CaseState.DECIDED, now
        case.decided_by, case.outcome_decision = choice.user.username, row
    else:
        case.state, case.closed_at = CaseState.OPEN, None
        case.decided_by, case.outcome_decision = "", None
    case.save(update_fields=["state", "closed_at", "decided_by", "outcome_decision"])
