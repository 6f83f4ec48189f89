# SPDX-License-Identifier: Apache-2.0
"""What the platform is told by webhook: thin messages, never content.

A message is a task that commits with the record it tells of; `jobs` sends it.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from typing import Any, Final

from vigie.core.clock import iso
from vigie.core.errors import InvalidInputError, NotFoundError
from vigie.exchange import webhook
from vigie.flow.house import House
from vigie.flow.transaction import writing
from vigie.store.models import OutgoingTask, TaskKind, WebhookEndpoint

DECISION_MADE: Final = "decision.made"
DECISION_SUPERSEDED: Final = "decision.superseded"
STATEMENT_ISSUED: Final = "statement.issued"
ACCOUNT_MEASURE: Final = "account.measure"
PERSON_INFORMED: Final = "person.informed"
"""A duty of silence is over: the platform passes on what the person may know now."""
TEST: Final = "webhook.test"
EVENTS: Final = (
    DECISION_MADE,
    DECISION_SUPERSEDED,
    STATEMENT_ISSUED,
    ACCOUNT_MEASURE,
    PERSON_INFORMED,
    TEST,
)
"""Everything that an endpoint can ask for."""
_ACTION_FIELDS: Final = ("action", "territories", "by", "state", "until")


def message_id() -> str:
    """Name a message; the same over all attempts."""
    return f"msg_{secrets.token_hex(16)}"


def subscribed(endpoints: Iterable[WebhookEndpoint], event: str) -> list[WebhookEndpoint]:
    """Return the endpoints that asked for an event; no list means all of them."""
    return [e for e in endpoints if not e.events or event in e.events]


def asked_for(event: str) -> bool:
    """Say whether an endpoint in use asked for an event."""
    return bool(subscribed(WebhookEndpoint.objects.filter(enabled=True), event))


def decision_payload(body: Mapping[str, Any], service: str, at: int) -> dict[str, Any]:
    """Return what is said of a decision: identifiers, outcome and actions."""
    data = {key: body.get(key) for key in ("decision_id", "item_id", "version", "outcome")}
    data["service"] = service
    data["supersedes"] = body.get("supersedes")
    data["actions"] = [
        {key: action[key] for key in _ACTION_FIELDS if action.get(key) is not None}
        for action in body.get("actions", ())
    ]
    return payload(DECISION_MADE, at, data)


def payload(event: str, at: int, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the body of a message in the shape of Standard Webhooks."""
    return {"type": event, "timestamp": iso(at), "data": dict(data)}


def enqueue(
    event: str,
    body: Mapping[str, Any],
    now: int,
    *,
    decision: int | None = None,
    not_before: int | None = None,
) -> list[OutgoingTask]:
    """Add one message for every endpoint that asked; inside a transaction."""
    due = now if not_before is None else not_before
    return [
        OutgoingTask.objects.create(
            kind=TaskKind.WEBHOOK,
            event=event,
            decision_id=decision,
            endpoint=endpoint,
            message_id=message_id(),
            payload=dict(body),
            not_before=due,
            next_try=due,
            created_at=now,
        )
        for endpoint in subscribed(WebhookEndpoint.objects.filter(enabled=True), event)
    ]


def add_webhook(
    house: House, url: str, events: Iterable[str] = (), secret: str | None = None
) -> WebhookEndpoint:
    """Register an endpoint; its secret is shown once, by the caller.

    Raises InvalidInputError for an address that may not be called, an unknown
    event or a secret of the wrong length.
    """
    wanted = sorted(set(events))
    check_events(wanted)
    webhook.check_url(url, allow_private=house.settings.webhook_private)
    given = secret or webhook.new_secret()
    webhook.check_secret(given)
    with writing():
        return WebhookEndpoint.objects.create(
            url=url, secret=given, events=wanted, created_at=house.now()
        )


def check_events(events: Iterable[str]) -> None:
    """Raise where an event is not one that Vigie sends."""
    for event in events:
        if event not in EVENTS:
            raise InvalidInputError(
                f"There is no event {event!r}.",
                field="events",
                fix=f"Choose from: {', '.join(EVENTS)}.",
            )


def remove_webhook(endpoint_id: int) -> None:
    """Disable an endpoint and cancel what still waits for it."""
    with writing():
        endpoint = _find(endpoint_id)
        endpoint.enabled = False
        endpoint.disabled_reason = "removed"
        endpoint.save(update_fields=["enabled", "disabled_reason"])
        endpoint.tasks.filter(state__in=("waiting", "failed")).update(state="cancelled")


def test_webhook(house: House, endpoint_id: int) -> OutgoingTask:
    """Put one test message on its way; `jobs` sends it and keeps the receipt."""
    now = house.now()
    with writing():
        endpoint = _find(endpoint_id)
        return OutgoingTask.objects.create(
            kind=TaskKind.WEBHOOK,
            event=TEST,
            endpoint=endpoint,
            message_id=message_id(),
            payload=payload(TEST, now, {"endpoint": endpoint.pk}),
            not_before=now,
            next_try=now,
            created_at=now,
        )


def _find(endpoint_id: int) -> WebhookEndpoint:
    found = WebhookEndpoint.objects.filter(pk=endpoint_id).first()
    if found is None:
        raise NotFoundError("There is no such webhook.", code="no_webhook")
    return found
