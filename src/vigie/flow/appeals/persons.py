# SPDX-License-Identifier: Apache-2.0
"""Who took part in what is contested: none of them hears the complaint (Art. 20(6) DSA)."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Exists, OuterRef, Q

from vigie.flow.chain import head_of
from vigie.store.models import Appeal, DecisionRecord, Measure, Strike, User


def took_part(appeal: Appeal) -> set[str]:
    """Return the user names of everybody who decided what an appeal contests.

    All who decided about this version of the item until it was lodged; for a
    measure also who decided it, and who decided what it rests on. A decision
    made afterwards, while hearing it, bars nobody.
    """
    names = {
        one.decided_by
        for one in chain_of(appeal.decision)
        if one.number <= appeal.decision_id or one.at < appeal.received_at
    }
    return (names | {appeal.first_decider} | _of_measure(appeal.measure)) - {""}


def is_barred(user: User, appeal: Appeal) -> bool:
    """Say whether a person may not hear an appeal because they decided before."""
    return user.username in took_part(appeal)


def barring(user: User) -> Q:
    """Return the appeals that a person may not hear, as a condition on `Appeal`.

    Coarser than `took_part`, so that one question answers for a whole queue:
    who decided about the item while hearing it is not offered it either.
    """
    item = DecisionRecord.objects.filter(
        service=OuterRef("decision__service"),
        item_id=OuterRef("decision__item_id"),
        version=OuterRef("decision__version"),
        decided_by=user.username,
    )
    counted = Strike.objects.filter(
        subject_kind=OuterRef("measure__subject_kind"),
        subject=OuterRef("measure__subject"),
        decision__decided_by=user.username,
    )
    return Q(first_decider=user.username) | Q(Exists(item)) | Q(Exists(counted))


def chain_of(decision: DecisionRecord) -> Iterator[DecisionRecord]:
    """Yield every decision about the same version of the item, the last first."""
    one: DecisionRecord | None = head_of(decision)
    while one is not None:
        yield one
        one = one.supersedes


def _of_measure(measure: Measure | None) -> set[str]:
    if measure is None:
        return set()
    counted = Strike.objects.filter(pk__in=measure.strikes).select_related("decision")
    return {measure.decided_by} | {one.decision.decided_by for one in counted if one.decision}
