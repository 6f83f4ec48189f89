# SPDX-License-Identifier: Apache-2.0
"""Terms of the AI gateway. Each is a choice of this program: no statute names one."""

from __future__ import annotations

from typing import Final

from django.db.models import Q

from vigie.core.gateway import DAY_MS, day_of, week_begins, week_of
from vigie.flow import deletion
from vigie.flow.house import House
from vigie.flow.terms import GROUP
from vigie.store.models import (
    GatewayCase,
    GatewayCaseState,
    GatewayDay,
    GatewayPrint,
    GatewayStop,
    GatewayUsage,
)

USAGE_DAYS: Final = 400
FIGURE_DAYS: Final = 760
"""25 months."""
PRINT_DAYS: Final = 30
USER_DAYS: Final = 30
"""After the week for which a pseudonym holds."""
OPEN_DAYS: Final = 180
"""The same while a case about it is open."""


def usage(house: House) -> int:
    """Delete what keys used long ago."""
    limit = day_of(house.now()) - USAGE_DAYS
    return deletion.expire(GatewayUsage.objects.filter(day__lt=limit), "", GROUP)


def days(house: House) -> int:
    """Delete old figures; empty the digests of people of days that are over."""
    today = day_of(house.now())
    gone = deletion.expire(GatewayDay.objects.filter(day__lt=today - FIGURE_DAYS), "", GROUP)
    # The fold may lag: yesterday's last exchanges find their cells as they were.
    over = GatewayDay.objects.filter(day__lt=today - 1).exclude(people=[])
    return gone + deletion.expire(over, "", GROUP, blank={"people": []})


def prints(house: House) -> int:
    """Delete fingerprints after thirty days."""
    limit = house.now() - PRINT_DAYS * DAY_MS
    return deletion.expire(GatewayPrint.objects.filter(at__lt=limit), "", GROUP)


def stops(house: House) -> int:
    """Blank the pseudonyms of users whose week is long over."""
    late, last = (_week(house, days) for days in (USER_DAYS, OPEN_DAYS))
    is_open = Q(state=GatewayCaseState.OPEN)
    cases = GatewayCase.objects.filter(Q(period__lt=last) | (Q(period__lt=late) & ~is_open))
    held = cases.exclude(user="", note="")
    gone = deletion.expire(
        held, "stopped__decision__item_id", GROUP, blank={"user": "", "note": ""}
    )
    rows = GatewayStop.objects.exclude(user="").filter(at__lt=week_begins(late))
    standing = Q(case__state=GatewayCaseState.OPEN, at__gte=week_begins(last))
    return gone + deletion.expire(
        rows.exclude(pk__in=rows.filter(standing).values("pk")),
        deletion.OF_DECISION,
        GROUP,
        blank={"user": ""},
    )


def _week(house: House, days: int) -> int:
    """Return the week of so many days ago: weeks before it ended earlier."""
    return week_of(house.now() - days * DAY_MS)
