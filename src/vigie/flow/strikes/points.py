# SPDX-License-Identifier: Apache-2.0
"""What counts against somebody now: strikes that are neither reversed nor over."""

from __future__ import annotations

from django.db.models import QuerySet, Sum

from vigie.store.models import Strike, StrikeState, SubjectKind


def active(kind: SubjectKind, subject: str, service: str, now: int) -> QuerySet[Strike]:
    """Return what counts now against somebody."""
    return Strike.objects.filter(
        subject_kind=kind,
        subject=subject,
        service=service,
        state=StrikeState.ACTIVE,
        expires_at__gt=now,
    )


def points(kind: SubjectKind, subject: str, service: str, now: int) -> int:
    """Return how many points somebody has now."""
    return active(kind, subject, service, now).aggregate(sum=Sum("weight"))["sum"] or 0


def left_of(numbers: list[int]) -> int:
    """Return how many points strikes have that were not reversed, expired or not.

    A measure rests on what counted when it was decided: time ends strikes, and
    takes nothing back.
    """
    rows = Strike.objects.filter(pk__in=numbers, state=StrikeState.ACTIVE)
    return rows.aggregate(sum=Sum("weight"))["sum"] or 0
