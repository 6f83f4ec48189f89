# SPDX-License-Identifier: Apache-2.0
"""A restriction that waits for a second person, and what carries it out.

Everything is checked when it is asked for and once more when it is confirmed:
where something was decided meanwhile, the request waits on and says so.
"""

from __future__ import annotations

from typing import Any, Final

from vigie.core.actions import ActionKind
from vigie.core.decision import Ground
from vigie.flow import second_person
from vigie.flow.asked import PersonDecision, Verb
from vigie.flow.decide import case_of, check_decision, decide
from vigie.flow.house import House
from vigie.flow.queues import access
from vigie.law.restriction import Exemption
from vigie.store.models import DecisionRecord, SecondPersonRequest, SecondPersonState, User
from vigie.store.permissions import Permission

KIND: Final = "decision.restrict"


def ask_second(house: House, asked: PersonDecision) -> SecondPersonRequest:
    """Ask for a second person; the same request sent twice is asked once.

    Raises what `decide` raises.
    """
    check_decision(house, asked)
    earlier = waiting_on(asked.on)
    if earlier is not None and earlier.asked_by_id == asked.user.pk:
        return earlier
    summary = f"Restrict D-{asked.on}: {asked.action or 'as proposed'}, {_where(asked)}"
    return second_person.ask(house, asked.user, KIND, _kept(asked), summary, asked.reason)


def waiting_on(number: int) -> SecondPersonRequest | None:
    """Return the request about a decision that waits for a second person."""
    rows = SecondPersonRequest.objects.filter(
        kind=KIND, state=SecondPersonState.WAITING, payload__on=number
    )
    return rows.select_related("asked_by").first()


def carry_out(house: House, request: SecondPersonRequest, user: User) -> None:
    """Decide as was asked, now that a second person stands for it."""
    decide(house, _asked(request, user))


def visible(user: User, request: SecondPersonRequest) -> bool:
    """Say whether a person may see what is asked: the case must be one of theirs."""
    row = DecisionRecord.objects.filter(number=int(request.payload.get("on") or 0)).first()
    case = case_of(row) if row is not None else None
    return case is not None and access.may_see(user, case)


def _where(asked: PersonDecision) -> str:
    return " ".join(asked.territories[:40]) or "everywhere proposed"


def _kept(asked: PersonDecision) -> dict[str, Any]:
    """Return the request as JSON; the reason stands in a column of its own."""
    return {
        "on": asked.on,
        "action": asked.action.value if asked.action else "",
        "territories": list(asked.territories),
        "grounds": [{"offence": g.offence, "terms": g.terms} for g in asked.grounds],
        "confirmed": list(asked.confirmed),
        "told": asked.told,
        "told_in": dict(asked.told_in),
        "imminent": asked.imminent,
        "exemption": asked.exemption.value if asked.exemption else "",
        "also": list(asked.also),
    }


def _asked(request: SecondPersonRequest, second: User) -> PersonDecision:
    kept = request.payload
    return PersonDecision(
        on=int(kept["on"]),
        verb=Verb.WITHHOLD,
        reason=request.reason,
        user=request.asked_by,
        action=ActionKind(kept["action"]) if kept["action"] else None,
        territories=tuple(kept["territories"]),
        grounds=tuple(Ground(**one) for one in kept["grounds"]),
        confirmed=tuple(kept["confirmed"]),
        told=kept["told"],
        told_in=kept["told_in"],
        imminent=bool(kept["imminent"]),
        exemption=Exemption(kept["exemption"]) if kept["exemption"] else None,
        also=tuple(kept["also"]),
        # Two people stand for it: a claim of a third, made meanwhile, does not stop it.
        take_over=True,
        second=second,
    )


second_person.register(KIND, Permission.CASE_DECIDE, carry_out, visible)
