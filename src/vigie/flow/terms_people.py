# SPDX-License-Identifier: Apache-2.0
"""Terms of what people write and do: notices, complaints, strikes, letters, shifts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from django.db.models import Q

from vigie.flow import deletion
from vigie.flow.house import House
from vigie.flow.terms import DAY_MS, GROUP
from vigie.store.models import (
    Appeal,
    AppealState,
    CaseEvent,
    CaseState,
    CaseWatch,
    DeskSession,
    ImportedRecord,
    Measure,
    MeasureState,
    Notice,
    NoticeDraft,
    NoticeState,
    QueuePause,
    RateBucket,
    SecondPersonRequest,
    Shift,
    Strike,
    StrikeState,
)

IMPORTED_DAYS: Final = 365
SHIFT_DAYS: Final = 90
NO_ITEMS: Final = ""
"""Rows that are about no item: no hold covers them."""


def _window(house: House) -> int:
    """Return the moment before which the complaint window has ended (Art. 20(1) DSA)."""
    return house.now() - house.settings.statement_days * DAY_MS


def notices(house: House) -> int:
    """Blank name, mail and words of notices when nobody can complain any more."""
    done = Notice.objects.exclude(state=NoticeState.RECEIVED)
    blank = {"name": "", "email": "", "explanation": "", "notifier": "", "hashes": []}
    rows = done.filter(decided_at__lt=_window(house)).exclude(**blank)
    return deletion.expire(rows, "items__item_id", GROUP, blank=blank)


def appeals(house: House) -> int:
    """Blank the words of complaints six months after their answer."""
    blank = {"grounds": "", "email": "", "answer": "", "heard": ""}
    done = Appeal.objects.exclude(state=AppealState.LODGED)
    rows = done.filter(resolved_at__lt=_window(house)).exclude(**blank)
    return deletion.expire(rows, "decision__item_id", GROUP, blank=blank)


def strikes(house: House) -> int:
    """Forget whose a strike was when it stopped counting and nobody can complain."""
    over = Q(expires_at__lt=_window(house))
    back = Q(state=StrikeState.REVERSED, reversed_at__lt=_window(house))
    rows = Strike.objects.filter(over | back).exclude(subject="")
    return deletion.expire(rows, "decision__item_id", GROUP, blank={"subject": ""})


def measures(house: House) -> int:
    """Forget whose a warning or suspension was, the complaint window after its end."""
    window = _window(house)
    ended = Q(lifted_at__lt=window) | Q(until__lt=window) | Q(until=None, decided_at__lt=window)
    running = (MeasureState.PROPOSED, MeasureState.IN_FORCE)
    rows = Measure.objects.filter(ended).exclude(
        Q(state__in=running, until=None, kind="suspension") | Q(subject="")
    )
    blank = {"subject": "", "content": {}, "assessment": {}, "reason": ""}
    return deletion.expire(rows, NO_ITEMS, GROUP, blank=blank)


def drafts(house: House) -> int:
    """Delete forms that somebody began and left."""
    rows = NoticeDraft.objects.filter(expires_at__lte=house.now())
    return deletion.expire(rows, NO_ITEMS, GROUP)


def buckets(house: House) -> int:
    """Delete rate limits of yesterday."""
    rows = RateBucket.objects.filter(at__lt=house.now() - 2 * DAY_MS)
    return deletion.expire(rows, NO_ITEMS, GROUP * 10)


def remarks(house: House) -> int:
    """Blank remarks on cases that were closed half a year ago."""
    rows = CaseEvent.objects.exclude(note="").filter(case__closed_at__lt=_window(house))
    rows = rows.exclude(case__state=CaseState.OPEN)
    return deletion.expire(rows, "case__decision__item_id", GROUP, blank={"note": ""})


def second_persons(house: House) -> int:
    """Blank what was asked of a second person, the complaint window after it was decided."""
    blank = {"payload": {}, "reason": ""}
    rows = SecondPersonRequest.objects.filter(decided_at__lt=_window(house)).exclude(**blank)
    return deletion.expire(rows, NO_ITEMS, GROUP, blank=blank)


def presence(house: House) -> int:
    """Delete who looked at what a day ago, and pauses that are over."""
    now = house.now()
    gone = deletion.expire(CaseWatch.objects.filter(seen_at__lt=now - DAY_MS), NO_ITEMS, GROUP)
    return gone + deletion.expire(QueuePause.objects.filter(until__lt=now), NO_ITEMS, GROUP)


def shifts(house: House) -> int:
    """Delete shifts of three months ago."""
    rows = Shift.objects.filter(started_at__lt=house.now() - SHIFT_DAYS * DAY_MS)
    return deletion.expire(rows, NO_ITEMS, GROUP)


def imported(house: House) -> int:
    """Forget whom history taken over from other tools was about, a year after its date."""
    blank = {"author": "", "item_id": "", "data": {}}
    limit = house.now() - IMPORTED_DAYS * DAY_MS
    rows = ImportedRecord.objects.filter(record__at__lt=limit).exclude(**blank)
    return deletion.expire(rows, "item_id", GROUP, blank=blank)


def sessions(house: House) -> int:
    """Remove sessions of the desk that have ended."""
    now = datetime.fromtimestamp(house.now() / 1000, UTC)
    return deletion.expire(DeskSession.objects.filter(expire_date__lt=now), NO_ITEMS, GROUP)
