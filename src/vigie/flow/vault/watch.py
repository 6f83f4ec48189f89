# SPDX-License-Identifier: Apache-2.0
"""What of the vault's use needs a person's eye: caps reached, leaves refused. Never lane child."""

from __future__ import annotations

from django.db.models import Count, QuerySet

from vigie.evidence import keys
from vigie.flow.vault import leaves
from vigie.store.models import CustodyEvent, CustodyKind


def at_cap(now: int) -> int:
    """Return how many people have opened as much today as a day allows."""
    rows = _events(CustodyKind.OPENED, now - now % leaves.DAY_MS).exclude(user=None)
    counted = rows.order_by().values("user").annotate(times=Count("pk"))
    return counted.filter(times__gte=leaves.cap()).count()


def refused(now: int) -> QuerySet[CustodyEvent]:
    """Return what the vault process refused within a day, the oldest first."""
    return _events(CustodyKind.REFUSED, now - leaves.DAY_MS).order_by("at")


def _events(kind: CustodyKind, since: int) -> QuerySet[CustodyEvent]:
    rows = CustodyEvent.objects.filter(kind=kind, at__gte=since)
    return rows.exclude(evidence__lane=keys.CHILD)
