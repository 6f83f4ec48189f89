# SPDX-License-Identifier: Apache-2.0
"""What needs a person now, besides late cases: how many and since when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import msgspec

from vigie.flow import anchors, second_person
from vigie.flow.orders import listing, silence
from vigie.flow.queues import figures
from vigie.flow.queues.figures import Count
from vigie.flow.vault import watch
from vigie.store.models import (
    BrokenPromise,
    Effect,
    EffectState,
    LogEntry,
    Measure,
    MeasureState,
    OutgoingTask,
    PublishedCheckpoint,
    SearchDay,
    TaskState,
    User,
    WebhookEndpoint,
)
from vigie.store.permissions import Permission

if TYPE_CHECKING:
    from vigie.flow.house import House

MINUTE_MS: Final = 60_000
DAY_MS: Final = 86_400_000
SILENT_MS: Final = MINUTE_MS
UNSIGNED_MS: Final = 10 * MINUTE_MS
PROMISE_DAYS: Final = 28
_STATUS: Final = "jobs.status.json"


class Code(StrEnum):
    """Kinds of alarms, the gravest first."""

    JOBS = "jobs"
    """`jobs` says nothing, or the fold is behind."""
    FORK = "fork"
    """Somebody outside has seen another history of the log: signing has stopped."""
    LOG = "log"
    """An entry waits too long for a signed checkpoint."""
    SEARCH = "search"
    """Searches by authorities that stand: nothing is deleted meanwhile."""
    PROMISE = "promise"
    """Promises of inclusion that were not kept in time."""
    CLOCK_LATE = "clock_late"
    """Clocks of duties that were missed and are still owed."""
    CLOCK_SOON = "clock_soon"
    """Clocks of duties that run out within a day."""
    UNTOLD = "untold"
    """Silences that ended without anything that tells the person."""
    VAULT_CAP = "vault_cap"
    """People who have opened as much evidence today as a day allows."""
    VAULT_REFUSED = "vault_refused"
    """Leaves to open evidence that the vault refused within a day."""
    DRIFT = "drift"
    """Clocks of witnesses and time-stamp authorities that differ from ours by over a minute."""
    OUTSIDE = "outside"
    """Witnesses and time-stamp authorities that have not answered for an hour."""
    DEAD = "dead"
    """Messages given up, undelivered."""
    ENDPOINT = "endpoint"
    """Addresses of the platform that were switched off after failures."""
    EFFECT = "effect"
    """Actions that the platform has not confirmed for five minutes."""
    SECOND = "second"
    """Acts that wait for a second person."""
    MEASURE = "measure"
    """Warnings and suspensions that the ladder proposes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """One thing that needs a person."""

    code: Code
    count: Count
    since: int | None = None
    """When the oldest began; None: it says nothing."""


def alarms(house: House, user: User) -> list[Alarm]:
    """Return what needs a person now, the gravest first; never class child."""
    now = house.now()
    first = (_jobs(house, now), _fork(house), _log(now), _searches(), _promises(now))
    vault = (_at_cap(user, now), _vault_refused(user, now))
    last = (
        _drift(house),
        _outside(house),
        _dead(),
        _endpoints(),
        _effects(),
        _second(user),
        _measures(),
    )
    found = (*first, *of_clocks(user, now), *vault, *last)
    return [one for one in found if one is not None]


def _jobs(house: House, now: int) -> Alarm | None:
    said = _said(house)
    at = said.get("at", 0)
    lag = round(said.get("fold_lag_seconds", 0) * 1000)
    if now - at > SILENT_MS:
        return Alarm(code=Code.JOBS, count=Count(1), since=at or None)
    if lag > house.settings.fold_lag_limit * 1000:
        return Alarm(code=Code.JOBS, count=Count(1), since=now - lag)
    return None


def _said(house: House) -> dict[str, Any]:
    """Return what `jobs` last said of itself."""
    try:
        found = msgspec.json.decode((house.settings.run_dir / _STATUS).read_bytes())
    except (OSError, msgspec.DecodeError):
        return {}
    return found if isinstance(found, dict) else {}


def _fork(house: House) -> Alarm | None:
    found = anchors.fork(house)
    return None if found is None else Alarm(code=Code.FORK, count=Count(1), since=found.t)


def _drift(house: House) -> Alarm | None:
    found = anchors.drifts(house)
    return Alarm(code=Code.DRIFT, count=Count(len(found))) if found else None


def _outside(house: House) -> Alarm | None:
    found = anchors.silent(house)
    if not found:
        return None
    return Alarm(code=Code.OUTSIDE, count=Count(len(found)), since=found[0].since)


def _log(now: int) -> Alarm | None:
    """Look at the first entry that no checkpoint holds."""
    size = PublishedCheckpoint.objects.order_by("-size").values_list("size", flat=True).first()
    waiting = LogEntry.objects.filter(index__gte=size or 0).order_by("index")
    since = waiting.values_list("since", flat=True).first()
    if since is None or now - since <= UNSIGNED_MS:
        return None
    return Alarm(code=Code.LOG, count=_count(waiting), since=since)


def _searches() -> Alarm | None:
    standing = SearchDay.objects.filter(closed_at=None)
    first = standing.order_by("opened_at").values_list("opened_at", flat=True).first()
    return None if first is None else Alarm(code=Code.SEARCH, count=_count(standing), since=first)


def _count(rows: Any) -> Count:
    found = rows.order_by()[: figures.MOST + 1].count()
    return Count(min(found, figures.MOST), found > figures.MOST)


def _promises(now: int) -> Alarm | None:
    rows = BrokenPromise.objects.filter(kept_at__gte=now - PROMISE_DAYS * DAY_MS)
    first = rows.order_by("kept_at").values_list("kept_at", flat=True).first()
    return None if first is None else Alarm(code=Code.PROMISE, count=_count(rows), since=first)


def of_clocks(user: User, now: int) -> list[Alarm]:
    """Return what clocks of duties ask for, of whoever reads orders."""
    if not user.has_perm(Permission.ORDER_READ):
        return []
    found = (_late(user), _soon(user, now), _untold())
    return [one for one in found if one is not None]


def _late(user: User) -> Alarm | None:
    rows = listing.late(user)
    first = rows.order_by("due_at").values_list("due_at", flat=True).first()
    return None if first is None else Alarm(code=Code.CLOCK_LATE, count=_count(rows), since=first)


def _soon(user: User, now: int) -> Alarm | None:
    count = _count(listing.soon(user, now))
    return Alarm(code=Code.CLOCK_SOON, count=count) if count.number else None


def _untold() -> Alarm | None:
    """Look for persons whom nobody could tell: the platform asked for no such message."""
    rows = silence.untold()
    first = rows.order_by("ended_at").values_list("ended_at", flat=True).first()
    return None if first is None else Alarm(code=Code.UNTOLD, count=_count(rows), since=first)


def _at_cap(user: User, now: int) -> Alarm | None:
    count = watch.at_cap(now) if user.has_perm(Permission.EVIDENCE_READ) else 0
    return Alarm(code=Code.VAULT_CAP, count=Count(count)) if count else None


def _vault_refused(user: User, now: int) -> Alarm | None:
    if not user.has_perm(Permission.EVIDENCE_READ):
        return None
    rows = watch.refused(now)
    first = rows.values_list("at", flat=True).first()
    return (
        None if first is None else Alarm(code=Code.VAULT_REFUSED, count=_count(rows), since=first)
    )


def _dead() -> Alarm | None:
    count = _count(OutgoingTask.objects.filter(state=TaskState.DEAD))
    return Alarm(code=Code.DEAD, count=count) if count.number else None


def _endpoints() -> Alarm | None:
    rows = WebhookEndpoint.objects.filter(enabled=False).exclude(disabled_reason="")
    count = _count(rows)
    return Alarm(code=Code.ENDPOINT, count=count) if count.number else None


def _effects() -> Alarm | None:
    rows = Effect.objects.filter(state=EffectState.SENT, overdue=True)
    rows = rows.exclude(decision__cls="child")
    first = rows.order_by("sent_at").values_list("sent_at", flat=True).first()
    if first is None:
        return None
    return Alarm(code=Code.EFFECT, count=_count(rows), since=first)


def _second(user: User) -> Alarm | None:
    found = list(_asked(user))
    if not found:
        return None
    return Alarm(code=Code.SECOND, count=Count(len(found)), since=min(found))


def _asked(user: User) -> Iterator[int]:
    """Yield when each request was made that waits for this person."""
    for one in islice(second_person.waiting_for(user).iterator(), 100):
        if second_person.may_see(user, one):
            yield one.asked_at


def _measures() -> Alarm | None:
    rows = Measure.objects.filter(state=MeasureState.PROPOSED)
    first = rows.order_by("proposed_at").values_list("proposed_at", flat=True).first()
    return None if first is None else Alarm(code=Code.MEASURE, count=_count(rows), since=first)
