# SPDX-License-Identifier: Apache-2.0
"""A notice as somebody gives it, and how a person decides its case."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.support.people import Agora
from vigie.core.errors import InvalidInputError
from vigie.flow.decide import PersonDecision, Verb, decide
from vigie.flow.notices.form import Channel, NoticeForm
from vigie.flow.notices.receive import NoticeReceipt, receive_notice
from vigie.store.models import Case, DecisionRecord, Notice, User

FORM = NoticeForm(
    channel=Channel.PORTAL,
    category="hate",
    locations=("https://agora.example/p/p-100",),
    explanation="It calls for violence against a group.",
    good_faith=True,
    name="Ana Lima",
    email="ana@example.org",
    language="fr",
)


def give(agora: Agora, **more: Any) -> NoticeReceipt:
    return receive_notice(agora.house, replace(FORM, **more))


def refusal(agora: Agora, **more: Any) -> InvalidInputError:
    with pytest.raises(InvalidInputError) as caught:
        give(agora, **more)
    assert not Notice.objects.exists()
    return caught.value


def case_of(receipt: NoticeReceipt) -> Case:
    case = receipt.notice.items.get().case
    assert case is not None
    return case


def settle(agora: Agora, case: Case, verb: Verb, name: str = "c.vidal") -> DecisionRecord:
    user = User.objects.filter(username=name).first() or agora.person(name)
    head = case.decision
    while head.superseded_by:
        head = DecisionRecord.objects.get(number=head.superseded_by)
    asked = PersonDecision(
        on=head.number,
        verb=verb,
        reason="clear",
        user=user,
        territories=("DE",) * (verb == "withhold"),
    )
    return decide(agora.house, asked)
