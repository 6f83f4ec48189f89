# SPDX-License-Identifier: Apache-2.0
"""What is past its clock, for the head of the overview: not reviewed until a person decides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _

from vigie.console import ageing, cases
from vigie.flow.queues import access, figures, listing
from vigie.store.models import Queue
from vigie.store.permissions import Permission

if TYPE_CHECKING:
    from vigie.flow.house import House
    from vigie.store.models import User

SHOWN: Final = 5


def late_first(house: House, user: User) -> dict[str, object]:
    """Return what `_late.html` shows of the queues that a person sees; never class child."""
    if not user.has_perm(Permission.CASE_READ):
        return {}
    now = house.now()
    queues = {row.slug: row for row in access.queues_of(user) if row.slug != Queue.CHILD}
    found = listing.late(house, user, list(queues.values())).cases
    count = figures.count(figures.late(now).filter(queue__in=queues))
    return {
        "late": cases.rows(found[:SHOWN], user, now, queues),
        "late_number": ageing.number(count),
        "mask_word": _("masked"),
    }
