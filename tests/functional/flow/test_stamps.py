# SPDX-License-Identifier: Apache-2.0
"""Time stamps: hourly and on demand, logged again, a second authority, a day without any."""

from __future__ import annotations

import dataclasses
import time
from hashlib import sha256
from typing import Any

import pytest

from tests.support.made import there
from tests.support.tsa import LocalAuthority
from vigie.core.clock import HOUR_MS, MINUTE_MS, FixedClock
from vigie.core.errors import InvalidInputError, OutsideError
from vigie.exchange import tsa
from vigie.flow import anchors, records
from vigie.flow.anchoring import check, parties, stamps
from vigie.flow.checkpoints import open_log, publish_checkpoint
from vigie.flow.transaction import writing
from vigie.jobs.anchoring import Anchoring
from vigie.ledger.policy import parse_policy
from vigie.ledger.verify.canonical import parse_json
from vigie.store.models import PublishedCheckpoint, Record, TimeAnchor, Unreached


@pytest.fixture(scope="module")
def local(tmp_path_factory):
    return LocalAuthority(tmp_path_factory.mktemp("tsa"))


@pytest.fixture
def clock():
    """The true time: an authority has no other."""
    return FixedClock(time.time_ns() // 1_000_000)


@pytest.fixture
def stamped(house, local, tmp_path):
    """A house with two authorities of one root: the first at port 1 never answers."""
    (tmp_path / "root.pem").write_bytes(local.root.read_bytes())
    path = tmp_path / "authorities.txt"
    path.write_text(
        "authority first http://127.0.0.1:1/ root.pem\n"
        "authority second http://127.0.0.1:2/ root.pem\n"
    )
    settings = dataclasses.replace(house.settings, time_authorities=str(path))
    return dataclasses.replace(house, settings=settings)


def ask_second(local):
    """Answer for the second authority only."""

    def ask(one, data):
        if one.name == "first":
            raise OutsideError("The other side did not answer.", code="no_answer")
        return tsa.stamp(one, data, send=lambda _, query: local.reply(query))

    return ask


def nobody(*_):
    raise OutsideError("The other side did not answer.", code="no_answer")


def write(house, count=1):
    """Append records and publish a checkpoint."""
    with writing():
        for n in range(count):
            records.append_one(records.draft("test.made", house.now(), {"n": n}))
    log = open_log(house.settings)
    log.start(house.now())
    return publish_checkpoint(log, house)


def test_a_checkpoint_is_stamped_by_the_second_authority_and_the_token_logged(stamped, local):
    write(stamped, 3)
    made = there(stamps.stamp_due(stamped, ask_second(local)))
    assert (made.size, made.authority) == (3, "second")
    assert anchors.for_size(3) == [made]
    assert anchors.for_size(4) == []
    record = parse_json(Record.objects.get(kind="time.anchor").canonical)
    assert record["sha256"] == sha256(bytes(made.token)).hexdigest()
    assert (record["size"], record["gen_time"]) == (3, made.gen_time)
    assert record["root"] == PublishedCheckpoint.objects.get(size=3).root
    note = there(anchors.note(3))
    one = parties.authorities(stamped.settings)[1]
    assert tsa.verify(one, anchors.stamped(note), bytes(made.token)) == made.gen_time
    assert there(write(stamped)).size == 5
    assert Unreached.objects.get().party == "first"


def test_a_stamp_covers_the_text_whoever_cosigned_it(stamped):
    write(stamped)
    note = there(anchors.note(1))
    assert anchors.stamped(note + "— w AAAAAAA=\n") == anchors.stamped(note)
    assert anchors.stamped(note).decode() == note.split("\n\n", 1)[0] + "\n"


def test_it_is_done_once_an_hour_and_whenever_an_export_asks(stamped, local, clock):
    write(stamped)
    assert stamps.stamp_due(stamped, ask_second(local)) is not None
    write(stamped)
    clock.advance(HOUR_MS - 1)
    assert stamps.stamp_due(stamped, ask_second(local)) is None
    made = there(stamps.stamp_now(stamped, ask=ask_second(local)))
    assert stamps.stamp_now(stamped, ask=ask_second(local)) == made
    clock.advance(HOUR_MS)
    write(stamped)
    assert stamps.stamp_due(stamped, ask_second(local)) is not None
    assert TimeAnchor.objects.count() == 3
    older = there(stamps.stamp_now(stamped, 1, ask_second(local)))
    assert older == there(anchors.stamp(stamped, 1)) == anchors.for_size(1)[0]


def test_a_clock_that_jumped_back_keeps_no_stamps_away(stamped, local, clock):
    write(stamped)
    assert stamps.stamp_due(stamped, ask_second(local)) is not None
    clock.advance(-24 * HOUR_MS)
    write(stamped)
    assert stamps.stamp_due(stamped, ask_second(local)) is not None
    assert stamps.stamp_due(stamped, ask_second(local)) is None


def test_down_for_a_day_it_is_said_what_is_missing_and_then_caught_up(stamped, local, clock):
    write(stamped)
    stamps.stamp_due(stamped, ask_second(local))
    first = TimeAnchor.objects.get()
    for _ in range(24 * 4):
        clock.advance(15 * MINUTE_MS)
        assert there(write(stamped)).size
        assert stamps.stamp_due(stamped, nobody) is None
    assert TimeAnchor.objects.count() == 1
    said = anchors.missing(stamped)[1]
    assert said.startswith("The newest time stamp is of ")
    assert "covers the first 1 of 98 entries; " in said
    assert "has not answered since" in said
    assert anchors.missing(stamped, size=98)[1] == said
    clock.ms = time.time_ns() // 1_000_000 + 30 * HOUR_MS
    made = there(stamps.stamp_due(stamped, ask_second(local)))
    assert (made.size, made.pk > first.pk) == (98, True)
    assert [row.party for row in Unreached.objects.all()] == ["first"]
    assert len(anchors.missing(stamped, size=98)) == 2  # no witness; clocks differ


def test_drift_of_more_than_a_minute_alarms_and_asks_the_next(stamped, local, clock):
    clock.advance(61_000)
    write(stamped)

    def ask(one, data):
        return tsa.stamp(one, data, send=lambda _, query: local.reply(query))

    assert there(stamps.stamp_due(stamped, ask)).authority == "second"
    assert [one.authority for one in anchors.for_size(1)] == ["first", "second"]
    said = anchors.alarms(stamped)
    assert len(said) == 2
    assert said[1].startswith("The clock of the time-stamp authority first differs from ours by 6")


def test_small_drift_is_no_alarm(stamped, local, clock):
    clock.advance(30_000)
    write(stamped)
    stamps.stamp_due(stamped, ask_second(local))
    assert anchors.alarms(stamped) == []


def test_an_empty_log_is_not_stamped(stamped, local):
    assert stamps.stamp_due(stamped, ask_second(local)) is None
    log = open_log(stamped.settings)
    log.start(stamped.now())
    publish_checkpoint(log, stamped)
    assert stamps.stamp_due(stamped, ask_second(local)) is None


def test_over_real_http_in_the_thread_of_jobs(house, local, tmp_path):
    (tmp_path / "root.pem").write_bytes(local.root.read_bytes())
    path = tmp_path / "authorities.txt"
    with local.serving() as url:
        path.write_text(f"authority only {url} root.pem\n")
        settings = dataclasses.replace(house.settings, time_authorities=str(path))
        own = dataclasses.replace(house, settings=settings)
        write(own)
        assert Anchoring(own).stamps() is False
        assert anchors.stamp(own) == TimeAnchor.objects.get()


def test_a_bad_file_is_said_once_and_raises_where_a_person_asks(house, tmp_path):
    path = tmp_path / "authorities.txt"
    path.write_text("authority nonsense\n")
    settings = dataclasses.replace(house.settings, time_authorities=str(path))
    own = dataclasses.replace(house, settings=settings)
    write(own)
    assert Anchoring(own).stamps() is False
    with pytest.raises(InvalidInputError, match="line 1"):
        parties.authorities(settings)
    assert "cannot be used" in anchors.missing(own)[0]


def test_the_whole_check_names_files_history_and_time(stamped, local):
    write(stamped, 3)
    stamps.stamp_due(stamped, ask_second(local))
    write(stamped)
    policy = parse_policy(anchors.policy_text(stamped))
    found = check.check(stamped, policy)
    assert [(one.what, one.ok) for one in found] == [
        (stamped.settings.log_origin, True),
        ("witnesses", None),
        ("history", True),
        ("time", True),
    ]
    assert found[2].result.startswith("2 published checkpoints")
    assert found[3].result.startswith("1 time stamps verify; the newest covers 3 entries")


@pytest.mark.parametrize("what", ["token", "note", "record", "unknown"])
def test_the_whole_check_refuses_a_stamp_that_was_changed(stamped, local, what):
    write(stamped, 3)
    made = there(stamps.stamp_due(stamped, ask_second(local)))
    write(stamped)
    policy = parse_policy(anchors.policy_text(stamped))
    changes: dict[str, dict[str, Any]] = {
        "token": {"token": bytes(made.token)[:-1] + b"\x00"},
        "note": {"size": 5},
        "record": {"gen_time": made.gen_time + 1},
        "unknown": {"authority": "gone"},
    }
    rows = changes[what]
    TimeAnchor.objects.filter(pk=made.pk)._raw_delete("default")
    kept = {
        name: getattr(made, name)
        for name in ("size", "authority", "token", "chain", "gen_time", "at", "record_id")
    }
    TimeAnchor.objects.create(**{**kept, **rows})
    states = {one.ok for one in check.check(stamped, policy) if one.what == "time"}
    assert states == ({None} if what == "unknown" else {False, None})


def test_the_whole_check_refuses_another_history(stamped):
    write(stamped, 2)
    write(stamped, 2)
    row = PublishedCheckpoint.objects.get(size=2)
    PublishedCheckpoint.objects.filter(size=2)._raw_delete("default")
    PublishedCheckpoint.objects.create(size=2, root="00" * 32, note=row.note, at=row.at)
    found = check.check(stamped, parse_policy(anchors.policy_text(stamped)))
    assert [one.ok for one in found if one.what == "history"] == [False]
