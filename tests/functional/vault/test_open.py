# SPDX-License-Identifier: Apache-2.0
"""Opening: a reason, a leave, the log first; the vault process believes nobody."""

from __future__ import annotations

import json

import pytest

from tests.support.vaults import SECRET
from vigie.core.errors import InvalidInputError, NotFoundError, RefusedError, UnavailableError
from vigie.flow import deletion, desk_settings, second_person
from vigie.flow.vault import access, layout, leaves
from vigie.store.models import (
    CustodyEvent,
    CustodyKind,
    LogEntry,
    Record,
    SecondPersonRequest,
    VaultGrant,
)

HOUR = 3_600_000


def test_the_access_is_in_the_log_before_the_vault_is_asked(vault, agora, first, monkeypatch):
    row = vault.seal()
    before = []

    def look(settings, grant, identities=()):
        leave = VaultGrant.objects.get(pk=grant)
        before.append(LogEntry.objects.filter(record=leave.record).exists())
        raise UnavailableError("killed here", code="vault_down")

    monkeypatch.setattr("vigie.flow.vault.client.open_record", look)
    with pytest.raises(UnavailableError):
        access.read(agora.house, first, row, "the hearing of 3 May", "M-1")
    assert before == [True]
    event = CustodyEvent.objects.get(evidence=row, kind="opened")
    assert event.ticket == "M-1"
    said = json.loads(Record.objects.get(pk=event.record_id).canonical)
    assert (said["k"], said["evidence"]) == ("evidence.opened", row.evidence_id)
    assert "hearing" not in json.dumps(said)


def test_an_officer_reads_what_is_not_marked_alone(vault, agora, first):
    assert access.read(agora.house, first, vault.seal(), "review", "M-1") == SECRET


def test_a_leave_opens_once(vault, agora, first):
    row = vault.seal()
    access.read(agora.house, first, row, "review")
    used = VaultGrant.objects.get()
    assert used.used_at == agora.house.now()
    with pytest.raises(RefusedError) as told:
        vault.open_record(agora.settings, used.pk)
    assert told.value.code == "used"


def asked(agora, user, row) -> VaultGrant:
    made = access.ask(agora.house, user, row, "review")
    assert isinstance(made, VaultGrant)
    return made


def test_a_leave_ends_within_the_hour(vault, agora, first):
    row = vault.seal()
    leave = asked(agora, first, row)
    assert leave.expires_at - leave.granted_at <= HOUR
    leaves.log_all(agora.house, [leave], CustodyKind.OPENED)
    agora.clock.advance(HOUR)
    with pytest.raises(RefusedError) as told:
        vault.open_record(agora.settings, leave.pk)
    assert told.value.code == "expired"
    refused = CustodyEvent.objects.get(kind="refused")
    assert (refused.reason, refused.evidence_id) == ("expired", row.evidence_id)


def made(vault, agora, first, **more):
    """Write a leave past every check, as a thief of the web process could."""
    row = more.pop("row", None) or vault.seal(**more.pop("seal", {}))
    now = agora.house.now()
    given = {
        "evidence": row,
        "user": first,
        "reason": "x",
        "granted_at": now,
        "expires_at": now + HOUR,
    }
    return VaultGrant.objects.create(**{**given, **more})


def opened(vault, agora, leave):
    with pytest.raises(RefusedError) as told:
        vault.open_record(agora.settings, leave.pk)
    return told.value.code


def test_a_leave_without_its_access_in_the_log_opens_nothing(vault, agora, first):
    assert opened(vault, agora, made(vault, agora, first)) == "not_logged"


def test_a_leave_with_the_record_of_another_access_opens_nothing(vault, agora, first):
    row = vault.seal()
    access.read(agora.house, first, row, "review")
    other = CustodyEvent.objects.get(kind="opened").record
    VaultGrant.objects.update(record=None)
    leave = made(vault, agora, first, row=row, record=other)
    assert opened(vault, agora, leave) == "not_logged"


def test_a_leave_with_an_altered_record_opens_nothing(vault, agora, first):
    leave = asked(agora, first, vault.seal())
    leaves.log_all(agora.house, [leave], CustodyKind.OPENED)
    record = Record.objects.get(pk=leave.record_id)
    deletion.redact(
        Record.objects.filter(pk=record.pk), content=record.canonical.replace(b'"look"', b'"lock"')
    )
    assert opened(vault, agora, leave) == "not_logged"


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"expires_at": 1_795_381_200_000 + 2 * HOUR}, "too_long"),
        ({"granted_at": 1_795_381_200_000 + 1}, "expired"),
        ({"purpose": "other"}, "no_permission"),
        ({"purpose": "report"}, "report_only"),
        ({"seal": {"cls": "intimate"}}, "second_person"),
        ({"seal": {"kind": "account"}}, "second_person"),
    ],
)
def test_a_made_up_leave_opens_nothing(vault, agora, first, more, code):
    assert opened(vault, agora, made(vault, agora, first, **more)) == code


def test_nobody_is_their_own_second_person(vault, agora, first):
    leave = made(vault, agora, first, second=first, seal={"cls": "intimate"})
    assert opened(vault, agora, leave) == "second_person"


def test_somebody_who_lost_their_role_opens_nothing(vault, agora, first):
    leave = asked(agora, first, vault.seal())
    leaves.log_all(agora.house, [leave], CustodyKind.OPENED)
    first.role = "moderator"
    first.save()
    assert opened(vault, agora, leave) == "no_permission"


def test_there_is_no_leave_of_that_number(vault, agora):
    with pytest.raises(RefusedError) as told:
        vault.open_record(agora.settings, 404)
    assert told.value.code == "no_grant"


@pytest.mark.parametrize("role", ["moderator", "auditor", "admin", "senior", "officer"])
def test_other_roles_open_nothing(vault, agora, role):
    with pytest.raises(RefusedError):
        access.read(agora.house, agora.person("x", role), vault.seal(), "curious")
    assert not vault.asked


def test_it_needs_a_reason(vault, agora, first):
    with pytest.raises(InvalidInputError):
        access.read(agora.house, first, vault.seal(), " ")


def test_the_vault_is_down_so_nothing_opens_and_sealing_goes_on(vault, agora, first):
    row = vault.seal()
    vault.up = False
    with pytest.raises(UnavailableError):
        access.read(agora.house, first, row, "review")
    again = vault.seal(data=b"later")
    vault.up = True
    assert access.read(agora.house, first, again, "review") == b"later"
    # The leave whose access is in the log was not used: it still opens, once.
    assert access.read(agora.house, first, row, "review") == SECRET
    assert CustodyEvent.objects.filter(evidence=row, kind="opened").count() == 1


class TestMarked:
    """Two people, both with a fresh proof of who they are."""

    @pytest.fixture
    def row(self, vault):
        return vault.seal(cls="intimate")

    def ask(self, agora, first, row):
        return access.ask(agora.house, first, row, "order 7", "O-7", stepped_at=agora.house.now())

    def test_two_officers_open_it_together(self, vault, agora, first, second, row):
        request = self.ask(agora, first, row)
        assert isinstance(request, SecondPersonRequest)
        access.confirm(agora.house, second, request, stepped_at=agora.house.now())
        data = access.read(
            agora.house, first, row, "order 7", "O-7", second, stepped_at=agora.house.now()
        )
        assert data == SECRET
        event = CustodyEvent.objects.get(kind="opened")
        assert (event.user, event.second) == (first, second)
        assert event.by == "legal 1, legal 2"

    def test_one_alone_is_refused(self, vault, agora, first, row):
        with pytest.raises(RefusedError) as told:
            access.read(agora.house, first, row, "order 7", stepped_at=agora.house.now())
        assert told.value.code == "second_person"

    def test_naming_a_second_person_is_not_their_consent(self, vault, agora, first, second, row):
        with pytest.raises(RefusedError) as told:
            access.read(
                agora.house, first, row, "order 7", "", second, stepped_at=agora.house.now()
            )
        assert told.value.code == "second_person"
        assert not vault.asked

    def test_without_a_fresh_proof_nobody_asks_confirms_or_reads(
        self, vault, agora, first, second, row
    ):
        for stale in (None, agora.house.now() - 900_001, agora.house.now() + 1):
            with pytest.raises(RefusedError, match="anew"):
                access.ask(agora.house, first, row, "order 7", stepped_at=stale)
        request = self.ask(agora, first, row)
        with pytest.raises(RefusedError, match="anew"):
            access.confirm(agora.house, second, request, stepped_at=0)
        with pytest.raises(RefusedError, match="anew"):
            second_person.confirm(agora.house, second, request)
        access.confirm(agora.house, second, request, stepped_at=agora.house.now())
        with pytest.raises(RefusedError, match="anew"):
            access.read(agora.house, first, row, "order 7")

    def test_the_vault_asks_for_both_proofs_again(self, vault, agora, first, second, row):
        now = agora.house.now()
        for steps in ({}, {"stepped_at": now}, {"second_stepped_at": now}):
            leave = made(vault, agora, first, row=row, second=second, **steps)
            assert opened(vault, agora, leave) == "step_up"

    def test_one_does_not_confirm_their_own(self, vault, agora, first, row):
        request = self.ask(agora, first, row)
        with pytest.raises(RefusedError):
            access.confirm(agora.house, first, request, stepped_at=agora.house.now())
        assert not VaultGrant.objects.exists()


def test_at_the_days_cap_the_house_and_the_vault_refuse(vault, agora, first):
    desk_settings.set(agora.house, None, "evidence_per_day", 2)
    rows = [vault.seal(data=bytes([n])) for n in range(1, 4)]
    for row in rows[:2]:
        access.read(agora.house, first, row, "review")
    with pytest.raises(RefusedError) as told:
        access.read(agora.house, first, rows[2], "review")
    assert told.value.code == "day_spent"
    leave = made(vault, agora, first, row=rows[2])
    leaves.log_all(agora.house, [leave], CustodyKind.OPENED)
    assert opened(vault, agora, leave) == "day_spent"
    agora.clock.advance(24 * HOUR)
    assert access.read(agora.house, first, rows[2], "review") == b"\x03"


def test_a_flipped_bit_anywhere_is_refused(vault, agora, first):
    desk_settings.set(agora.house, None, "evidence_per_day", 500)
    row = vault.seal(data=b"short")
    path = layout.path_of(agora.settings, row.file)
    whole = path.read_bytes()
    codes = set()
    for at in range(len(whole)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises(RefusedError) as told:
            access.read(agora.house, first, row, "review")
        codes.add(told.value.code)
    assert codes == {"age_refused"}
    path.write_bytes(whole)
    assert access.read(agora.house, first, row, "review") == b"short"


def test_another_sealed_file_in_its_place_is_refused(vault, agora, first):
    one, two = vault.seal(), vault.seal(data=b"other")
    layout.path_of(agora.settings, one.file).write_bytes(
        layout.path_of(agora.settings, two.file).read_bytes()
    )
    with pytest.raises(RefusedError) as told:
        access.read(agora.house, first, one, "review")
    assert told.value.code == "age_refused"
    # Key, file and wrapped key of another record together still are not what was sealed.
    layout.path_of(agora.settings, one.file).write_bytes(
        layout.path_of(agora.settings, two.file).read_bytes()
    )
    one.wrapped = two.wrapped
    one.save()
    with pytest.raises(RefusedError) as told:
        access.read(agora.house, first, one, "review")
    assert told.value.code == "not_what_was_sealed"


def test_a_file_outside_the_vaults_folder_is_never_read(vault, agora, first):
    row = vault.seal()
    row.file = "../../etc/passwd"
    row.save()
    with pytest.raises(RefusedError) as told:
        access.read(agora.house, first, row, "review")
    assert told.value.code == "no_file"


@pytest.mark.parametrize("ticket", ["", "S-", "S-404", "M-1", "S-1 "])
def test_a_package_without_a_proven_order_or_a_search_on_record_opens_nothing(
    vault, agora, first, ticket
):
    row = vault.seal()
    with pytest.raises(RefusedError) as told:
        access.read_for_package(agora.house, row, user=first, order=None, ticket=ticket)
    assert told.value.code == "not_proven"


def test_evidence_of_the_child_lane_is_found_by_that_room_alone(vault, agora, first):
    row = vault.seal()
    row.lane = "child"
    row.save()
    with pytest.raises(NotFoundError):
        access.find(first, row.number)
    assert access.find(agora.person("k", "child_safety"), row.number) == row
    with pytest.raises(RefusedError):
        access.find(agora.person("m", "moderator"), row.number)
