# SPDX-License-Identifier: Apache-2.0
"""How the gateway stands now: what runs where, whom it asks, what raised an alarm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from vigie.core.clock import iso
from vigie.core.gateway import Ending, Feature, day_of
from vigie.flow.gateway import alarms, brakes, upstreams
from vigie.flow.gateway.digest import digest
from vigie.flow.house import House
from vigie.store.models import GatewayAlarmKind


def standing(house: House) -> dict[str, Any]:
    """Return it as a document: `features`, `upstreams`, `alarms`, `today`."""
    today = digest(house, day_of(house.now()))
    return {
        "features": features(),
        "upstreams": _upstreams(house),
        "alarms": alarm_rows(),
        "today": {
            "asked": _said(today.asked.total.exchanges),
            "refused": str(today.sum_of(Ending.REFUSED)),
            "cut": str(today.sum_of(Ending.CUT)),
        },
    }


def features() -> list[dict[str, Any]]:
    """Return every feature with the countries in which it stands still, and by which brakes."""
    rows = list(brakes.standing().order_by("number"))
    found = []
    for feature in Feature:
        mine = [row for row in rows if row.feature in {feature.value, Feature.ALL.value}]
        found.append(
            {
                "feature": feature.value,
                "stopped_in": sorted({one for row in mine for one in row.countries}),
                "brakes": [brakes.label(row) for row in mine],
            }
        )
    return found


def alarm_rows() -> list[dict[str, Any]]:
    """Return the alarms that are open, the newest first."""
    return [
        {
            "number": row.pk,
            "kind": row.kind,
            "key": row.key_id,
            "subject": row.subject,
            "count": row.count,
            "first_at": iso(row.first_at),
            "last_at": iso(row.last_at),
        }
        for row in alarms.standing()
    ]


def _upstreams(house: House) -> list[dict[str, Any]]:
    said = health()
    return [
        {
            "name": row.name,
            "host": urlsplit(row.document["url"]).hostname,
            "interface": row.document["kind"],
            "models": row.document["models"],
            "key": upstreams.has_key(house.settings, row.name),
            "health": said.get(row.name, ""),
        }
        for row in upstreams.rows()
    ]


@dataclass(frozen=True, slots=True)
class Failing:
    """How often an upstream failed since somebody last closed its alarm."""

    count: int
    last: int


def failing() -> dict[str, Failing]:
    """Return what the doors said of upstreams that failed and that nobody has closed since."""
    rows = alarms.standing().filter(kind=GatewayAlarmKind.UPSTREAM).order_by("last_at")
    found: dict[str, Failing] = {}
    for row in rows:
        before = found[row.subject].count if row.subject in found else 0
        found[row.subject] = Failing(before + row.count, row.last_at)
    return found


def health() -> dict[str, str]:
    """Return it in words, for the command line."""
    return {
        name: f"failed {one.count:,} times, last {iso(one.last)[:19]} UTC"
        for name, one in failing().items()
    }


def _said(count: int | None) -> str:
    return "fewer than 10 people" if count is None else f"{count:,}"
