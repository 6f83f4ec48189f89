# SPDX-License-Identifier: Apache-2.0
"""Restrictions, notices and complaints as people make them, for tests of several doors."""

from __future__ import annotations

from typing import Any

from tests.support.people import DENIAL, Agora
from vigie.flow.appeals.form import AppealForm
from vigie.flow.appeals.lodge import AppealReceipt, lodge_appeal
from vigie.flow.appeals.resolve import Resolution, resolve_appeal
from vigie.flow.decide import PersonDecision, Verb, decide
from vigie.law import elements_of
from vigie.store.models import Appeal, AppealState, DecisionRecord, Statement, User


def confirmed(agora: Agora) -> tuple[str, ...]:
    """Every element of the two provisions of `Agora.proposal`."""
    entries = agora.house.law.entries
    return tuple(one.key for name in DENIAL for one in elements_of(entries[name]))


def act(agora: Agora, user: User, number: int, verb: Verb, **more: Any) -> DecisionRecord:
    """Decide by a verb, with every element confirmed."""
    asked = PersonDecision(
        on=number, verb=verb, reason="clear", user=user, confirmed=confirmed(agora), **more
    )
    return decide(agora.house, asked)


def restricted(agora: Agora, user: User, item: str = "p-100", **more: Any) -> DecisionRecord:
    """A person restricts a post of author a-9 in France and Germany."""
    return act(agora, user, agora.proposal(item, **more), Verb.WITHHOLD)


def lodged(agora: Agora, row: DecisionRecord, **more: Any) -> AppealReceipt:
    """The author contests a decision."""
    given = {"grounds": "I quoted it to refute it.", "language": "en"} | more
    statement = Statement.objects.get(decision=row)
    return lodge_appeal(agora.house, AppealForm(statement=statement, **given))


def answered(agora: Agora, user: User, appeal: Appeal, outcome: AppealState, **more: Any) -> Appeal:
    """Somebody answers a complaint."""
    given = {"reason": "seen again", "answer": "We looked at it again.", "outcome": outcome}
    return resolve_appeal(agora.house, user, appeal, Resolution(**(given | more)))
