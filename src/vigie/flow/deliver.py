# SPDX-License-Identifier: Apache-2.0
"""Sending what waits, and keeping a receipt of every attempt.

No network inside a transaction: a task is claimed, sent, and its answer
written. After a crash in between it is sent again under the same id, which is
what `webhook-id` is for.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from django.db.models import Q

from vigie.exchange import webhook
from vigie.exchange.webhook import Receipt
from vigie.flow.house import House
from vigie.flow.transaction import writing
from vigie.store.models import (
    Effect,
    EffectState,
    OutgoingTask,
    Statement,
    StatementState,
    TaskState,
    WebhookEndpoint,
)

_DUE: Final = (TaskState.WAITING, TaskState.FAILED, TaskState.SENT)
CLAIM_MS: Final = 60_000
"""A task that left and brought no answer is tried again after this."""
Send = Callable[..., Receipt]


class Delivered(NamedTuple):
    """What one round sent."""

    delivered: int
    failed: int


def due_tasks(now: int, limit: int = 50) -> list[OutgoingTask]:
    """Return the tasks that are to be sent now, the oldest first."""
    rows = OutgoingTask.objects.filter(state__in=_DUE, next_try__lte=now, not_before__lte=now)
    return list(rows.select_related("endpoint").order_by("next_try", "pk")[:limit])


def deliver(house: House, *, send: Send = webhook.send, limit: int = 50) -> Delivered:
    """Send what is due."""
    delivered = failed = 0
    for task in due_tasks(house.now(), limit):
        if not _claim(task, house.now()):
            continue
        receipt = _attempt(house, task, send)
        if _answered(house, task, receipt):
            delivered += 1
        else:
            failed += 1
    return Delivered(delivered, failed)


def _claim(task: OutgoingTask, now: int) -> bool:
    """Mark a task as on its way; False where an undo cancelled it meanwhile."""
    with writing():
        claimed = OutgoingTask.objects.filter(pk=task.pk, state__in=_DUE, next_try__lte=now).update(
            state=TaskState.SENT, attempts=task.attempts + 1, next_try=now + CLAIM_MS
        )
        if claimed and task.decision_id is not None:
            _effects_sent(task.decision_id, now)
    task.attempts += 1
    return claimed > 0


def _effects_sent(decision: int, now: int) -> None:
    """What leaves the house is sent, confirmed or not."""
    waiting = Effect.objects.filter(decision_id=decision, state=EffectState.WAITING)
    waiting.update(state=EffectState.SENT, sent_at=now)


def _attempt(house: House, task: OutgoingTask, send: Send) -> Receipt:
    endpoint = task.endpoint
    if endpoint is None or not endpoint.enabled:
        return Receipt(0, delivered=False, gone=True, digest="", problem="disabled")
    body = json.dumps(task.payload, separators=(",", ":"), ensure_ascii=False).encode()
    return send(
        endpoint.url,
        [endpoint.secret, endpoint.previous_secret],
        task.message_id,
        body,
        house.now() // 1000,
        allow_private=house.settings.webhook_private,
    )


def _answered(house: House, task: OutgoingTask, receipt: Receipt) -> bool:
    """Write what came of an attempt; True where it was delivered."""
    now = house.now()
    values: dict[str, Any] = {
        "receipt": {**receipt._asdict(), "at": now, "attempt": task.attempts},
    }
    if receipt.delivered:
        values |= {"state": TaskState.DELIVERED, "done_at": now}
    else:
        values |= _again(task, receipt, now)
    with writing():
        OutgoingTask.objects.filter(pk=task.pk).update(**values)
        if receipt.gone and receipt.status and task.endpoint_id is not None:
            WebhookEndpoint.objects.filter(pk=task.endpoint_id).update(
                enabled=False, disabled_reason="gone"
            )
        if receipt.delivered or values["state"] == TaskState.DEAD:
            _start_clock(house, task, now)
    return receipt.delivered


def _again(task: OutgoingTask, receipt: Receipt, now: int) -> dict[str, Any]:
    chance = secrets.randbelow(1_000_000) / 1_000_000
    delay = None if receipt.gone else webhook.next_delay(task.attempts, chance)
    if delay is None:
        return {"state": TaskState.DEAD, "done_at": now}
    return {"state": TaskState.FAILED, "next_try": now + round(delay * 1000)}


def _start_clock(house: House, task: OutgoingTask, now: int) -> None:
    """The statement is issued five minutes after sending, unless confirmed before."""
    due = now + house.settings.unconfirmed_seconds * 1000
    Statement.objects.filter(
        Q(due_at__isnull=True), decision_id=task.decision_id, state=StatementState.PREPARED
    ).update(due_at=due)


def mark_overdue(house: House) -> int:
    """Mark effects that nobody confirmed in time; return how many there are now."""
    limit = house.now() - house.settings.unconfirmed_seconds * 1000
    undo = house.settings.undo_seconds * 1000
    late = Effect.objects.filter(
        Q(state=EffectState.SENT, sent_at__lt=limit)
        # Nobody asked to be told: it has not left, and nothing will confirm it.
        | Q(state=EffectState.WAITING, decision__at__lt=limit - undo)
    )
    if late.filter(overdue=False).exists():
        with writing():
            late.filter(overdue=False).update(overdue=True)
    return late.count()
