# SPDX-License-Identifier: Apache-2.0
"""Shadow results: what a version of a policy would have asked of people.

A version in shadow is evaluated on everything and acts on nothing. From how
often it fired follows how many cases a day it would bring, and whether there
are people enough to decide them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from vigie.core.clock import DAY_MS
from vigie.flow import desk_settings
from vigie.store.models import Case, CaseKind, PolicyDay, PolicyState, PolicyVersion

WINDOW_DAYS: Final = 28
LEAST_MS: Final = DAY_MS
"""A prediction needs a day of shadow at least."""
LOAD_DAYS: Final = 7
"""Present load: new cases a day over this time."""


@dataclass(frozen=True, slots=True)
class Day:
    """What one version did on one day."""

    day: int
    """Days since 1970 UTC."""
    fired: int
    failed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """Cases a day with a version live, against the people there are."""

    measured_days: float
    """How long it was seen in shadow; 0: not at all."""
    fired: int
    """Decisions in which it fired in that time."""
    added: int | None
    """Cases a day that it would bring; None: not measured for a day yet."""
    present: int
    """New cases a day now, over the last seven days."""
    capacity: int
    """Cases that people can decide in a day (`capacity_per_day`)."""

    @property
    def load(self) -> int | None:
        """Share of the capacity that would be used, in percent, rounded up."""
        if self.added is None:
            return None
        return -(-100 * (self.present + self.added) // self.capacity)

    @property
    def needs_second(self) -> bool:
        """True above 100 %, and where nothing was measured: nobody knows then."""
        return self.load is None or self.load > 100


def days(version: PolicyVersion, state: str, now: int) -> list[Day]:
    """Return what a version did by day, the oldest first, quiet days included."""
    today = now // DAY_MS
    first = max(today - WINDOW_DAYS + 1, version.published_at // DAY_MS)
    rows = PolicyDay.objects.filter(
        policy=version.policy.policy_id, version=version.version, state=state, day__gte=first
    )
    found = {row.day: row for row in rows}
    return [
        Day(day, found[day].fired, found[day].failed) if day in found else Day(day, 0, 0)
        for day in range(first, today + 1)
    ]


def predict(version: PolicyVersion, now: int) -> Prediction:
    """Return what the text of a version would bring if it were live.

    Read from the newest version of the same text that ran in shadow. A policy
    that asks for no person (known material) is counted all the same: the figure
    is an upper bound, and the page says so.
    """
    ran = _shadow_of(version)
    measured, fired = (0, 0) if ran is None else _measured(ran, now)
    return Prediction(
        measured_days=measured / DAY_MS,
        fired=fired,
        added=-(-fired * DAY_MS // measured) if measured >= LEAST_MS else None,
        present=present_load(now),
        capacity=int(desk_settings.get("capacity_per_day")),
    )


def present_load(now: int) -> int:
    """Return new cases a day, over the last seven days; appeals are not a policy's."""
    since = now - LOAD_DAYS * DAY_MS
    recent = Case.objects.filter(opened_at__gte=since).exclude(kind=CaseKind.APPEAL)
    return -(-recent.count() // LOAD_DAYS)


def _shadow_of(version: PolicyVersion) -> PolicyVersion | None:
    """Return the newest version of the same text that was evaluated in shadow."""
    same = PolicyVersion.objects.filter(policy=version.policy_id, digest=version.digest)
    ran = [row for row in same.select_related("policy") if row.document["state"] == "shadow"]
    return max(ran, key=lambda row: row.version, default=None)


def _measured(ran: PolicyVersion, now: int) -> tuple[int, int]:
    """Return how long a version was in shadow (at most the window), and how often it fired."""
    until = now if ran.state == PolicyState.SHADOW else _ended(ran, now)
    begun = max(ran.published_at, until - WINDOW_DAYS * DAY_MS)
    rows = PolicyDay.objects.filter(
        policy=ran.policy.policy_id,
        version=ran.version,
        state=PolicyState.SHADOW,
        day__gte=begun // DAY_MS,
    )
    return max(0, until - begun), sum(row.fired for row in rows)


def _ended(ran: PolicyVersion, now: int) -> int:
    """Return when the next version took its place."""
    later = PolicyVersion.objects.filter(policy=ran.policy_id, version__gt=ran.version).exclude(
        state=PolicyState.DRAFT
    )
    first = later.order_by("version").values_list("published_at", flat=True).first()
    return now if first is None else first
