# SPDX-License-Identifier: Apache-2.0
"""A notice on the victim's path begins: its hashes are followed, a clock of 48 hours runs.

The case, its queue and its clock come with the notice (`flow.notices.cases`,
`flow.queues.clocks`: 48 hours for everybody, whichever law asks for it).
"""

from __future__ import annotations

from dataclasses import dataclass

from vigie.flow.house import House
from vigie.flow.intimate import claims
from vigie.store.models import ClaimState, Notice, PictureClaim

INTIMATE = "intimate"


@dataclass(frozen=True, slots=True)
class Followed:
    """What is done with the hashes of a notice, in numbers that the notifier may see."""

    followed: int
    over: int
    """Beyond the limit of a day: she can send them again tomorrow."""


def open_request(house: House, notice: Notice) -> Followed:
    """Follow the hashes of a notice that was received and put before a person.

    Inside `transaction.writing`. Does nothing for other categories and for
    pictures of somebody under 18, which go the way of class `child`.
    """
    if notice.category != INTIMATE or notice.under_age or not notice.hashes:
        return Followed(0, 0)
    claims.begin(house, notice)
    return followed(notice)


def followed(notice: Notice) -> Followed:
    """Say how many hashes of a notice are followed, and how many were too many for a day."""
    rows = PictureClaim.objects.filter(notice=notice)
    over = rows.filter(state=ClaimState.OVER).count()
    return Followed(rows.count() - over, over)
