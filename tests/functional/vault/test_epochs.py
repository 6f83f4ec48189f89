# SPDX-License-Identifier: Apache-2.0
"""Epochs: the next wraps everything, the one before can be destroyed; the escrow rescues."""

from __future__ import annotations

import pytest

from tests.support.vaults import SECRET, Vault
from vigie.core.errors import ConflictError, InvalidInputError, RefusedError, UnavailableError
from vigie.evidence import age, keys
from vigie.flow.vault import access, checking, layout
from vigie.store.models import Evidence, VaultEpoch
from vigie.vault import epochs, identities


def test_after_rotation_everything_opens_and_the_old_epoch_can_go(vault, agora, first):
    row = vault.seal()
    old = row.wrapped
    made, count = epochs.rotate(agora.house)
    assert (made.number, count) == (2, 1)
    row.refresh_from_db()
    assert row.wrapped != old
    assert row.epoch_id == 2
    epochs.destroy(agora.house, 1)
    assert VaultEpoch.objects.get(pk=1).destroyed_at
    assert identities.epochs(agora.settings.vault_dir) == (2,)
    assert access.read(agora.house, first, row, "review") == SECRET
    later = vault.seal(data=b"later")
    assert later.epoch_id == 2


def test_an_old_copy_of_the_store_opens_nothing_once_its_epoch_is_destroyed(vault, agora, first):
    row = vault.seal()
    copy = row.wrapped
    epochs.rotate(agora.house)
    epochs.destroy(agora.house, 1)
    Evidence.objects.filter(pk=row.pk).update(wrapped=copy, epoch=1)
    with pytest.raises(RefusedError) as told:
        access.read(agora.house, first, Evidence.objects.get(), "review")
    assert told.value.code == "no_identity"


def test_the_current_epoch_and_one_in_use_are_not_destroyed(vault, agora, monkeypatch):
    vault.seal()
    with pytest.raises(ConflictError):
        epochs.destroy(agora.house, 1)
    epochs.rotate(agora.house)
    row = Evidence.objects.get()
    monkeypatch.setattr(epochs, "_wrap_all", lambda *_: 0)
    Evidence.objects.filter(pk=row.pk).update(epoch=1)
    with pytest.raises(ConflictError):
        epochs.destroy(agora.house, 1)


def test_a_missing_identity_stops_a_rotation_before_anything_changes(vault, agora):
    row = vault.seal()
    (agora.settings.vault_dir / "general-1.txt").unlink()
    with pytest.raises(UnavailableError):
        epochs.rotate(agora.house)
    assert VaultEpoch.objects.count() == 1
    assert Evidence.objects.get().wrapped == row.wrapped


def test_the_escrow_rescues_what_was_sealed_when_identities_are_lost(agora, monkeypatch, first):
    escrow = age.generate()
    vault = Vault(agora.house).install(monkeypatch)
    vault.set_up(escrow=escrow.recipient)
    row = vault.seal()
    (agora.settings.vault_dir / "general-1.txt").unlink()
    epochs.rotate(agora.house, rescue=escrow.secret)
    assert access.read(agora.house, first, Evidence.objects.get(), "review") == SECRET
    folder = b"".join(
        one.read_bytes() for one in agora.settings.data_dir.rglob("*") if one.is_file()
    )
    assert escrow.secret.encode() not in folder
    assert row.number == 1


def test_init_twice_changes_nothing(vault, agora):
    before = (layout.folder(agora.settings) / keys.FILE).read_bytes()
    assert epochs.init(agora.house) == []
    assert (layout.folder(agora.settings) / keys.FILE).read_bytes() == before


def test_a_lost_file_of_recipients_is_written_again_from_the_rows(vault, agora):
    path = layout.folder(agora.settings) / keys.FILE
    before = path.read_bytes()
    path.unlink()
    assert [one.code for one in checking.problems(agora.house)] == ["no_escrow", "recipients"]
    epochs.init(agora.house)
    assert path.read_bytes() == before


@pytest.mark.parametrize("key", ["age1nonsense", "AGE-SECRET-KEY-1", "x"])
def test_an_escrow_that_is_no_key_is_refused(agora, key):
    with pytest.raises(InvalidInputError):
        epochs.init(agora.house, escrow=key)
    assert not VaultEpoch.objects.exists()


class TestChild:
    """The epoch's identity exists for pairs of officers only."""

    @pytest.fixture
    def three(self, agora, monkeypatch):
        made = Vault(agora.house).install(monkeypatch)
        made.set_up(people=("1", "2", "3"))
        return made

    def test_no_file_on_disk_opens_it_alone(self, three, agora):
        folder = agora.settings.vault_dir / "child-2"
        assert {one.name for one in folder.iterdir()} == {"1+2.age", "1+3.age", "2+3.age"}
        for one in folder.iterdir():
            for officer in three.officers.values():
                outer = one.name[:-4].split("+")[1]
                if officer is three.officers[outer]:
                    inner = age.decrypt(one.read_bytes(), [officer.secret])
                    assert b"AGE-SECRET-KEY" not in inner

    def test_any_two_open_it_in_any_order_and_one_never(self, three, agora):
        folder = agora.settings.vault_dir
        secrets = {name: pair.secret for name, pair in three.officers.items()}
        found = {
            identities.join(folder, 2, [secrets[a], secrets[b]])
            for a in secrets
            for b in secrets
            if a != b
        }
        assert len(found) == 1
        for given in (["1"], ["1", "1"], []):
            with pytest.raises(RefusedError):
                identities.join(folder, 2, [secrets[one] for one in given])
        with pytest.raises(UnavailableError):
            identities.join(folder, 2, [secrets["1"], age.generate().secret])

    def test_rotation_asks_for_two_and_takes_new_officers(self, three, agora):
        secrets = [pair.secret for pair in three.officers.values()]
        fresh = {name: age.generate() for name in ("4", "5")}
        made, _count = epochs.rotate_child(
            agora.house, secrets[:2], {name: pair.recipient for name, pair in fresh.items()}
        )
        assert epochs.officers_of(made) == {n: p.recipient for n, p in fresh.items()}
        pair = [one.secret for one in fresh.values()]
        assert identities.join(agora.settings.vault_dir, made.number, pair)
        with pytest.raises(UnavailableError):
            identities.join(agora.settings.vault_dir, made.number, secrets[:2])

    @pytest.mark.parametrize("count", [1, 6])
    def test_one_officer_is_too_few_and_six_too_many(self, agora, count):
        people = {str(n): age.generate().recipient for n in range(count)}
        with pytest.raises(InvalidInputError):
            epochs.init(agora.house, officers=people)

    def test_one_key_for_two_people_is_refused(self, agora):
        same = age.generate().recipient
        with pytest.raises(InvalidInputError):
            epochs.init(agora.house, officers={"1": same, "2": same})
