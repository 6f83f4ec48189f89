# SPDX-License-Identifier: Apache-2.0
"""Witnesses: the log is cosigned, published so, caught up after a day, stopped at a fork."""

from __future__ import annotations

import dataclasses

import pytest

from tests.support.ledger import seed
from tests.support.made import there
from tests.support.witnessing import free_port, make, serving
from vigie import keys
from vigie.console.overview import words
from vigie.core.clock import DAY_MS, HOUR_MS, MINUTE_MS
from vigie.core.errors import InvalidInputError, NotFoundError
from vigie.exchange import outbound
from vigie.exchange import witness as exchange
from vigie.exchange.outbound import Fetched
from vigie.flow import anchors, records
from vigie.flow.anchoring import forks, parties, unreached, witnesses
from vigie.flow.checkpoints import open_log, publish_checkpoint
from vigie.flow.overview import alarms as overview
from vigie.flow.transaction import writing
from vigie.jobs.signing import Cosigned, Signing
from vigie.ledger.checkpoint import Checkpoint, sign_checkpoint
from vigie.ledger.log import Log
from vigie.ledger.note import Cosigner, Signer, Verifier
from vigie.ledger.policy import parse_policy
from vigie.ledger.source import ListSource
from vigie.ledger.verify.errors import LedgerError
from vigie.store.models import Cosignature, LogEntry, PublishedCheckpoint, Record, Unreached, User


class Watched:
    """A house whose log is cosigned by witnesses that listen on ports of their own."""

    def __init__(self, house, folder, count=1):
        self.log_vkey = parties.log_vkey(house.settings)
        self.folders = [folder / f"w{n}" for n in range(count)]
        self.ports = [free_port() for _ in range(count)]
        lines = []
        for n, (home, port) in enumerate(zip(self.folders, self.ports, strict=True)):
            vkey = make(home, self.log_vkey, name=f"w{n}.invalid/w")
            lines.append(f"witness w{n} {vkey} http://127.0.0.1:{port}")
        names = " ".join(f"w{n}" for n in range(count))
        self.policy = folder / "witnesses.txt"
        self.policy.write_text("\n".join([*lines, f"group all all {names}", "quorum all"]) + "\n")
        settings = dataclasses.replace(house.settings, witnesses=str(self.policy))
        self.house = dataclasses.replace(house, settings=settings)
        self.signing = Signing(self.house)

    def up(self, number=0):
        """Serve one of them."""
        clock = self.house.clock
        return serving(self.folders[number], lambda: clock.now_ms() // 1000, self.ports[number])

    def write(self, count=1):
        """Append records and publish a checkpoint."""
        with writing():
            for n in range(count):
                records.append_one(records.draft("test.made", self.house.now(), {"n": n}))
        return self.sign()

    def sign(self):
        """Let the signer take its turn."""
        return self.signing.turn()

    def published(self):
        """Return the published checkpoint."""
        return (self.house.settings.log_dir / "checkpoint").read_text()


@pytest.fixture
def watched(house, tmp_path):
    made = Watched(house, tmp_path)
    yield made
    made.signing.close()


def _accepts(watched, note):
    return parse_policy(parties.policy_text(watched.house.settings)).accept(note)


def test_a_checkpoint_is_cosigned_and_published_with_the_witness_s_line(watched):
    with watched.up():
        watched.write(3)
        assert witnesses.ask_all(watched.house) == 1
        assert witnesses.ask_all(watched.house) == 0
        with pytest.raises(LedgerError):
            _accepts(watched, watched.published())
        watched.sign()
    assert _accepts(watched, watched.published()).witnesses == ("w0",)
    assert anchors.note(3) == watched.published()
    assert [one.witness for one in anchors.cosignatures(3)] == ["w0"]
    cosigned = watched.house.settings.log_dir / "checkpoint.cosigned"
    assert cosigned.read_text() == watched.published()


def test_a_busy_log_shows_the_newest_cosigned_checkpoint_beside_the_newest(watched):
    with watched.up():
        watched.write()
        witnesses.ask_all(watched.house)
        watched.write()
    assert _accepts(watched, anchors.newest_cosigned(watched.house)).checkpoint.size == 1
    folder = watched.house.settings.log_dir
    assert _accepts(watched, (folder / "checkpoint.cosigned").read_bytes()).checkpoint.size == 1
    assert watched.published().split("\n")[1] == "2"


def test_a_restart_keeps_the_lines_that_were_published(watched):
    with watched.up():
        watched.write()
        witnesses.ask_all(watched.house)
        watched.sign()
    before = watched.published()
    log = open_log(watched.house.settings)
    log.start(watched.house.now())
    assert watched.published() == before
    Cosigned(watched.house).show(log)
    assert watched.published() == before


def test_an_older_line_never_replaces_a_newer_checkpoint(watched):
    with watched.up():
        watched.write()
        witnesses.ask_all(watched.house)
    log = open_log(watched.house.settings)
    log.start(watched.house.now())
    note = there(anchors.note(1))
    with writing():
        records.append_one(records.draft("test.made", watched.house.now(), {}))
    publish_checkpoint(log, watched.house)
    assert not log.show_cosigned(1, note.encode())
    assert watched.published().split("\n")[1] == "2"


def test_down_for_a_day_appends_go_on_and_one_proof_brings_the_witness_back(watched, clock):
    with watched.up():
        watched.write(3)
        witnesses.ask_all(watched.house)
    assert anchors.missing(watched.house) == [
        "No time-stamp authority is configured: times are the operator's word."
    ]
    asked = 0
    for _ in range(24 * 12):
        clock.advance(5 * MINUTE_MS)
        assert there(watched.write(2)).size
        due = unreached.is_due("w0", watched.house.now())
        asked += due
        assert witnesses.ask_all(watched.house) == 0
    row = Unreached.objects.get(party="w0")
    assert (row.kind, row.problem, row.attempts) == ("witness", "no_answer", asked)
    assert 24 <= asked < 24 * 12
    said = anchors.missing(watched.house)[0]
    assert said.startswith("The witness w0 has cosigned the first 3 of 579 entries; w0 has not ")
    with watched.up():
        clock.advance(unreached.LAST_MS)
        assert witnesses.ask_all(watched.house) == 1
    assert not Unreached.objects.exists()
    assert anchors.cosignatures(579)[0].witness == "w0"
    assert Cosignature.objects.count() == 2
    assert clock.now_ms() - row.since > DAY_MS - 6 * MINUTE_MS


def test_one_silent_witness_holds_up_no_other(house, tmp_path):
    watched = Watched(house, tmp_path, count=3)
    with watched.up(0), watched.up(2):
        watched.write()
        assert witnesses.ask_all(watched.house) == 2
    watched.signing.close()
    assert [one.witness for one in anchors.cosignatures(1)] == ["w0", "w2"]
    assert anchors.newest_cosigned(watched.house) is None
    assert [one for one in anchors.missing(watched.house) if "w1" in one] == [
        "The witness w1 has cosigned none; w1 has not answered since 2026-11-18T11:06:40.000Z."
    ]
    assert len([one for one in anchors.missing(watched.house, size=1) if "w1" in one]) == 1


def test_a_witness_that_has_seen_another_root_stops_signing(watched):
    with watched.up():
        watched.write(2)
        _other_history(watched, 2)
        assert witnesses.ask_all(watched.house) == 0
        alarm = there(forks.state_of(watched.house).alarm())
        assert (alarm.who, alarm.signed_size) == ("witness w0", 2)
        assert "our own key signed" in alarm.reason
        watched.write()
    assert watched.signing.refused == "fork_stopped"
    assert PublishedCheckpoint.objects.count() == 1
    assert LogEntry.objects.count() == 4
    assert Record.objects.filter(kind="fork.alarm").count() == 1
    assert anchors.missing(watched.house)[0].startswith("Signing has stopped: ")
    folder = watched.house.settings.data_dir / "log-state" / "1"
    assert (folder / "fork-evidence.note").read_text().startswith("demo.invalid/log/1\n2\n")
    with pytest.raises(LedgerError):
        open_log(watched.house.settings).start(watched.house.now())


def _other_history(watched, size):
    """Let the witness cosign a log of the same name, size and key, with other entries."""
    settings = watched.house.settings
    signer = Signer(settings.log_origin, keys.read(settings.keys_dir, keys.KeyName.LOG))
    home = watched.folders[0].parent / "other"
    log = Log(
        home / "log",
        home / "state",
        [signer],
        ListSource([b"\x01" + seed(str(n)) for n in range(size)]),
    )
    log.start(0)
    log.publish(0)
    row = PublishedCheckpoint(size=size, note=there(log.note).decode())
    asked = dataclasses.replace(
        watched.house, settings=dataclasses.replace(settings, data_dir=home)
    )
    [one] = parties.witnesses(settings)
    witnesses._ask(asked, one, row, 0)


def test_a_witness_that_is_ahead_of_a_store_that_went_back_stops_signing(watched):
    with watched.up():
        watched.write(2)
        _other_history(watched, 9)
        assert witnesses.ask_all(watched.house) == 0
    alarm = there(forks.state_of(watched.house).alarm())
    assert (alarm.signed_size, alarm.seen_size) == (2, 9)


def test_a_witness_that_knows_what_we_signed_a_moment_ago_is_no_fork(watched, monkeypatch):
    with watched.up():
        watched.write(2)
        first = there(anchors.newest())
        watched.write(2)
        witnesses.ask_all(watched.house)
        Cosignature.objects.filter(size=4).order_by().first()
        monkeypatch.setattr(anchors, "newest", lambda: first)
        monkeypatch.setattr(witnesses, "_known", lambda _: {})
        assert witnesses.ask_all(watched.house) == 0
    assert forks.state_of(watched.house).alarm() is None
    assert Unreached.objects.get().problem == "overtaken"


def test_a_false_alarm_is_dismissed_with_a_reason_and_signing_goes_on(watched):
    with watched.up():
        watched.write(2)
        _other_history(watched, 2)
        witnesses.ask_all(watched.house)
    with pytest.raises(InvalidInputError):
        forks.dismiss(watched.house, " ", "anna")
    forks.dismiss(watched.house, "The witness was fed by a test.", "anna")
    with pytest.raises(NotFoundError):
        forks.dismiss(watched.house, "Again.", "anna")
    record = Record.objects.get(kind="fork.dismissed").canonical
    assert b"anna" not in record
    assert b"test" not in record
    again = Signing(watched.house)
    watched.signing.close()
    assert there(again.turn()).size == 4
    again.close()


def test_an_answer_of_a_stranger_s_key_is_no_cosignature(watched):
    other = watched.folders[0].parent / "stranger"
    make(other, watched.log_vkey, name="w0.invalid/w")
    with serving(other, port=watched.ports[0]):
        watched.write()
        assert witnesses.ask_all(watched.house) == 0
    assert Unreached.objects.get().problem == "bad_answer"
    assert not Cosignature.objects.exists()


def test_a_witness_whose_clock_is_wrong_is_told(watched):
    watched.write()
    with serving(watched.folders[0], lambda: watched.house.now() // 1000 + 3600, watched.ports[0]):
        witnesses.ask_all(watched.house)
    assert anchors.alarms(watched.house) == [
        "The clock of the witness w0 differs from ours by 3600 seconds: one of them is wrong."
    ]


def test_clock_jumps_neither_stop_signing_nor_cosigning(watched, clock):
    sizes = []
    with watched.up():
        for jump in (0, 3_600_000, -7_200_000, 0, 3_600_000, -1):
            clock.advance(jump)
            sizes.append(there(watched.write()).size)
            assert witnesses.ask_all(watched.house) == 1
    assert sizes == [1, 2, 3, 4, 5, 6]
    times = [anchors.cosigned_at(one.line) for one in Cosignature.objects.order_by("size")]
    assert times == sorted(times)


def test_a_file_that_cannot_be_read_is_said_and_stops_nothing(watched):
    watched.policy.write_text("witness nonsense\n")
    assert there(watched.write()).size == 1
    with pytest.raises(InvalidInputError):
        witnesses.ask_all(watched.house)
    [said] = anchors.missing(watched.house)
    assert said.startswith("The witness file cannot be used")


def test_without_witnesses_it_is_said_so(house):
    assert anchors.missing(house) == ["No checkpoint has been published yet."]
    log = open_log(house.settings)
    log.start(house.now())
    publish_checkpoint(log, house)
    assert anchors.missing(house) == [
        "No witness is configured: nobody outside has cosigned this log.",
        "No time-stamp authority is configured: times are the operator's word.",
    ]
    assert anchors.note(7) is None
    assert anchors.newest_cosigned(house) is None


def test_a_witness_cannot_make_up_evidence(watched, monkeypatch):
    watched.write()
    own = Signer(watched.house.settings.log_origin, seed("stranger"))
    [one] = parties.witnesses(watched.house.settings)
    verifiers = [Verifier(watched.log_vkey)]
    for note, believed in (
        (sign_checkpoint(Checkpoint(own.name, 9, seed("root")), [own]), False),
        ("nonsense", False),
        (watched.published(), True),
    ):
        shown = Fetched(200, "text/plain", note.encode())
        monkeypatch.setattr(outbound, "get", lambda *_, shown=shown, **__: shown)
        found = exchange.latest(one, own.name, list(verifiers))
        assert (found is not None) == believed


def test_the_overview_tells_of_forks_silence_and_clocks(watched, clock, agora_user):
    def told():
        found = overview.alarms(watched.house, agora_user)
        shown = [words.lines([one], clock.now_ms(), agora_user)[0].words for one in found]
        return {one.code: line for one, line in zip(found, shown, strict=True)}

    with watched.up():
        watched.write(2)
        _other_history(watched, 2)
        witnesses.ask_all(watched.house)
    clock.advance(2 * HOUR_MS)
    line = Cosignature.objects.create(
        size=2, witness="w0", at=clock.now_ms(), line=_line(clock.now_ms() // 1000 - 90)
    )
    assert told()["fork"].startswith("Signing has stopped")
    assert told()["outside"] == "1 witness or time-stamp authority does not answer."
    assert told()["drift"] == "1 clock outside differs from ours by more than a minute."
    assert anchors.cosigned_at(line.line) == clock.now_ms() - 90_000


def _line(at):
    cosigner = Cosigner("w0.invalid/w", seed("any"))
    return cosigner.line("demo.invalid/log/1\n2\nAAAA\n", at)


@pytest.fixture
def agora_user(db):
    return User.objects.create(username="s.enior", role="senior", number=9)
