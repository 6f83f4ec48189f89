# SPDX-License-Identifier: Apache-2.0
"""Class child: bytes enter with a duty or a basis only, in their lane only, for a report only.

Everything here is synthetic: random bytes that stand for nothing.
"""

from __future__ import annotations

import base64
import os
from pathlib import Path

import msgspec
import pytest

from tests.support.vaults import Vault
from tests.unit.intake.test_preserve import decision as made_decision
from vigie.core.errors import RefusedError
from vigie.core.item import Author, Item, Media, MediaFacts, Subject, Surface
from vigie.evidence import age, incoming, keys
from vigie.flow import records, retain
from vigie.flow.transaction import writing
from vigie.flow.vault import access, adopt, custody, layout, leaves
from vigie.intake.preserve import FETCH, NO_VAULT, SealingPreserver, copy_note
from vigie.law import Confidence, Custody
from vigie.law.entry import Cls
from vigie.store.models import (
    AuthorityReport,
    CustodyEvent,
    CustodyKind,
    DecisionRecord,
    Evidence,
    Record,
    VaultGrant,
)

DAY = 86_400_000
HOUR = 3_600_000
BYTES = os.urandom(4_096)


@pytest.fixture
def lane(agora, monkeypatch):
    """A vault with both lanes; three people hold keys of lane child."""
    made = Vault(agora.house).install(monkeypatch)
    made.set_up(people=("1", "2", "3"))
    return made


@pytest.fixture
def intake(agora):
    return SealingPreserver(agora.settings.evidence_dir, agora.clock)


@pytest.fixture
def officers(agora):
    return tuple(agora.person(f"k.{n}", "child_safety", number=n) for n in (5, 6))


def subject(item_id="p-1", data=BYTES):
    media = [Media(base64=base64.b64encode(data).decode(), mime="image/png")]
    item = Item(id=item_id, surface=Surface.POST, author=Author(id="a"), media=media)
    return Subject(item, (MediaFacts(status="ok", sha256="0" * 64),))


def law(agora, custody=Custody.REQUIRED, name="fr_csam"):
    entry = msgspec.structs.replace(
        agora.house.law.entries[name], custody=custody, confidence=Confidence.HIGH
    )
    return {entry.id: entry}


def sealed(agora, intake, **more):
    note = copy_note(subject(**more), made_decision(), law(agora), intake)
    assert note.startswith("sealed: ")
    agora.clock.advance(HOUR)
    adopt.adopt(agora.house)
    return note


def files(agora):
    return [one for one in agora.settings.data_dir.rglob("*") if one.is_file()]


def test_by_a_duty_the_door_seals_to_the_child_lane_and_jobs_makes_a_row(lane, agora, intake):
    note = sealed(agora, intake)
    row = Evidence.objects.get()
    assert note == f"sealed: {row.evidence_id}"
    assert (row.lane, row.cls, row.epoch_id, row.kind) == ("child", "child", 2, "media")
    assert row.file.startswith("evidence/child/")
    assert list(incoming.waiting(agora.settings.evidence_dir)) == []
    assert CustodyEvent.objects.get().kind == "sealed"


def test_nothing_outside_the_lane_holds_a_byte_of_it_or_a_key_to_it(lane, agora, intake):
    escrowed = age.generate()
    sealed(agora, intake)
    row = Evidence.objects.get()
    general = (agora.settings.vault_dir / "general-1.txt").read_text()
    for secret in (general, escrowed.secret, *(one.secret for one in lane.officers.values())):
        with pytest.raises(Exception, match="does not open"):
            keys.unwrap(row.wrapped[0], [secret])
    for path in files(agora):
        body = path.read_bytes()
        assert BYTES[:64] not in body, path
        assert base64.b64encode(BYTES[:48]) not in body, path
    # What may go into a backup holds neither ciphertext nor identity of the lane.
    barred = layout.never_backed_up(agora.settings)
    lane_files = [one for one in files(agora) if "/child" in one.as_posix()]
    assert lane_files
    assert all(any(one.is_relative_to(bar) for bar in barred) for one in lane_files)


def test_without_duty_and_basis_nothing_is_kept(lane, agora, intake):
    for given in (Custody.ALLOWED, Custody.UNCLEAR, Custody.FORBIDDEN, None):
        assert copy_note(subject(), made_decision(), law(agora, given), intake) == FETCH
    assert list(incoming.waiting(agora.settings.evidence_dir)) == []


def test_without_child_recipients_nothing_is_kept_and_the_record_says_so(
    agora, intake, monkeypatch
):
    assert copy_note(subject(), made_decision(), law(agora), intake) == NO_VAULT
    Vault(agora.house).install(monkeypatch).set_up()
    said = copy_note(subject(), made_decision(), law(agora), intake)
    assert said == "not preserved: no_vault"
    assert list(incoming.waiting(agora.settings.evidence_dir)) == []


def test_a_full_disk_is_said_and_nothing_is_claimed(lane, agora, intake, monkeypatch):
    def full(*_args, **_more):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("vigie.machine.sealing.write_durably", full)
    said = copy_note(subject(), made_decision(), law(agora), intake)
    assert said == "not preserved: OSError"


def test_counsels_basis_opens_the_lane_for_its_country_until_its_end(lane, agora, intake, first):
    unclear = law(agora, Custody.UNCLEAR)
    other = custody.record(
        agora.house,
        first,
        basis="request",
        holder="L",
        country="DE",
        ends_at=agora.house.now() + DAY,
    )
    assert copy_note(subject(), made_decision(), unclear, intake) == FETCH
    ends = agora.house.now() + 20 * DAY
    custody.record(agora.house, first, basis="request", holder="L", country="FR", ends_at=ends)
    assert copy_note(subject(), made_decision(), unclear, intake).startswith("sealed: ")
    agora.clock.advance(HOUR)
    adopt.adopt(agora.house)
    row = Evidence.objects.get()
    assert (row.rule, row.purge_at) == ("custody_basis", ends)
    agora.clock.advance(21 * DAY)
    assert copy_note(subject("p-2"), made_decision(), unclear, intake) == FETCH
    retain.retain(agora.house)
    assert Evidence.objects.get().shredded_at
    assert not layout.path_of(agora.settings, row.file).exists()
    assert other.pk != row.meta["custody"]


def test_a_basis_that_is_ended_shreds_what_was_kept_by_it(lane, agora, intake, first):
    basis = custody.record(
        agora.house, first, basis="request", holder="L", country="FR",
        ends_at=agora.house.now() + 20 * DAY,
    )  # fmt: skip
    copy_note(subject(), made_decision(), law(agora, Custody.UNCLEAR), intake)
    agora.clock.advance(HOUR)
    adopt.adopt(agora.house)
    custody.end(agora.house, first, basis.pk)
    retain.retain(agora.house)
    assert Evidence.objects.get().shredded_at
    assert copy_note(subject("p-2"), made_decision(), law(agora, Custody.UNCLEAR), intake) == FETCH


def test_only_counsel_records_a_basis_with_holder_and_end(lane, agora, officers):
    with pytest.raises(RefusedError):
        custody.record(
            agora.house, officers[0], basis="x", holder="x", country="FR",
            ends_at=agora.house.now() + DAY,
        )  # fmt: skip


class TestAdoption:
    """Never lost, never twice."""

    def test_a_file_waits_for_its_decision_and_keeps_it(self, lane, agora, intake):
        number = agora.removal("p-1")
        row = DecisionRecord.objects.get(number=number)
        made = msgspec.structs.replace(made_decision(), decision_id=row.decision_id)
        early = msgspec.structs.replace(made_decision(), decision_id="w9-9-0000000009")
        copy_note(subject(), made, law(agora), intake)
        copy_note(subject("p-2"), early, law(agora), intake)
        assert adopt.adopt(agora.house) == 1
        kept = Evidence.objects.get()
        assert (kept.decision, kept.author) == (row, row.author)
        assert len(list(incoming.waiting(agora.settings.evidence_dir))) == 1
        agora.clock.advance(HOUR)
        assert adopt.adopt(agora.house) == 1

    def test_an_item_that_was_sent_again_is_kept_once(self, lane, agora, intake):
        sealed(agora, intake)
        copy_note(subject(), made_decision(), law(agora), intake)
        agora.clock.advance(HOUR)
        assert adopt.adopt(agora.house) == 0
        assert Evidence.objects.count() == 1
        assert len(list((agora.settings.evidence_dir / "child").glob("*/*"))) == 1
        assert list(incoming.waiting(agora.settings.evidence_dir)) == []

    @pytest.mark.parametrize("step", ["before the row", "after the row"])
    def test_a_crash_between_the_steps_neither_loses_nor_doubles(
        self, lane, agora, intake, monkeypatch, step
    ):
        copy_note(subject(), made_decision(), law(agora), intake)
        agora.clock.advance(HOUR)
        with monkeypatch.context() as crash:
            if step == "before the row":
                crash.setattr(adopt, "write_row", _crash)
            else:
                crash.setattr(Path, "unlink", _crash)
            with pytest.raises(KeyboardInterrupt):
                adopt.adopt(agora.house)
        adopt.adopt(agora.house)
        assert Evidence.objects.count() == 1
        assert CustodyEvent.objects.count() == 1
        assert list(incoming.waiting(agora.settings.evidence_dir)) == []

    def test_a_file_that_is_broken_stays_and_is_reported(self, lane, agora, intake):
        from vigie.flow.vault import checking

        copy_note(subject(), made_decision(), law(agora), intake)
        [path] = incoming.waiting(agora.settings.evidence_dir)
        path.write_bytes(b"\x00\x00\x00\x05{}")
        agora.clock.advance(HOUR)
        assert adopt.adopt(agora.house) == 0
        assert path.exists()
        assert "incoming_broken" in [one.code for one in checking.problems(agora.house)]


def _crash(*_args, **_more):
    raise KeyboardInterrupt


class TestReport:
    """Opened by two officers for its report, once, and for nothing else."""

    @pytest.fixture
    def row(self, lane, agora, intake):
        sealed(agora, intake)
        return Evidence.objects.get()

    @pytest.fixture
    def report(self, agora):
        now = agora.house.now()
        with writing():
            draft = records.draft("report.created", now, {})
            records.append_one(draft)
            return AuthorityReport.objects.create(
                number=7, kind="cybertip", awareness_at=now, created_at=now,
                record_id=draft.record_id,
            )  # fmt: skip

    def unlock(self, lane, agora, row, report, officers, names=("1", "2"), steps=None):
        now = agora.house.now()
        return access.prepare_for_report(
            agora.house,
            row,
            report,
            users=officers,
            identities=tuple(lane.officers[one].secret for one in names),
            stepped=steps or (now, now),
        )

    def test_two_officers_unlock_it_and_the_report_reads_it_once(
        self, lane, agora, row, report, officers
    ):
        self.unlock(lane, agora, row, report, officers)
        assert CustodyEvent.objects.get(kind="copied").by == "child_safety 5, child_safety 6"
        assert access.read_for_report(agora.house, row, report) == BYTES
        with pytest.raises(RefusedError) as told:
            access.read_for_report(agora.house, row, report)
        assert told.value.code == "not_unlocked"

    def test_the_secrets_of_the_officers_stand_nowhere(self, lane, agora, row, report, officers):
        leave = self.unlock(lane, agora, row, report, officers)
        access.read_for_report(agora.house, row, report)
        told = repr(lane.asked) + repr(VaultGrant.objects.values()) + repr(leave.__dict__)
        told += repr(list(Record.objects.values()))
        bodies = b"".join(one.read_bytes() for one in files(agora))
        for one in lane.officers.values():
            assert one.secret not in told
            assert one.secret.encode() not in bodies

    def test_the_wrong_pair_unlocks_nothing_and_may_try_again(
        self, lane, agora, row, report, officers
    ):
        for names in (("1", "1"),):
            with pytest.raises(RefusedError):
                self.unlock(lane, agora, row, report, officers, names)
        with pytest.raises(RefusedError):
            access.read_for_report(agora.house, row, report)

    def test_one_person_alone_or_without_a_fresh_proof_unlocks_nothing(
        self, lane, agora, row, report, officers
    ):
        with pytest.raises(RefusedError) as told:
            self.unlock(lane, agora, row, report, (officers[0], officers[0]))
        assert told.value.code == "second_person"
        with pytest.raises(RefusedError) as told:
            self.unlock(lane, agora, row, report, officers, steps=(agora.house.now(), 0))
        assert told.value.code == "step_up"
        assert not lane.asked

    def test_after_the_hour_the_key_is_forgotten(self, lane, agora, row, report, officers):
        self.unlock(lane, agora, row, report, officers)
        agora.clock.advance(HOUR)
        with pytest.raises(RefusedError):
            access.read_for_report(agora.house, row, report)
        assert lane.process._stands().prepared == 0

    def test_a_vault_that_was_restarted_has_forgotten_too(self, lane, agora, row, report, officers):
        from vigie.vault import server

        self.unlock(lane, agora, row, report, officers)
        lane.process = server.Vault(agora.house)
        with pytest.raises(RefusedError) as told:
            access.read_for_report(agora.house, row, report)
        assert told.value.code == "two_keys"

    @pytest.mark.parametrize("purpose", ["look", "package"])
    def test_for_nothing_else_not_even_with_a_made_up_leave(
        self, lane, agora, row, officers, first, purpose
    ):
        with pytest.raises(RefusedError):
            access.read(agora.house, officers[0], row, "curious", stepped_at=agora.house.now())
        with pytest.raises(RefusedError):
            access.read_for_package(agora.house, row, user=first, order=None, ticket="O-1")
        now = agora.house.now()
        user = officers[0] if purpose == "look" else first
        leave = VaultGrant.objects.create(
            evidence=row, user=user, second=officers[1] if purpose == "look" else None,
            reason="x", purpose=purpose, stepped_at=now, second_stepped_at=now, granted_at=now,
            expires_at=now + HOUR,
        )  # fmt: skip
        kind = CustodyKind.OPENED if purpose == "look" else CustodyKind.COPIED
        leaves.log_all(agora.house, [leave], kind)
        pair = tuple(one.secret for one in lane.officers.values())[:2]
        with pytest.raises(RefusedError) as told:
            lane.open_record(agora.settings, leave.pk, pair)
        assert told.value.code == "report_only"


def test_the_class_of_the_narrow_lane_wins_over_whatever_else_asks(lane, agora, intake):
    entries = law(agora)
    hate = next(one for one in agora.house.law.entries.values() if one.cls is Cls.HATE)
    hate = msgspec.structs.replace(hate, custody=Custody.REQUIRED, confidence=Confidence.HIGH)
    made = made_decision()
    grounds = (
        *made.actions[0].grounds,
        msgspec.structs.replace(made.actions[0].grounds[0], offence=hate.id),
    )
    action = msgspec.structs.replace(made.actions[0], grounds=grounds)
    made = msgspec.structs.replace(made, actions=(action,))
    copy_note(subject(), made, {**entries, hate.id: hate}, intake)
    [path] = incoming.waiting(agora.settings.evidence_dir)
    assert path.parent.name == "child"
