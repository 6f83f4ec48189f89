# SPDX-License-Identifier: Apache-2.0
"""Profiles: versioned, checked field by field; what opens needs a second person."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from vigie.core.errors import InvalidInputError, RefusedError
from vigie.core.gateway import Mode, Profile, Trips
from vigie.flow import second_person
from vigie.flow.gateway import profiles
from vigie.store.models import GatewayProfile, Record, SnapshotPart

if TYPE_CHECKING:
    from tests.support.people import Agora
    from vigie.flow.house import House
    from vigie.store.models import User

OPENS = {"name": "lenient", "on_failure": {"answer": "open"}}


def version(made: profiles.Published) -> int:
    assert made.row is not None
    return made.row.version


def test_a_profile_gets_versions_and_reaches_the_snapshot(
    house: House, part: Callable[[SnapshotPart], Any]
) -> None:
    strict = {"name": "kids", "mode": "strict"}
    assert version(profiles.publish(house, strict)) == 1
    assert version(profiles.publish(house, strict)) == 1
    made = profiles.publish(house, strict | {"excerpt_days": 10})
    assert (version(made), made.risks) == (2, ())
    names = {one["name"]: one for one in part(SnapshotPart.GATEWAY)["profiles"]}
    assert (names["kids"]["mode"], names["kids"]["excerpt_days"]) == ("strict", 10)
    assert "default" in names
    last = json.loads(
        Record.objects.filter(kind="gateway.profile").latest("entry__index").canonical
    )
    assert (last["version"], last["document"]["excerpt_days"], last["opens"]) == (2, 10, False)


def test_an_operator_can_replace_the_default(house: House) -> None:
    profiles.publish(house, {"mode": "strict"})
    [only] = profiles.conf().profiles
    assert only == Profile(mode=Mode.STRICT)


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ({"window": 10}, "window"),
        ({"mode": "fast"}, "mode"),
        ({"on_failure": {"prompt": "maybe"}}, "on_failure[...]"),
        ({"excerpt_days": 181}, "excerpt_days"),
        ({"name": "_trips"}, "name"),
        ({"window": 100, "overlap": 100}, "overlap"),
        ({"country": "France"}, "country"),
        ({"speed": 1}, None),
        ([1], None),
    ],
)
def test_what_does_not_fit_is_named_with_a_fix(house: House, document: Any, field: Any) -> None:
    with pytest.raises(InvalidInputError) as refused:
        profiles.publish(house, document)
    assert refused.value.field == field
    assert refused.value.fix
    assert not GatewayProfile.objects.exists()


@pytest.mark.parametrize("document", [OPENS, {"name": "watching", "mode": "observe"}])
def test_what_lets_something_pass_waits_for_a_second_administrator(
    agora: Agora, document: dict[str, Any]
) -> None:
    first, other = agora.person("a.one", "admin"), agora.person("a.two", "admin")
    asked = profiles.publish(agora.house, document, first, "A trial for a week.")
    assert asked.row is None
    assert asked.request is not None
    assert asked.risks
    assert not GatewayProfile.objects.exists()
    with pytest.raises(RefusedError):
        second_person.confirm(agora.house, first, asked.request)
    second_person.confirm(agora.house, other, asked.request)
    assert GatewayProfile.objects.get().document["name"] == document["name"]
    kept = json.loads(Record.objects.get(kind="gateway.profile").canonical)
    assert kept["opens"] is True


def test_the_command_line_publishes_it_and_is_told_what_it_does(house: House) -> None:
    made = profiles.publish(house, OPENS)
    assert made.row is not None
    assert made.risks == ("answer fails open: released where it could not be judged",)


def test_who_may_not_manage_the_gateway_publishes_nothing(house: House, vidal: User) -> None:
    for verb in (profiles.publish, profiles.publish_trips):
        with pytest.raises(RefusedError):
            verb(house, {}, vidal)


def test_when_a_brake_trips_is_set_the_same_way_and_is_no_profile(
    agora: Agora, part: Callable[[SnapshotPart], Any]
) -> None:
    house = agora.house
    assert profiles.conf().trips == Trips()
    assert version(profiles.publish_trips(house, {"failures": 5})) == 1
    assert profiles.conf().trips == Trips(failures=5)
    assert part(SnapshotPart.GATEWAY)["trips"]["failures"] == 5
    assert [one.name for one in profiles.conf().profiles] == ["default"]
    assert not profiles.rows().exists()
    asked = profiles.publish_trips(house, {"failures": 0}, agora.person("a.one", "admin"), "Why.")
    assert asked.request is not None
    second_person.confirm(house, agora.person("a.two", "admin"), asked.request)
    assert profiles.conf().trips.failures == 0
    with pytest.raises(InvalidInputError) as refused:
        profiles.publish_trips(house, {"stops_per_hundred": 101})
    assert refused.value.field == "stops_per_hundred"
