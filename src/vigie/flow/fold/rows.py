# SPDX-License-Identifier: Apache-2.0
"""From a journal row to the rows of the store: one function a table.

Rows are made before the transaction; the columns that only it can know (number,
index, the decision that this one repeats) come first and are put in front there.
"""

from __future__ import annotations

import json
from typing import Any, Final

import msgspec

from vigie.core import locations, same_text
from vigie.core.actions import ACTIONS, STRICTNESS, ActionKind
from vigie.core.decision import Action, Decision
from vigie.flow import webhooks
from vigie.flow.fold.incoming import Incoming
from vigie.flow.house import House
from vigie.flow.insert import as_json
from vigie.flow.records import Draft
from vigie.flow.statement_text import Facts, Prepared, Titles
from vigie.law import Proposal
from vigie.store.models import (
    CaseKind,
    CaseState,
    DecisionKind,
    EffectState,
    Queue,
    WebhookEndpoint,
)

DECISION: Final = (
    "number", "log_index", "duplicate_of", "has_content", "decision_id", "record", "kind",
    "service", "item_id", "version", "surface", "author", "language", "outcome", "cls",
    "offences", "territories", "policies", "media", "sample", "at", "snapshot", "body",
    "decided_by", "reason", "stale",
)  # fmt: skip
CONTENT: Final = (
    "service", "item_id", "version", "text", "links", "url", "author", "pseudonym",
    "published_at", "countries", "in_reply_to", "kept_since", "url_key", "media_urls",
    "text_key",
)  # fmt: skip
EFFECT: Final = (
    "decision", "position", "action", "territories", "state", "places", "until", "sent_at",
    "overdue",
)  # fmt: skip
CASE: Final = (
    "decision", "kind", "queue", "state", "policy", "ground", "territories", "action", "proposals",
    "one_click", "facts", "opened_at", "decided_by", "category", "language",
    "priority", "trusted", "clock", "hard", "claimed_until",
)  # fmt: skip
STATEMENT: Final = (
    "decision", "state", "exception", "token_digest", "token_expires_at", "content",
    "database_records", "prepared_at", "due_at", "confirmed",
)  # fmt: skip
TASK: Final = (
    "decision", "kind", "event", "endpoint", "message_id", "payload", "not_before", "state",
    "attempts", "next_try", "receipt", "created_at",
)  # fmt: skip
SIGHTING: Final = ("decision",)
ANSWER: Final = ("digest", "writer", "decision", "at")
CHILD: Final = "child"
_NOT_ROUTED: Final = (0, False, "", False, 0)
"""Priority, trusted, clock, hard, claim: set when the routing rules have looked."""


class _Head(msgspec.Struct):
    """What of a record stands in columns too."""

    id: str
    k: str
    t: int


_HEAD: Final = msgspec.json.Decoder(_Head)
_RAW: Final = msgspec.json.Encoder()


def record_of(item: Incoming) -> Draft:
    """Return the record and entry that the door fixed, unchanged."""
    head = _HEAD.decode(item.row.record)
    return Draft(
        record_id=head.id,
        kind=head.k,
        at=head.t,
        content=item.row.record,
        entry=item.row.entry,
        key=item.row.key,
        fields_json=item.row.fields.decode(),
        promised_until=item.row.not_after or None,
    )


def facts_of(item: Incoming, titles: Titles) -> Facts:
    """Return what a statement may say of the item."""
    text = item.text
    return Facts(
        surface=item.row.surface,
        service=item.row.service,
        url=text.url if text else None,
        published_at=text.created_at if text else None,
        language=item.decision.language,
        has_media=bool(item.row.media),
        has_text=bool(text and text.text) or bool(item.row.exchange),
        decided_at=item.at,
        titles=titles,
    )


def decision_row(item: Incoming, record_id: str) -> tuple[Any, ...]:
    """Return the row of `DecisionRecord`."""
    row, decision = item.row, item.decision
    return (
        row.decision_id, record_id, DecisionKind.MACHINE.value, row.service,
        row.item_id, row.version, row.surface, row.author, decision.language or "", row.outcome,
        row.cls, as_json(offences(decision)), as_json(places(decision.actions)),
        as_json(sorted({v.policy for v in decision.verdicts})), as_json(row.media),
        not decision.actions and not decision.claimed, item.at, row.snapshot,
        row.decision.decode(), "", "", row.stale,
    )  # fmt: skip


def offences(decision: Decision) -> list[str]:
    """Return the law entries that an action rests on."""
    return sorted({g.offence for a in decision.actions for g in a.grounds if g.offence})


def places(actions: tuple[Action, ...]) -> list[str]:
    """Return every territory of the actions once."""
    return sorted({place for action in actions for place in action.territories})


def content_row(item: Incoming) -> tuple[Any, ...] | None:
    """Return the erasable row of the text; None for class `child`."""
    if item.text is None or item.row.cls == CHILD:
        return None
    row, text = item.row, item.text
    return (
        row.service, row.item_id, row.version, text.text or "", as_json(text.links),
        text.url or "", as_json({"id": text.author_id, "country": text.author_country}),
        row.author, text.created_at or "", as_json(text.countries or ()),
        text.in_reply_to or "", item.at, locations.key(text.url or ""), as_json(text.media_urls),
        same_text.key(text.text or ""),
    )  # fmt: skip


def effect_rows(item: Incoming) -> list[tuple[Any, ...]]:
    """Return one row for each action that was taken."""
    return [
        (
            n, action.action.value, as_json(action.territories), EffectState.SENT.value,
            "{}", action.until or "", item.at, False,
        )
        for n, action in enumerate(item.decision.actions)
        if action.state != "proposed"
    ]  # fmt: skip


def case_row(item: Incoming, house: House) -> tuple[Any, ...] | None:
    """Return the case of a proposal, or of a match in class `child`."""
    if item.row.cls == CHILD:
        return _child_case(item)
    proposed = [a for a in item.decision.actions if a.state == "proposed"]
    if not proposed or item.row.stale:
        return None
    first = max(proposed, key=lambda a: STRICTNESS[ACTIONS[a.action].outcome])
    ground = first.grounds[0] if first.grounds else None
    policy = next((v.policy for v in item.decision.verdicts if v.ground == ground), "")
    entry = house.law.entries.get(ground.offence or "") if ground else None
    return (
        CaseKind.PROPOSAL.value, Queue.GENERAL.value, CaseState.OPEN.value, policy,
        as_json(ground) if ground else "{}", as_json(first.territories), first.action.value,
        as_json(proposed), entry is not None and entry.proposal == Proposal.ONE_CLICK, "{}",
        item.at, "", "", item.decision.language or "", *_NOT_ROUTED,
    )  # fmt: skip


def _child_case(item: Incoming) -> tuple[Any, ...]:
    """Return a case that holds hashes, list names, time, location and account only."""
    matches = [s.match for s in item.decision.signals if s.match is not None]
    facts = {
        "hashes": item.row.media,
        "lists": sorted({bank for match in matches for bank in match.banks}),
        "at": item.at,
        "location": item.text.url if item.text else None,
        "account": item.text.author_id if item.text else item.user or None,
    }
    actions = item.decision.actions
    return (
        CaseKind.MATCH.value, Queue.CHILD.value, CaseState.OPEN.value, "", "{}",
        as_json(places(actions)),
        actions[0].action.value if actions else ActionKind.REMOVED.value, "[]", False,
        as_json(facts), item.at, "", CHILD, "", *_NOT_ROUTED,
    )  # fmt: skip


def is_claimed(item: Incoming) -> bool:
    """Say whether the victim's path is to look at it; class `child` has a path of its own."""
    return item.decision.claimed and item.row.cls != CHILD and not item.row.stale


def statement_row(item: Incoming, statement: Prepared, house: House) -> tuple[Any, ...]:
    """Return the statement, prepared with the decision."""
    return (
        statement.state.value, statement.exception, statement.token_digest,
        statement.expires_at, as_json(statement.content), as_json(statement.database_records),
        item.at, item.at + house.settings.unconfirmed_seconds * 1000, False,
    )  # fmt: skip


def task_rows(item: Incoming, endpoints: list[WebhookEndpoint]) -> list[tuple[Any, ...]]:
    """Return the webhook messages that tell of the decision."""
    if not endpoints:
        return []
    body = json.loads(item.row.decision)
    payload = as_json(webhooks.decision_payload(body, item.row.service, item.at))
    return [
        (
            "webhook", webhooks.DECISION_MADE, endpoint.pk, webhooks.message_id(),
            payload, item.at, "waiting", 0, item.at, "{}", item.at,
        )
        for endpoint in webhooks.subscribed(endpoints, webhooks.DECISION_MADE)
    ]  # fmt: skip
