# SPDX-License-Identifier: Apache-2.0
"""Somebody was first: who, what they decided, and one's own words, which are not lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from vigie.console import present, undo
from vigie.console.desk import show
from vigie.flow import house
from vigie.flow.decided import head_of
from vigie.flow.fold.rows import offences
from vigie.web import lawbook

if TYPE_CHECKING:
    from django.http import HttpRequest

    from vigie.core.errors import ConflictError
    from vigie.flow.decide import PersonDecision
    from vigie.store.models import DecisionRecord

MEANWHILE: Final = ("decided_meanwhile", "no_proposal", "nothing_to_lift", "nothing_to_confirm")


def lost_to(
    request: HttpRequest, origin: DecisionRecord, asked: PersonDecision, lost: ConflictError
) -> HttpResponse:
    """Tell who was first; the same form sent twice by one person is no conflict."""
    if lost.code not in MEANWHILE:
        raise lost
    head = head_of(origin)
    link = reverse("console:decision", args=[head.number])
    if head.decided_by == asked.user.username and head.reason == asked.reason.strip():
        undo.remember(request, head.number, at_once=asked.imminent)
        return HttpResponseRedirect(link)
    decided = present.decision_of(head)
    mine = [ground.offence or f"{ground.terms}" for ground in asked.grounds]
    context: dict[str, object] = {
        "room": "queues",
        "first": head,
        "seconds": max(0, (house.current().now() - head.at) // 1000),
        "state": present.state(head),
        "theirs": head.territories,
        "mine": list(asked.territories),
        "their_grounds": _named(offences(decided)),
        "my_grounds": _named(mine),
        "my_action": present.action(asked.action) if asked.action else asked.verb.value,
        "my_reason": asked.reason,
        "my_facts": [words for words in asked.told_all if words],
        "link": link,
    }
    return show(request, "conflict.html", context, status=409)


def _named(ids: list[str]) -> list[str]:
    """Name the provisions; a clause of the terms stands as it is."""
    known = {entry.id: entry.provision for entry in lawbook.entries(ids)}
    return [known.get(one, one) for one in ids]
