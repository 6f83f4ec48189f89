# SPDX-License-Identifier: Apache-2.0
"""What a decision on the victim's path does to the hashes that its notices follow.

Confirmed on the platform's own copy: its hash takes their place. Left as it is:
they end, and what was hidden for their sake becomes visible. Restricted without
a hash of the platform's own (an address alone): they go on until their time is
over. Taken back: they go on as before.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from vigie.core.errors import VigieError
from vigie.flow.asked import PersonDecision, Verb
from vigie.flow.chain import head_of, standing
from vigie.flow.decided import Choice
from vigie.flow.house import House
from vigie.flow.intimate import claims
from vigie.flow.notices.answer import RESTRICTED
from vigie.flow.said import notices_of
from vigie.store.models import Case, CaseKind, CaseState, DecisionRecord, Notice, PictureCopy

RULE: Final = "rule g"
OVER: Final = "The notice was decided: nothing is hidden for its sake any more."


def follow(
    house: House, row: DecisionRecord, head: DecisionRecord, choice: Choice, case: Case | None
) -> None:
    """Settle the claims of the notices that a case answers. Inside `transaction.writing`."""
    if case is None or case.kind != CaseKind.INTIMATE:
        return
    if case.state == CaseState.OPEN:
        claims.resume(house, notices_of(case), head.at)
        return
    left = [one for one in settled(case) if not one.items.filter(outcome=RESTRICTED).exists()]
    claims.end(house, claims.active(left))
    if choice.verb == Verb.LEAVE:
        _show_again(house, row, choice)
    for copy in PictureCopy.objects.filter(notice__in=left, decision__isnull=False):
        if copy.decision is not None:
            _show_again(house, head_of(copy.decision), choice)


def settled(case: Case) -> list[Notice]:
    """Return the notices of a case of which every location is decided."""
    return [one for one in notices_of(case) if not one.items.filter(outcome="").exists()]


def _show_again(house: House, hidden: DecisionRecord, choice: Choice) -> None:
    """Lift what rule (g) hid for a notice that was not followed."""
    from vigie.flow.decide import decide  # noqa: PLC0415 - it calls the consequences itself

    acting = standing(hidden)
    if not acting or any(one.by != RULE for one in acting):
        return
    asked = PersonDecision(on=hidden.number, verb=Verb.LIFT, reason=OVER, user=choice.user)
    # Somebody else may work on that item: it ends by itself within two days.
    with suppress(VigieError):
        decide(house, asked)
