# SPDX-License-Identifier: Apache-2.0
"""Two people press at the same moment: one wins, the other is told and keeps their words."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from tests.support.forms import forms
from tests.support.people import Agora
from tests.support.world import World
from vigie.store.models import Appeal, DecisionRecord, Dispute, Record, SecondPersonRequest
from vigie.store.permissions import Role

REASON = "these words are my own"


def together(*sent: tuple[Client, str, dict[str, Any]]) -> list[Any]:
    """Send forms at the same moment; return the answers in the order of the forms."""
    start = threading.Barrier(len(sent))
    answers: list[Any] = [None] * len(sent)

    def press(place: int) -> None:
        client, path, form = sent[place]
        start.wait()
        try:
            answers[place] = client.post(path, form)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=press, args=(n,)) for n in range(len(sent))]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return answers


def statuses(answers: list[Any]) -> list[int]:
    """The statuses, the least first."""
    return sorted(one.status_code for one in answers)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_press_at_once_one_wins_and_the_other_is_told(agora: Agora) -> None:
    world = World(agora)
    filled = forms(world)
    one, two = world.sign_in(Role.QUALITY, "one"), world.sign_in(Role.QUALITY, "two")

    path = f"/console/decisions/{world.case.decision_id}/decide"
    form = filled["console:decide"] | {"reason": REASON}
    answers = together((one, path, form | {"once": "a"}), (two, path, form | {"once": "b"}))
    assert statuses(answers) == [302, 409]
    [lost] = [answer for answer in answers if answer.status_code == 409]
    assert REASON in lost.content.decode()
    assert DecisionRecord.objects.filter(supersedes=world.case.decision_id).count() == 1

    path = f"/console/appeals/{world.appeal.number}"
    form = filled["console:appeal"] | {"answer": REASON}
    answers = together((one, path, form | {"once": "c"}), (two, path, form | {"once": "d"}))
    assert statuses(answers) == [302, 409]
    [lost] = [answer for answer in answers if answer.status_code == 409]
    assert REASON in lost.content.decode()
    assert Appeal.objects.get().state == "granted"
    assert Record.objects.filter(kind__startswith="appeal.").count() == 2

    admins = [world.sign_in(Role.ADMIN, name) for name in ("three", "four")]
    path = f"/console/second/{world.request.pk}"
    answers = together(*((admin, path, {"do": "confirm"}) for admin in admins))
    assert 302 in statuses(answers)
    assert SecondPersonRequest.objects.get(pk=world.request.pk).state == "confirmed"
    assert Record.objects.filter(kind="second_person.confirmed").count() == 1

    same = (admins[0], "/console/disputes", filled["console:disputes"])
    assert statuses(together(same, same)) == [302, 409]
    assert Dispute.objects.count() == 1
