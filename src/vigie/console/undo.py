# SPDX-License-Identifier: Apache-2.0
"""The message after a decision: it is recorded, and for a while it can be undone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.urls import reverse

from vigie.console import once
from vigie.core.clock import iso
from vigie.flow import house, webhooks
from vigie.store.models import DecisionKind, DecisionRecord

if TYPE_CHECKING:
    from django.http import HttpRequest

LAST: Final = "last_decision"
AT_ONCE: Final = "last_decision_at_once"


@dataclass(frozen=True, slots=True)
class Notice:
    """What the page says of one's latest decision."""

    label: str
    link: str
    seconds: int
    """How long it can still be undone; 0: it left at once."""
    told: bool
    """False: no address of the platform asked for decisions, so nobody is told."""
    until: str
    action: str
    once: str


def remember(request: HttpRequest, number: int, *, at_once: bool = False) -> None:
    """Keep the number of the decision just made, for the next pages.

    What left at once is named without an undo: there is no time for one.
    """
    request.session[LAST] = number
    request.session[AT_ONCE] = at_once


def done(
    request: HttpRequest, token: str, number: int, where: str, *, at_once: bool = False
) -> None:
    """Remember where a form led, and the decision that it made."""
    once.keep(request, token, where)
    remember(request, number, at_once=at_once)


def notice(request: HttpRequest) -> Notice | None:
    """Return the message while the decision can still be undone before it leaves."""
    number = request.session.get(LAST)
    if not number:
        return None
    record = DecisionRecord.objects.filter(
        number=number, kind=DecisionKind.PERSON, superseded_by=None
    ).first()
    if record is None:
        return None
    current = house.current()
    left = record.at + current.settings.undo_seconds * 1000 - current.now()
    if left <= 0:
        return None
    return Notice(
        label=record.label,
        link=reverse("console:decision", args=[record.number]),
        seconds=0 if request.session.get(AT_ONCE) else left // 1000,
        told=webhooks.asked_for(webhooks.DECISION_MADE),
        until=iso(record.at + current.settings.undo_seconds * 1000)[11:19] + " UTC",
        action=reverse("console:undo", args=[record.number]),
        once=once.token(),
    )
