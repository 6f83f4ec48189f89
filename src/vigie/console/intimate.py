# SPDX-License-Identifier: Apache-2.0
"""What the page of the victim's path shows: words first, copies by nearness, no picture.

A copy within ten bits of the platform's own picture would be acted on once that
is confirmed, so it is chosen already; everything else is for the person to choose.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from django.urls import reverse
from django.utils.translation import gettext as _

from vigie.console import present
from vigie.flow import house
from vigie.flow.asked import MAX_ALSO
from vigie.flow.chain import head_of, root_of
from vigie.flow.intimate.confirm import Confirmation, entries_of
from vigie.flow.intimate.media import Medium, media_of
from vigie.flow.intimate.widely import Widely, widely
from vigie.flow.said import notices_of
from vigie.law import elements_of
from vigie.screening.acting import CONFIRMED_BITS
from vigie.screening.matching.pdq import PDQ, RADIUS
from vigie.store.models import ClaimState, PictureClaim, PictureCopy
from vigie.web.numbers import whole_number

if TYPE_CHECKING:
    from django.http import QueryDict

    from vigie.law import Element, Entry
    from vigie.store.models import Case, DecisionRecord, Notice

BITS: Final = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One picture of the item, by its hashes."""

    position: int
    number: int
    """Counted from 1, as people say it."""
    short: str
    near: int | None
    """Bits to the nearest hash of a notice; None: none is near."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """One item with a picture near what was claimed."""

    row: PictureCopy
    link: str
    bits: int
    """To the item's own picture where it has a hash, else to the notifier's."""
    certain: bool
    """So near that it will be acted on once the picture is confirmed."""
    checked: bool
    standing: str
    """What is done about it now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provision:
    """A law entry of which elements are to be confirmed."""

    entry: Entry
    elements: tuple[Element, ...]


@dataclass(slots=True, kw_only=True)
class Asked:
    """What was typed so far; nothing of it is lost."""

    intimate: bool = False
    fits: bool = False
    elsewhere: bool = False
    medium: int = 0
    copies: tuple[int, ...] | None = None
    """None: not chosen yet, so what is certain is chosen."""
    confirmed: tuple[str, ...] = ()
    reason: str = ""
    unfounded: bool = False

    def confirmation(self, on: int) -> Confirmation:
        """Return it for the verb."""
        return Confirmation(
            on=on,
            intimate=self.intimate,
            fits=self.fits,
            reason=self.reason,
            medium=self.medium,
            copies=self.copies or (),
            confirmed=self.confirmed,
            elsewhere=self.elsewhere,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Everything that the page draws."""

    case: Case
    head: DecisionRecord
    link: str
    notices: list[Notice]
    on_behalf: bool
    pictures: list[Picture]
    copies: list[Copy]
    most: int
    over: int
    """Copies beyond the page."""
    followed: int
    searching: bool
    """Some of the past is still being looked through."""
    widely: Widely
    sure: list[Entry]
    provisions: list[Provision]
    asked: Asked = field(default_factory=Asked)


def read(given: QueryDict) -> Asked:
    """Read the form; what is no number is left out."""
    return Asked(
        intimate=given.get("intimate") == "1",
        fits=given.get("fits") == "1",
        elsewhere=given.get("elsewhere") == "1",
        medium=whole_number(given.get("medium", "")) or 0,
        copies=tuple(
            found
            for one in given.getlist("copy")[: MAX_ALSO + 1]
            if (found := whole_number(one)) is not None
        ),
        confirmed=tuple(one[:200] for one in given.getlist("confirmed")[:100]),
        reason=given.get("reason", "").replace("\0", "")[:4_000],
        unfounded=given.get("unfounded") == "1",
    )


def gather(case: Case, asked: Asked) -> Desk:
    """Return what the page of one case shows."""
    current = house.current()
    head = head_of(case.decision)
    notices = notices_of(case)
    media = media_of(root_of(head))
    claims = list(PictureClaim.objects.filter(notice__in=notices))
    left = PictureCopy.objects.filter(notice__in=notices, notice_item__isnull=True)
    rows = list(left.select_related("decision").order_by("distance", "pk"))
    entries = entries_of(current)
    chosen = media[asked.medium] if asked.medium < len(media) else None
    return Desk(
        case=case,
        head=head,
        link=reverse("console:decide", args=[case.decision_id]),
        notices=notices,
        on_behalf=any(one.on_behalf for one in notices),
        pictures=[_picture(n, one, claims) for n, one in enumerate(media)],
        copies=[_copy(row, chosen, asked) for row in rows[:MAX_ALSO]],
        most=MAX_ALSO,
        over=max(0, len(rows) - MAX_ALSO),
        followed=sum(one.state == ClaimState.ACTIVE for one in claims),
        searching=any(one.state == ClaimState.ACTIVE and not one.searched_at for one in claims),
        widely=widely(current, notices),
        sure=[one for one in entries if not elements_of(one)],
        provisions=[
            Provision(entry=one, elements=elements_of(one)) for one in entries if elements_of(one)
        ],
        asked=asked,
    )


def _distance(one: str, other: str) -> int:
    return PDQ.distance(bytes.fromhex(one), bytes.fromhex(other)) if one and other else BITS


def _picture(position: int, medium: Medium, claims: list[PictureClaim]) -> Picture:
    hashes = [text for one in claims for text in (one.pdq, *one.turns)]
    near = min((_distance(medium.pdq, text) for text in hashes), default=BITS)
    return Picture(
        position=position,
        number=position + 1,
        short=(medium.pdq or medium.sha256)[:12],
        near=near if near <= RADIUS else None,
    )


def _copy(row: PictureCopy, chosen: Medium | None, asked: Asked) -> Copy:
    own = _distance(row.pdq, chosen.pdq) if chosen is not None and chosen.pdq else None
    certain = own is not None and own <= CONFIRMED_BITS
    last = head_of(row.decision) if row.decision is not None else None
    return Copy(
        row=row,
        link=reverse("console:decision", args=[last.number]) if last is not None else "",
        bits=row.distance if own is None else own,
        certain=certain,
        checked=certain if asked.copies is None else row.pk in asked.copies,
        standing=present.state(last).words if last is not None else _("visible, nothing recorded"),
    )
