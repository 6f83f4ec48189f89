# SPDX-License-Identifier: Apache-2.0
"""What a journal says of exchanges with the AI gateway, in the transaction that folds it.

Daily figures, fingerprints, use of keys, alarms and brakes; of what was stopped a row
of facts, and a case where one pseudonym was stopped often. The gateway applied what it
refused itself: its effect is confirmed with it, and the statement can be issued at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from django.db import connection
from django.db.models import F, Max

from vigie.core.clock import iso
from vigie.core.gateway import Feature, day_of, week_of
from vigie.flow import records
from vigie.flow.confirm_effect import apply_confirmation
from vigie.flow.fold.incoming import Batch, Exchange
from vigie.flow.fold.rows import places
from vigie.flow.gateway import alarms, brakes, figures, profiles, timeline
from vigie.flow.house import House
from vigie.flow.insert import insert
from vigie.journal.record import plain_exchange
from vigie.journal.rows import JournalEffect
from vigie.store.models import (
    ApiKey,
    DecisionRecord,
    GatewayCase,
    GatewayCaseState,
    GatewayPrint,
    GatewayStop,
    GatewayUsage,
)

CASE_OPENED: Final = "gateway.case_opened"
PRINT: Final = ("application", "at", "fingerprint", "decision_id")
_SIGN: Final = 1 << 63
_USE: Final = f"""
    INSERT INTO {GatewayUsage._meta.db_table}
        (key_id, day, requests, input_tokens, output_tokens, images)
    VALUES (%s, %s, %s, %s, %s, %s)
    ON CONFLICT (key_id, day) DO UPDATE
    SET requests = {GatewayUsage._meta.db_table}.requests + excluded.requests,
        input_tokens = {GatewayUsage._meta.db_table}.input_tokens + excluded.input_tokens,
        output_tokens = {GatewayUsage._meta.db_table}.output_tokens + excluded.output_tokens,
        images = {GatewayUsage._meta.db_table}.images + excluded.images
"""  # noqa: S608, SLF001


def write(batch: Batch, house: House) -> None:
    """Write what a batch says of the gateway. Inside `transaction.writing`."""
    if not batch.of_gateway:
        return
    known = _known_keys(batch)
    figures.add(house, batch.exchanges)
    timeline.mark_cut(house, [one.facts for one in batch.exchanges])
    _prints(batch.exchanges)
    _stops(batch.exchanges, house, known)
    _confirm(batch)
    _usage(batch, known)
    for alarm, _ in batch.alarms:
        key = known.get(alarm.key)
        alarms.raise_alarm(house, alarm.kind, key, alarm.subject, count=alarm.count)
    for brake, at in batch.brakes:
        brakes.trip(house, Feature(brake.feature), brake.countries,
                    {"why": brake.reason, "door": batch.writer, "at": at})  # fmt: skip


def _known_keys(batch: Batch) -> dict[str, int]:
    """Return the keys that are in the store, by their number as text."""
    named = {one.facts.application for one in batch.exchanges}
    named |= {use.key for use, _ in batch.usage} | {alarm.key for alarm, _ in batch.alarms}
    numbers = [int(one) for one in named if one.isdecimal()]
    found = ApiKey.objects.filter(pk__in=numbers).values_list("pk", flat=True)
    return {str(number): number for number in found}


def _prints(exchanges: Iterable[Exchange]) -> None:
    rows = [
        (one.facts.application, one.at, signed(one.facts.fingerprint), one.decision_id)
        for one in exchanges
        if one.facts.fingerprint
    ]
    insert(GatewayPrint, PRINT, rows)


def signed(fingerprint: int) -> int:
    """Return 64 bits as the signed whole number that a database keeps."""
    return fingerprint - 2 * _SIGN if fingerprint >= _SIGN else fingerprint


def _usage(batch: Batch, known: dict[str, int]) -> None:
    rows = [
        (known[use.key], day_of(at), use.requests, use.input_tokens, use.output_tokens, use.images)
        for use, at in batch.usage
        if use.key in known
    ]
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(_USE, rows)


def _stops(exchanges: Sequence[Exchange], house: House, known: dict[str, int]) -> None:
    stopped = [one for one in exchanges if one.stopped and one.facts.application in known]
    if not stopped:
        return
    rows = DecisionRecord.objects.filter(decision_id__in=[one.decision_id for one in stopped])
    decisions = {row.decision_id: row for row in rows}
    for one in stopped:
        decision = decisions.get(one.decision_id)
        if decision is None:  # counted only: nothing but its numbers is kept
            continue
        stop = _stop(one, decision, known[one.facts.application])
        _join(stop, one, house)


def _confirm(batch: Batch) -> None:
    """The gateway carried out what it refused: nobody else will say so."""
    for name, at, actions in batch.refusals:
        said = JournalEffect(
            decision_id=name, applied_at=iso(at), territories=tuple(places(actions))
        )
        apply_confirmation(said, at, source=f"gateway:{name}")


def _stop(one: Exchange, decision: DecisionRecord, key: int) -> GatewayStop:
    facts = one.facts
    return GatewayStop.objects.create(
        decision=decision,
        key_id=key,
        at=one.at,
        stage=facts.stage or "",
        feature=facts.feature,
        route=facts.route[:64],
        country=facts.country[:2],
        language=facts.language[:16],
        category=facts.category[:64],
        model=facts.model[:200],
        user=facts.user,
        facts=plain_exchange(facts),
        excerpt=facts.excerpt[:200],
    )


def _join(stop: GatewayStop, one: Exchange, house: House) -> None:
    """Put a stop into the case of its user, and open one where there are enough of them."""
    if not stop.user:
        return
    mine = GatewayStop.objects.filter(key=stop.key_id, user=stop.user)
    case = GatewayCase.objects.filter(key=stop.key_id, user=stop.user).first()
    if case is not None:
        GatewayCase.objects.filter(pk=case.pk).update(
            stops=F("stops") + 1, last_at=max(case.last_at, stop.at)
        )
        mine.filter(pk=stop.pk).update(case=case)
        return
    count = mine.count()
    if count >= profiles.conf().profile(one.facts.profile).stops_per_case:
        mine.update(case=_open(stop, count, house))


def _open(stop: GatewayStop, count: int, house: House) -> GatewayCase:
    now = house.now()
    number = (GatewayCase.objects.aggregate(last=Max("number"))["last"] or 0) + 1
    plain: dict[str, Any] = {"case": number, "key": stop.key_id, "stops": count}
    draft = records.draft(CASE_OPENED, now, plain, {"user": stop.user})
    records.append_one(draft)
    return GatewayCase.objects.create(
        number=number,
        key_id=stop.key_id,
        user=stop.user,
        period=week_of(stop.at),
        state=GatewayCaseState.OPEN,
        stops=count,
        opened_at=now,
        last_at=stop.at,
        record_id=draft.record_id,
    )
