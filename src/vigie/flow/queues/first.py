# SPDX-License-Identifier: Apache-2.0
"""The queues that are there from the start, so that a fresh installation works."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.db import transaction
from django.utils.translation import gettext, gettext_noop

from vigie.store.models import Queue, ReviewQueue
from vigie.store.permissions import Permission

HOUR: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltIn:
    """One queue of the start. Its title is English in the store, translated when shown."""

    slug: str
    title: str
    description: str
    position: int
    aim_minutes: int
    hardness: int
    restricted: bool = False
    needs: Permission | None = None
    """Asked of everybody who works in it, whatever else they may do."""


_ALL: Final = (
    BuiltIn(
        slug=Queue.GENERAL.value,
        title=gettext_noop("General"),
        description=gettext_noop("Everything that no rule sends elsewhere."),
        position=10,
        aim_minutes=24 * HOUR,
        hardness=1,
    ),
    BuiltIn(
        slug=Queue.INTIMATE.value,
        title=gettext_noop("Intimate pictures"),
        description=gettext_noop(
            "Pictures of a person shared without her agreement. The law fixes 48 hours."
        ),
        position=20,
        aim_minutes=48 * HOUR,
        hardness=3,
        restricted=True,
        needs=Permission.INTIMATE_CONFIRM,
    ),
    BuiltIn(
        slug=Queue.APPEALS.value,
        title=gettext_noop("Appeals"),
        description=gettext_noop(
            "Decisions that are contested. Whoever decided first never gets them."
        ),
        position=30,
        aim_minutes=7 * 24 * HOUR,
        hardness=1,
        needs=Permission.APPEAL_DECIDE,
    ),
    BuiltIn(
        slug=Queue.CHILD.value,
        title=gettext_noop("Child safety"),
        description=gettext_noop("Hashes and references only; never shown with other queues."),
        position=90,
        aim_minutes=HOUR,
        hardness=3,
        needs=Permission.CHILD_READ,
    ),
)
BUILT_IN: Final = {one.slug: one for one in _ALL}


def ensure() -> None:
    """Make the built-in queues that are missing; what an operator changed stays."""
    with transaction.atomic():
        for one in _ALL:
            ReviewQueue.objects.get_or_create(
                slug=one.slug,
                defaults={
                    "title": one.title,
                    "description": one.description,
                    "position": one.position,
                    "aim_minutes": one.aim_minutes,
                    "hardness": one.hardness,
                    "restricted": one.restricted,
                },
            )


def all_queues() -> dict[str, ReviewQueue]:
    """Return every queue by its slug, in the order in which they are shown."""
    found = {row.slug: row for row in ReviewQueue.objects.all()}
    if set(BUILT_IN) <= set(found):
        return found
    ensure()
    return {row.slug: row for row in ReviewQueue.objects.all()}


def title(queue: ReviewQueue) -> str:
    """Return the title; a built-in one that nobody renamed is in the reader's language."""
    known = BUILT_IN.get(queue.slug)
    return gettext(known.title) if known and queue.title == known.title else queue.title


def description(queue: ReviewQueue) -> str:
    """Return the description, as `title` does."""
    known = BUILT_IN.get(queue.slug)
    same = known is not None and queue.description == known.description
    return gettext(known.description) if known and same else queue.description
