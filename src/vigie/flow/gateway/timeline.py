# SPDX-License-Identifier: Apache-2.0
"""Timelines of incidents: who did what, when. Lines are added, never changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from operator import attrgetter
from typing import Final

from django.db.models import QuerySet
from django.utils.translation import ngettext

from vigie.core.gateway import Brake, Ending, ExchangeFacts, Feature
from vigie.flow.gateway.actor import ITSELF
from vigie.flow.house import House
from vigie.flow.transaction import writing
from vigie.store.models import BrakeState, GatewayBrake, GatewayIncidentLine

MAX_NOTE: Final = 2_000


class What(StrEnum):
    """What a line tells of."""

    STOPPED = "stopped"
    TRIPPED = "tripped"
    AGAIN = "again"
    """Somebody pressed the brake while it stood."""
    IN_FORCE = "in_force"
    """A Snapshot with it was published; every process takes it up within 2 s."""
    CUT = "cut"
    """Streams in flight that were ended by it."""
    NOTE = "note"
    RELEASE_ASKED = "release_asked"
    RELEASED = "released"


def add(house: House, brake: GatewayBrake, what: What, by: str, note: str = "") -> None:
    """Add a line. Inside `transaction.writing`."""
    GatewayIncidentLine.objects.create(
        brake=brake, at=house.now(), by=by, what=what, note=note[:MAX_NOTE]
    )


def mark_in_force(house: House, snapshot: int) -> int:
    """Say of each new brake in which Snapshot it is; return how many there were.

    Called by whoever publishes Snapshots, when the part of the brakes was built.
    """
    told = GatewayIncidentLine.objects.filter(what=What.IN_FORCE).values("brake")
    new = GatewayBrake.objects.filter(state=BrakeState.IN_FORCE).exclude(pk__in=told)
    if not new.exists():
        return 0
    with writing():
        rows = list(new.order_by("number"))
        for row in rows:
            add(house, row, What.IN_FORCE, ITSELF, f"Snapshot {snapshot}")
    return len(rows)


def mark_cut(house: House, exchanges: Iterable[ExchangeFacts]) -> None:
    """Say of brakes in force how many answers they ended while these were being given.

    What was refused before anybody was asked is in the day's figures alone.
    """
    cut = [one for one in exchanges if one.ending is Ending.BRAKED and one.upstream]
    if not cut:
        return
    for row in GatewayBrake.objects.filter(state=BrakeState.IN_FORCE).order_by("number"):
        brake = Brake(
            number=row.number, feature=Feature(row.feature), countries=tuple(row.countries)
        )
        mine = sum(brake.stops(one.feature, one.country) for one in cut)
        cut = [one for one in cut if not brake.stops(one.feature, one.country)]
        if mine:
            add(house, row, What.CUT, ITSELF, ngettext("%d answer", "%d answers", mine) % mine)


def incidents(most: int = 100) -> QuerySet[GatewayBrake]:
    """Return brakes, those in force first, then the newest; `lines_of` asks no more for them."""
    rows = GatewayBrake.objects.prefetch_related("lines")
    return rows.order_by("state", "-started_at", "-number")[:most]


def lines_of(brake: GatewayBrake) -> Sequence[GatewayIncidentLine]:
    """Return the lines of one incident, the oldest first."""
    return sorted(brake.lines.all(), key=attrgetter("at", "pk"))
