# SPDX-License-Identifier: Apache-2.0
"""`GET /v1/decisions/{id}` (as made) and `POST /v1/decisions/{id}/effect` (journaled)."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

import msgspec
from starlette.types import Receive, Scope, Send

from vigie.core.errors import InvalidInputError, NotFoundError, RefusedError, VigieError
from vigie.core.ids import STORE_WRITER, parse_decision_id
from vigie.intake.answer import public_view, trusted_view
from vigie.intake.parse import UNREADABLE
from vigie.intake.rules import CONTROL, is_time
from vigie.intake.services import Services
from vigie.journal.rows import JournalEffect, Kind, Row
from vigie.journal.rows import encode as encode_row
from vigie.machine.http import (
    ClientGone,
    RequestHeaders,
    encode,
    find_key,
    read_body,
    request_id_of,
    send_error,
    send_json,
)
from vigie.screening.access import AccessKey

MAX_EFFECT: Final = 64 * 1024
MAX_PLACES: Final = 300
MAX_REASON: Final = 1_000
MAX_AHEAD_MS: Final = 300_000
"""A platform's clock may be five minutes fast; a statement names the confirmed time."""
_PLACE: Final = re.compile(r"([A-Z]{2}|\*)\Z")


class _Failed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    territory: str
    reason: str


class _Effect(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    applied_at: str
    territories: list[str] = []
    failed: list[_Failed] = []


class Archived(msgspec.Struct, frozen=True):
    """What the archive gives back: the decision's JSON and its service."""

    decision: msgspec.Raw
    service: str


class DecisionEndpoint:
    """Both paths of one decision, as a plain ASGI application."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; every refusal has the one error shape."""
        wanted: str = scope["path_params"]["decision_id"]
        effect = scope["method"] == "POST"
        try:
            if effect:
                body = await self._confirm(wanted, scope, receive)
            else:
                body = await self._show(wanted, scope)
        except VigieError as problem:
            await send_error(send, problem, request_id_of(scope))
            return
        except ClientGone:
            return
        await send_json(send, 202 if effect else 200, body)

    async def _show(self, wanted: str, scope: Scope) -> bytes:
        snapshot = self._services.engine.holder.snapshot
        key = find_key(RequestHeaders.of(scope), snapshot.access)
        decision = await self._find(wanted, key)
        if key.trusted:
            shown = trusted_view(decision, self._services.engine.addresses)
            return encode({"decision": msgspec.Raw(shown)})
        return encode({"decision": public_view(decision, snapshot.law)})

    async def _find(self, wanted: str, key: AccessKey) -> bytes:
        address = parse_decision_id(wanted)
        if address.writer == STORE_WRITER:
            raise NotFoundError(
                "A person's decision is kept among the records.",
                code="no_decision",
                fix=f"Ask GET /api/v1/decisions/{wanted}.",
            )
        row = self._services.past.decision(address.writer, address.ordinal)
        if row is not None and row.decision_id == wanted:
            return self._of_service(row.decision, row.service, key)
        found = await self._services.find_archived(wanted)
        if found is None:
            raise NotFoundError("There is no decision of this name.", code="no_decision")
        archived = msgspec.json.decode(found, type=Archived)
        return self._of_service(bytes(archived.decision), archived.service, key)

    def _of_service(self, decision: bytes, service: str, key: AccessKey) -> bytes:
        if key.service and key.service != service:
            raise NotFoundError("There is no decision of this name.", code="no_decision")
        return decision

    async def _confirm(self, wanted: str, scope: Scope, receive: Receive) -> bytes:
        headers = RequestHeaders.of(scope)
        engine = self._services.engine
        key = find_key(headers, engine.holder.snapshot.access)
        if not key.sends:
            raise RefusedError(
                "This key may not confirm effects.", code="wrong_scope", field="Authorization"
            )
        effect = _read(await read_body(receive, headers, MAX_EFFECT))
        now_ms = engine.clock.now_ms()
        _check_past(effect.applied_at, now_ms)
        if parse_decision_id(wanted).writer != STORE_WRITER:
            # A person's decision stands in the store alone: the fold looks there.
            await self._find(wanted, key)
        row = JournalEffect(
            decision_id=wanted,
            applied_at=effect.applied_at,
            territories=tuple(effect.territories),
            failed=tuple((one.territory, one.reason) for one in effect.failed),
            service=key.service,
        )
        await engine.commit([Row(0, Kind.EFFECT.value, now_ms, encode_row(row))])
        return encode({"decision_id": wanted, "state": "recorded"})


def _read(body: bytes) -> _Effect:
    try:
        effect = msgspec.json.decode(body, type=_Effect)
    except (msgspec.ValidationError, *UNREADABLE) as problem:
        raise InvalidInputError(
            f"The confirmation does not read: {problem}.",
            code="bad_effect",
            fix='Send {"applied_at": "...", "territories": ["FR"], "failed": []}.',
        ) from None
    if not is_time(effect.applied_at):
        raise InvalidInputError(
            "The time is not RFC 3339 with a zone.",
            code="bad_time",
            field="applied_at",
            fix="Send 2026-11-22T20:00:00Z.",
        )
    places = [*effect.territories, *(one.territory for one in effect.failed)]
    if not 0 < len(places) <= MAX_PLACES or not all(_PLACE.match(place) for place in places):
        raise InvalidInputError(
            "The territories are no ISO 3166 codes.",
            code="bad_country",
            field="territories",
            fix='Send the territories of the action, such as ["FR", "DE"].',
        )
    for number, one in enumerate(effect.failed):
        if len(one.reason) > MAX_REASON or CONTROL.search(one.reason):
            raise InvalidInputError(
                "The reason is too long or holds control characters.",
                code="bad_reason",
                field=f"failed[{number}].reason",
                fix=f"Send one line of at most {MAX_REASON} characters.",
            )
    return effect


def _check_past(applied_at: str, now_ms: int) -> None:
    """Raise where an effect is said to begin later than a fast clock explains."""
    try:
        at_ms = datetime.fromisoformat(applied_at).timestamp() * 1000
    except (OverflowError, OSError):  # beyond what this machine can count
        at_ms = float("inf")
    if at_ms - now_ms > MAX_AHEAD_MS:
        raise InvalidInputError(
            "The effect lies in the future.",
            code="bad_time",
            field="applied_at",
            fix="Confirm an effect once it is there; set the clock by a time server.",
        )
