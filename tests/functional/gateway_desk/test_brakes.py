# SPDX-License-Identifier: Apache-2.0
"""The brake: one person stops, two let it start again, the timeline says who and when."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from vigie.core.errors import ConflictError, InvalidInputError, NotFoundError, RefusedError
from vigie.core.gateway import Brake, Ending, ExchangeFacts, Feature
from vigie.flow import second_person
from vigie.flow.gateway import brakes, timeline
from vigie.flow.gateway.timeline import What
from vigie.flow.snapshots import publish_snapshot
from vigie.screening.snapshot import load
from vigie.store.models import BrakeState, GatewayBrake, OutgoingTask, Record, SnapshotPart

if TYPE_CHECKING:
    from tests.support.people import Agora
    from vigie.flow.house import House
    from vigie.store.models import User

WHY = "Edited photos of real people are being asked for."


def whats(row: GatewayBrake) -> list[str]:
    return [line.what for line in timeline.lines_of(row)]


def record(kind: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Record.objects.get(kind=kind).canonical)
    return found


def test_a_stopped_feature_stands_in_the_next_snapshot(
    house: House, vidal: User, part: Callable[[SnapshotPart], Any]
) -> None:
    row = brakes.stop(house, vidal, "image_edit", ["fr"], f"  {WHY} ")
    assert part(SnapshotPart.BRAKES) == [
        {
            "number": 1,
            "feature": "image_edit",
            "countries": ["FR"],
            "reason": WHY,
            "automatic": False,
        }
    ]
    assert whats(row) == [What.STOPPED]
    said = record("brake.stopped")
    assert (said["brake"], said["feature"], said["countries"]) == (1, "image_edit", ["FR"])
    assert WHY not in json.dumps(said)
    assert "c.vidal" not in json.dumps(said)


def test_every_process_takes_it_from_the_snapshot_and_the_timeline_says_in_which(
    house: House, vidal: User
) -> None:
    publish_snapshot(house)
    row = brakes.stop(house, vidal, "chat", [], WHY)
    number = publish_snapshot(house)
    [brake] = load(house.settings.snapshots_dir).brakes
    assert brake == Brake(number=1, feature=Feature.CHAT, countries=("*",), reason=WHY)
    assert timeline.lines_of(row)[-1].note == f"Snapshot {number}"
    brakes.stop(house, vidal, "embeddings", ["DE"], WHY)
    publish_snapshot(house)
    assert whats(row) == [What.STOPPED, What.IN_FORCE]


def test_whoever_presses_a_brake_that_stands_is_noted_and_gets_no_error(
    house: House, vidal: User, anders: User
) -> None:
    first = brakes.stop(house, vidal, "all", ["FR", "DE"], WHY)
    again = brakes.stop(house, anders, "chat", ["FR"], "Once more.")
    assert again.pk == first.pk
    assert whats(first) == [What.STOPPED, What.AGAIN]
    wider = brakes.stop(house, anders, "chat", ["FR", "AT"], "Also in Austria.")
    assert wider.number == 2


@pytest.mark.parametrize(
    ("feature", "countries", "reason", "field"),
    [
        ("video", [], WHY, "feature"),
        ("chat", ["France"], WHY, "countries"),
        ("chat", [], "  ", "reason"),
        ("chat", [], "x" * 501, "reason"),
        ("chat", [f"{a}{b}" for a in "ABCDEFGHIJ" for b in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"], WHY,
         "countries"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_named(
    house: House, vidal: User, feature: str, countries: list[str], reason: str, field: str
) -> None:
    with pytest.raises(InvalidInputError) as refused:
        brakes.stop(house, vidal, feature, countries, reason)
    assert refused.value.field == field
    assert not GatewayBrake.objects.exists()


def test_it_starts_again_only_when_another_person_agrees(
    house: House, vidal: User, anders: User, brandt: User, part: Callable[[SnapshotPart], Any]
) -> None:
    row = brakes.stop(house, vidal, "image_edit", ["FR"], WHY)
    with pytest.raises(ConflictError) as unasked:
        brakes.release(house, anders, 1)
    assert unasked.value.code == "not_asked"
    request = brakes.ask_release(house, anders, 1, "The filter was mended.")
    assert brakes.ask_release(house, anders, 1, "The filter was mended.") == request
    with pytest.raises(ConflictError):
        brakes.ask_release(house, brandt, 1, "Me too.")
    for user, code in ((anders, "own_request"), (vidal, "own_brake")):
        with pytest.raises(RefusedError) as own:
            brakes.release(house, user, 1)
        assert own.value.code == code
    assert len(part(SnapshotPart.BRAKES)) == 1
    done = brakes.release(house, brandt, 1)
    assert (done.state, done.release_asked_by, done.released_by) == (
        BrakeState.RELEASED,
        "l.anders",
        "l.brandt",
    )
    assert part(SnapshotPart.BRAKES) == []
    assert whats(row) == [What.STOPPED, What.RELEASE_ASKED, What.RELEASED]
    assert record("brake.released")["brake"] == 1
    for verb in (brakes.release, lambda h, u, n: brakes.ask_release(h, u, n, "Again.")):
        with pytest.raises(ConflictError) as over:
            verb(house, brandt, 1)
        assert over.value.code == "released_already"


def test_whoever_stopped_it_may_ask_and_another_agrees(
    house: House, vidal: User, anders: User
) -> None:
    brakes.stop(house, vidal, "chat", [], WHY)
    request = brakes.ask_release(house, vidal, 1, "It was a mistake.")
    # As any act of two persons it can be confirmed on the page of these acts.
    assert list(second_person.waiting_for(anders)) == [request]
    second_person.confirm(house, anders, request)
    assert brakes.find(1).state == BrakeState.RELEASED


def test_a_refused_request_leaves_the_brake_and_can_be_asked_again(
    house: House, vidal: User, anders: User, brandt: User
) -> None:
    brakes.stop(house, vidal, "chat", [], WHY)
    second_person.refuse(house, brandt, brakes.ask_release(house, anders, 1, "Mended."), "Not yet.")
    assert brakes.find(1).state == BrakeState.IN_FORCE
    brakes.ask_release(house, brandt, 1, "Mended now.")
    assert brakes.release(house, anders, 1).state == BrakeState.RELEASED


def test_a_role_that_may_not_changes_nothing(house: House, moderator: User, agora: Agora) -> None:
    with pytest.raises(RefusedError):
        brakes.stop(house, moderator, "chat", [], WHY)
    brakes.stop(house, None, "chat", [], WHY)
    child = agora.person("k.okafor", "child_safety", number=5)
    with pytest.raises(RefusedError):
        brakes.ask_release(house, child, 1, "Mended.")
    with pytest.raises(RefusedError):
        brakes.note(house, moderator, 1, "A note.")
    with pytest.raises(NotFoundError):
        brakes.note(house, child, 7, "A note.")
    brakes.note(house, child, 1, "The provider was called.")
    assert whats(brakes.find(1)) == [What.STOPPED, What.NOTE]


def test_it_trips_by_itself_once(house: House, vidal: User, anders: User) -> None:
    facts = {"stops": 60, "of": 100, "minute": 29_900_000}
    row = brakes.trip(house, Feature.CHAT, ["FR"], facts)
    assert row is not None
    assert (row.automatic, row.started_by) == (True, "vigie")
    assert brakes.trip(house, Feature.CHAT, ["FR"], facts) is None
    assert brakes.trip(house, Feature.CHAT, ["DE"], facts) is not None
    [line] = timeline.lines_of(row)
    assert (line.what, line.note) == (What.TRIPPED, "minute: 29900000, of: 100, stops: 60")
    kept = json.loads(
        Record.objects.filter(kind="brake.stopped").earliest("entry__index").canonical
    )
    assert kept["facts"] == facts
    brakes.ask_release(house, vidal, row.number, "A test of ours.")
    assert brakes.release(house, anders, row.number).state == BrakeState.RELEASED
    assert brakes.trip(house, Feature.CHAT, ["FR"], facts) is not None


def test_whoever_is_on_call_is_told_without_the_reason(
    agora: Agora, vidal: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    object.__setattr__(agora.settings, "alarm_mail", ("oncall@agora.example",))
    brakes.stop(agora.house, vidal, "image_edit", ["FR"], WHY)
    letter = OutgoingTask.objects.get(kind="mail").letter
    assert (letter.template, letter.context["feature"]) == ("gateway_stopped", "image_edit")
    assert WHY not in json.dumps(letter.context)


def test_answers_that_it_ended_are_counted_in_its_timeline(house: House, vidal: User) -> None:
    brakes.stop(house, vidal, "chat", ["FR"], WHY)
    wide = brakes.stop(house, vidal, "all", [], WHY)

    def ended(country: str, upstream: str = "main", ending: Ending = Ending.BRAKED) -> Any:
        return ExchangeFacts(
            application="1", route="/ai/v1/chat/completions", feature=Feature.CHAT,
            ending=ending, country=country, upstream=upstream,
        )  # fmt: skip

    timeline.mark_cut(house, [ended("FR", ""), ended("FR", ending=Ending.CUT)])
    assert What.CUT not in whats(wide)
    timeline.mark_cut(house, [ended("FR"), ended("FR"), ended("DE"), ended("FR", "")])
    cuts = [timeline.lines_of(brakes.find(n))[-1] for n in (1, 2)]
    assert [(one.what, one.note) for one in cuts] == [("cut", "2 answers"), ("cut", "1 answer")]


def test_incidents_in_force_come_first(house: House, vidal: User, anders: User) -> None:
    brakes.stop(house, vidal, "chat", ["FR"], WHY)
    brakes.stop(house, vidal, "chat", ["DE"], WHY)
    brakes.ask_release(house, vidal, 2, "Mended.")
    brakes.release(house, anders, 2)
    shown = list(timeline.incidents())
    assert [row.number for row in shown] == [1, 2]
    assert whats(shown[1]) == ["stopped", "release_asked", "released"]
