# SPDX-License-Identifier: Apache-2.0
"""Sending what waits, and keeping a receipt of every attempt.

No network inside a transaction: a task is claimed, sent, and its answer
written. After a crash in between it is sent again under the same id, which is
what `webhook-id` and `Message-ID` are for. Mails to one person leave in the
order in which they were written: one that waits holds back those after it.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from django.db.models import Exists, OuterRef, Q

from vigie.exchange import webhook
from vigie.exchange.webhook import Receipt
from vigie.flow.house import House
from vigie.flow.letters import mail, wording
from vigie.flow.orders.letters import sending as authority_letters
from vigie.flow.transaction import writing
from vigie.store.models import (
    Effect,
    EffectState,
    Letter,
    OutgoingTask,
    Statement,
    StatementState,
    TaskKind,
    TaskState,
    WebhookEndpoint,
)

if TYPE_CHECKING:
    from django.db.models import QuerySet

_DUE: Final = (TaskState.WAITING, TaskState.FAILED, TaskState.SENT)
CLAIM_MS: Final = 60_000
"""A task that left and brought no answer is tried again after this."""
Send = Callable[..., Receipt]
Answer = Receipt | mail.Handed


class Delivered(NamedTuple):
    """What one round sent."""

    delivered: int
    failed: int


def due_tasks(now: int, limit: int = 50) -> list[OutgoingTask]:
    """Return the webhooks that are to be sent now, the oldest first."""
    rows = _due(TaskKind.WEBHOOK, now).select_related("endpoint")
    return list(rows.order_by("next_try", "pk")[:limit])


def due_mails(now: int, limit: int = 50) -> list[OutgoingTask]:
    """Return the mails that are to be sent now: for each address, the first one."""
    earlier = OutgoingTask.objects.filter(
        kind=TaskKind.MAIL,
        letter__to=OuterRef("letter__to"),
        state__in=_DUE,
        not_before__lte=now,
        pk__lt=OuterRef("pk"),
    )
    rows = _due(TaskKind.MAIL, now).filter(~Exists(earlier)).select_related("letter")
    return list(rows.order_by("pk")[:limit])


def _due(kind: TaskKind, now: int) -> QuerySet[OutgoingTask]:
    return OutgoingTask.objects.filter(
        kind=kind, state__in=_DUE, next_try__lte=now, not_before__lte=now
    )


def deliver(house: House, *, send: Send = webhook.send, limit: int = 50) -> Delivered:
    """Send the webhooks that are due."""
    return _round(house, due_tasks(house.now(), limit), lambda one: _attempt(house, one, send))


def deliver_mail(house: House, *, limit: int = 50) -> Delivered:
    """Hand over the mails that are due; without a mail server they wait.

    Raises InvalidInputError where the mail settings cannot work.
    """
    if not mail.is_configured(house.settings):
        return Delivered(0, 0)
    due = due_mails(house.now(), limit)
    if not due:
        return Delivered(0, 0)
    mailer = mail.Mailer(house)
    try:
        done = _round(house, due, lambda one: _hand(house, one, mailer))
    finally:
        mailer.close()
    if done.delivered:
        _server_is_back(house.now())
    return done


def _round(
    house: House, due: list[OutgoingTask], attempt: Callable[[OutgoingTask], Answer]
) -> Delivered:
    delivered = failed = 0
    for task in due:
        if not _claim(task, house.now()):
            continue
        if _answered(house, task, attempt(task)):
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
        if claimed and task.kind == TaskKind.WEBHOOK and task.decision_id is not None:
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


def _hand(house: House, task: OutgoingTask, mailer: mail.Mailer) -> mail.Handed:
    """Hand one mail over; one whose address was erased is gone."""
    letter = Letter.objects.filter(task=task).exclude(to="").first()
    if letter is None:
        return mail.Handed(0, delivered=False, gone=True, problem="erased")
    settings = house.settings
    carried = authority_letters.carried(task)
    if carried is not None:
        text, file = carried
        return mailer.hand(task.message_id, letter.to, text, letter.language, house.now(), [file])
    values = {
        **letter.context,
        "operator": settings.operator or "Vigie",
        "site": settings.base_url,
    }
    text = wording.render(settings.letters_dir, letter.template, letter.language, values)
    return mailer.hand(task.message_id, letter.to, text, letter.language, house.now())


def _server_is_back(now: int) -> None:
    """What waited only for the server goes now, in its order, not hours later."""
    waiting = OutgoingTask.objects.filter(
        kind=TaskKind.MAIL,
        state=TaskState.FAILED,
        next_try__gt=now,
        receipt__problem=mail.UNREACHABLE,
    )
    with writing():
        waiting.update(next_try=now)


def _answered(house: House, task: OutgoingTask, receipt: Answer) -> bool:
    """Write what came of an attempt; True where it was delivered."""
    now = house.now()
    values: dict[str, Any] = {
        "receipt": {**receipt._asdict(), "at": now, "attempt": task.attempts},
    }
    if receipt.delivered:
        taken = TaskState.ACCEPTED if task.kind == TaskKind.MAIL else TaskState.DELIVERED
        values |= {"state": taken, "done_at": now}
    else:
        values |= _again(task, receipt, now)
    with writing():
        OutgoingTask.objects.filter(pk=task.pk).update(**values)
        if receipt.gone and receipt.status and task.endpoint_id is not None:
            WebhookEndpoint.objects.filter(pk=task.endpoint_id).update(
                enabled=False, disabled_reason="gone"
            )
        over = receipt.delivered or values["state"] == TaskState.DEAD
        if over and task.kind == TaskKind.WEBHOOK:
            _start_clock(house, task, now)
        if over and task.kind == TaskKind.MAIL:
            authority_letters.note_task(house, task, delivered=receipt.delivered)
    return receipt.delivered


def _again(task: OutgoingTask, receipt: Answer, now: int) -> dict[str, Any]:
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
