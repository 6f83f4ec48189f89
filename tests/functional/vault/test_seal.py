# SPDX-License-Identifier: Apache-2.0
"""Bytes go in with public keys alone; row, custody event and record say the same."""

from __future__ import annotations

import json
import stat

import pytest

from tests.support.vaults import SECRET
from vigie.core.errors import InvalidInputError, RefusedError, UnavailableError
from vigie.evidence import age, keys, terms
from vigie.flow.transaction import writing
from vigie.flow.vault import layout
from vigie.store.models import CustodyEvent, Evidence, LogEntry, Record, RecordKey, VaultEpoch


def test_a_sealed_record_says_nothing_on_disk_and_its_row_holds_no_key(vault, agora):
    row = vault.seal()
    path = layout.path_of(agora.settings, row.file)
    body = path.read_bytes()
    assert body.startswith(b"age-encryption.org/v1")
    assert SECRET not in body
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(row.wrapped) == 1
    assert b"AGE-SECRET-KEY" not in json.dumps(row.wrapped).encode()


def test_the_record_in_the_log_commits_to_the_bytes_and_names_nothing(vault):
    row = vault.seal(item_id="p-77")
    record = Record.objects.get(pk=row.record_id)
    said = json.loads(record.canonical)
    assert said["k"] == "evidence.sealed"
    assert said["evidence"] == row.evidence_id
    assert b"p-77" not in record.canonical
    assert row.sha256.encode() not in record.canonical
    assert RecordKey.objects.get(record=record).fields["sha256"] == row.sha256
    assert LogEntry.objects.filter(record=record).exists()
    [event] = CustodyEvent.objects.filter(evidence=row)
    assert (event.kind, event.by, event.record_id) == ("sealed", "vigie", row.record_id)


def test_its_term_runs_by_the_rule(vault, agora):
    row = vault.seal(rule="tco_preservation")
    days = (row.keep_until - agora.house.now(), row.purge_at - agora.house.now())
    assert days == (184 * terms.DAY_MS, 184 * terms.DAY_MS)


def test_each_record_has_a_key_of_its_own(vault):
    one, two = vault.seal(), vault.seal(data=SECRET + b".")
    assert one.recipient != two.recipient
    assert (two.number, one.number) == (2, 1)


def test_without_a_vault_nothing_is_claimed_to_be_sealed(agora):
    from tests.support.vaults import Vault

    with pytest.raises(UnavailableError) as told:
        Vault(agora.house).seal()
    assert told.value.code == "no_vault"
    assert not Evidence.objects.exists()


@pytest.mark.parametrize(
    ("more", "code"),
    [({"rule": "none"}, "no_term"), ({"basis": " "}, "no_basis"), ({"data": b""}, "evidence_size")],
)
def test_what_has_no_rule_no_basis_or_no_bytes_is_not_sealed(vault, more, code):
    with pytest.raises(InvalidInputError) as told:
        vault.seal(**more)
    assert told.value.code == code


def test_a_transaction_that_fails_leaves_a_file_that_nothing_opens(vault, agora):
    def seal_and_fail() -> None:
        with writing():
            vault.seal()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        seal_and_fail()
    assert not Evidence.objects.exists()
    [left] = layout.folder(agora.settings).glob("general/*/*.age")
    identity = (agora.settings.vault_dir / "general-1.txt").read_text()
    with pytest.raises(UnavailableError):
        age.decrypt(left.read_bytes(), [identity])


def test_class_child_without_duty_or_basis_is_not_sealed(vault):
    with pytest.raises(RefusedError) as told:
        vault.seal(cls="child")
    assert told.value.code == "no_custody"


def test_the_epoch_is_in_the_log_and_the_file_of_recipients_has_no_secret(vault, agora):
    epoch = VaultEpoch.objects.get()
    said = json.loads(Record.objects.get(pk=epoch.record_id).canonical)
    assert said["recipients"] == epoch.recipients
    file = (layout.folder(agora.settings) / keys.FILE).read_text()
    assert "SECRET" not in file
    assert epoch.recipients[0] in file
    folder = agora.settings.vault_dir
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(one.stat().st_mode) for one in folder.iterdir()} == {0o600}
