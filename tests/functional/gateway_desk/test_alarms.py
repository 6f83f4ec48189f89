# SPDX-License-Identifier: Apache-2.0
"""Alarms: raised once, counted while open, closed by a person."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from vigie.core.errors import ConflictError, InvalidInputError, NotFoundError, RefusedError
from vigie.flow.gateway import alarms
from vigie.flow.keys import create_key
from vigie.store.models import GatewayAlarm, GatewayAlarmKind, OutgoingTask, Record

if TYPE_CHECKING:
    from tests.support.people import Agora
    from vigie.flow.house import House
    from vigie.store.models import User

UNREGISTERED = GatewayAlarmKind.UNREGISTERED


def test_the_same_alarm_counts_up_and_is_told_once(agora: Agora) -> None:
    object.__setattr__(agora.settings, "alarm_mail", ("oncall@agora.example",))
    key = create_key(agora.house, "assistant", ["ai"])[0].pk
    first = alarms.raise_alarm(agora.house, UNREGISTERED, key, "ab" * 32, {"route": "chat"})
    agora.clock.ms += 1_000
    again = alarms.raise_alarm(agora.house, UNREGISTERED, key, "ab" * 32, count=4)
    assert again.pk == first.pk
    assert (again.count, again.last_at - again.first_at) == (5, 1_000)
    assert OutgoingTask.objects.filter(kind="mail").count() == 1
    said = json.loads(Record.objects.get(kind="gateway.alarm").canonical)
    assert (said["alarm"], said["key"], said["route"]) == ("unregistered", key, "chat")


def test_another_key_or_subject_is_another_alarm(house: House) -> None:
    key = create_key(house, "assistant", ["ai"])[0].pk
    alarms.raise_alarm(house, UNREGISTERED, key, "a")
    alarms.raise_alarm(house, UNREGISTERED, None, "a")
    alarms.raise_alarm(house, UNREGISTERED, key, "b")
    alarms.raise_alarm(house, GatewayAlarmKind.PROBING, key, "a")
    assert alarms.standing().count() == 4


def test_a_closed_alarm_says_by_whom_and_the_next_one_is_new(
    house: House, vidal: User, moderator: User
) -> None:
    row = alarms.raise_alarm(house, "upstream", None, "main")
    with pytest.raises(RefusedError):
        alarms.close(house, moderator, row.pk, "Seen.")
    with pytest.raises(InvalidInputError):
        alarms.close(house, vidal, row.pk, " ")
    closed = alarms.close(house, vidal, row.pk, "The provider had an outage.")
    assert (closed.closed_by, closed.note) == ("c.vidal", "The provider had an outage.")
    with pytest.raises(ConflictError):
        alarms.close(house, vidal, row.pk, "Again.")
    with pytest.raises(NotFoundError):
        alarms.close(house, vidal, 999_999, "Nothing.")
    assert "outage" not in Record.objects.get(kind="gateway.alarm_closed").canonical.decode()
    assert alarms.raise_alarm(house, "upstream", None, "main").pk != row.pk
    assert GatewayAlarm.objects.count() == 2
