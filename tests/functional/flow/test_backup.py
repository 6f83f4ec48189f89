# SPDX-License-Identifier: Apache-2.0
"""What a backup holds of the store, and what the comparison with the outside finds."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pyrage
import pytest

from tests.support.ledger import seed
from tests.support.made import there
from vigie import keys
from vigie.core.errors import InvalidInputError, RefusedError
from vigie.flow import records
from vigie.flow.anchoring import forks, parties
from vigie.flow.backup import compare, contents, pack, stream, unpack
from vigie.flow.checkpoints import open_log, publish_checkpoint
from vigie.flow.transaction import writing
from vigie.ledger.checkpoint import Checkpoint, sign_checkpoint
from vigie.ledger.note import Signer, Verifier
from vigie.ledger.verify.errors import LedgerError
from vigie.sqlite_driver import sqlite3
from vigie.store.models import Record


def _write(house, count=1):
    with writing():
        for n in range(count):
            records.append_one(records.draft("test.made", house.now(), {"n": n}))
    log = open_log(house.settings)
    log.start(house.now())
    publish_checkpoint(log, house)
    return log.note


def _known(house, *notes):
    signer = [Verifier(parties.log_vkey(house.settings))]
    return [compare._opened(f"place {n}", note, signer) for n, note in enumerate(notes)]


def _signed(house, size, root):
    signer = Signer(house.settings.log_origin, keys.read(house.settings.keys_dir, keys.KeyName.LOG))
    return sign_checkpoint(Checkpoint(signer.name, size, root), [signer]).encode()


def test_of_several_places_each_is_held_against_the_same_entries(house):
    notes = [_write(house, count) for count in (3, 300, 20)]
    found = compare.compare(_known(house, notes[2], notes[0], notes[1]))
    assert [(row.where, row.state, row.size) for row in found.rows] == [
        ("place 1", "same", 3),
        ("place 2", "same", 303),
        ("place 0", "same", 323),
    ]
    assert (found.outside, found.lost, found.contradicts) == (3, 0, False)
    compare.settle(house, found, "anna")
    assert compare.stopped(house) == ""
    record = Record.objects.get(kind="log.compared").canonical
    assert b"anna" not in record


def test_another_root_under_our_own_key_stops_the_log_with_an_alarm(house):
    _write(house, 9)
    found = compare.compare(_known(house, _signed(house, 5, seed("another"))))
    assert (found.contradicts, found.lost) == (True, 0)
    compare.settle(house, found, "anna")
    assert "another history" in compare.stopped(house)
    assert there(forks.state_of(house).alarm()).seen_size == 5
    with pytest.raises(LedgerError):
        open_log(house.settings).start(house.now())


def test_a_larger_checkpoint_makes_the_log_refuse_for_good(house):
    _write(house, 9)
    found = compare.compare(_known(house, _signed(house, 12, seed("more"))))
    assert found.lost == 3
    compare.settle(house, found, "anna")
    assert "fewer entries than were signed" in compare.stopped(house)
    assert there(forks.state_of(house).refusal()).signed_size == 12


def test_a_place_that_shows_what_our_key_never_signed_is_refused(house):
    _write(house)
    stranger = Signer(house.settings.log_origin, seed("stranger"))
    note = sign_checkpoint(Checkpoint(stranger.name, 1, seed("root")), [stranger])
    with pytest.raises(InvalidInputError):
        _known(house, note.encode())


def test_nothing_outside_leaves_what_stands(house):
    _write(house, 2)
    own = forks.state_of(house).signed()
    found = compare.compare([compare.Known("witness w", b""), *_own(house, own)])
    assert (found.outside, found.contradicts) == (0, False)
    compare.settle(house, found, "anna")
    assert not Record.objects.filter(kind="log.compared").exists()


def _own(house, note):
    [known] = _known(house, note)
    return [known._replace(where=compare._OWN)]


def test_of_lane_child_no_wrapped_key_is_copied(tmp_path):
    path = tmp_path / "store.sqlite3"
    store = sqlite3.connect(str(path))
    store.execute("CREATE TABLE store_evidence (lane TEXT, wrapped TEXT)")
    rows = [("child", '["SECRET-OF-CHILD"]'), ("general", '["kept"]')]
    store.executemany("INSERT INTO store_evidence VALUES (?, ?)", rows)
    store.commit()
    store.close()
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    copy = pack._copied(contents.Part("store.sqlite3", path, database=True), scratch)
    found = sqlite3.connect(str(copy))
    assert list(found.execute("SELECT * FROM store_evidence")) == [
        ("child", "[]"),
        ("general", '["kept"]'),
    ]
    found.close()
    assert b"SECRET-OF-CHILD" not in copy.read_bytes()
    assert b"SECRET-OF-CHILD" in path.read_bytes()


def test_the_log_is_copied_before_the_store(house):
    _write(house, 300)
    names = [part.name for part in contents.parts(house.settings)]
    state = names.index("log-state/1/signed")
    shown = names.index("log/1/checkpoint")
    tile = min(n for n, name in enumerate(names) if "/tile/" in name)
    assert state < shown < tile
    if "store.sqlite3" in names:
        assert max(n for n, name in enumerate(names) if "/tile/" in name) < names.index(
            "store.sqlite3"
        )
    assert all(contents.is_name(name) for name in names)


@pytest.mark.parametrize(
    "name",
    [
        "/etc/passwd", "../x", "log/../../x", "log\\x", "keys/seal", "keys/a/log", "vault/x",
        "run/jobs.lock", "log", "./store.sqlite3", "store.sqlite3/", "unheard-of", "",
    ],
)  # fmt: skip
def test_a_name_that_no_backup_may_hold(name):
    assert not contents.is_name(name)


def _forged(tmp_path, members) -> tuple[Path, Path]:
    """Encrypt a tar of our own making, as somebody could who knows the recipient."""
    identity = pyrage.x25519.Identity.generate()
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as tar:
        for name, kind, body in members:
            info = tarfile.TarInfo(name)
            info.type, info.size, info.linkname = kind, len(body), "/etc/passwd"
            tar.addfile(info, io.BytesIO(body))
    backup, key = tmp_path / "forged.age", tmp_path / "key"
    backup.write_bytes(pyrage.encrypt(data.getvalue(), [identity.to_public()]))
    key.write_text(str(identity))
    return backup, key


@pytest.mark.parametrize(
    "members",
    [
        [],
        [("../evil", tarfile.REGTYPE, b"x")],
        [("log/1/checkpoint", tarfile.SYMTYPE, b"")],
        [("log/1/checkpoint", tarfile.REGTYPE, b"x")],
        [("log/1/checkpoint", tarfile.REGTYPE, b"x"), ("log/1/checkpoint", tarfile.REGTYPE, b"y")],
        [("MANIFEST.json", tarfile.REGTYPE, b"{}")],
        [("MANIFEST.json", tarfile.REGTYPE, b"\xff")],
    ],
)
def test_a_forged_backup_writes_nothing(tmp_path, members):
    backup, key = _forged(tmp_path, members)
    with pytest.raises(RefusedError):
        unpack.unpack(backup, tmp_path / "new", key)
    assert not (tmp_path / "new").exists()
    assert not (tmp_path.parent / "evil").exists()


def test_who_a_backup_is_for_is_checked_before_anything_is_written(tmp_path):
    for given in ([], ["age1nonsense"], [str(tmp_path / "absent")]):
        with pytest.raises(InvalidInputError):
            stream.recipients(given)
    pair = pyrage.x25519.Identity.generate()
    file = tmp_path / "to"
    file.write_text(f"# the desk\n{pair.to_public()}\n")
    assert [str(one) for one in stream.recipients([str(file)])] == [str(pair.to_public())]
    file.write_text("nonsense")
    with pytest.raises(InvalidInputError):
        stream.identities(file)
