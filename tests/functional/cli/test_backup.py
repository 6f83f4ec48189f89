# SPDX-License-Identifier: Apache-2.0
"""Backup and restore as an operator runs them: the log goes on, or says why it does not."""

from __future__ import annotations

import json
import shutil
import tarfile
from pathlib import Path

import pyrage
import pytest

from tests.support.installation import Installation
from tests.support.witnessing import free_port, make, serving


@pytest.fixture
def key(tmp_path):
    """An age key pair; the public half."""
    identity = pyrage.x25519.Identity.generate()
    (tmp_path / "backup.key").write_text(f"# made for a test\n{identity}\n")
    return str(identity.to_public())


def _record(vigie, name):
    """Write something into the log, as any act of a person does; sign it."""
    assert vigie.run("key", "create", name, "--scope", "records").returncode == 0
    return vigie.json("ledger", "checkpoint")["size"]


def _backup(vigie, key, tmp_path):
    return vigie.json("backup", "--out", str(tmp_path / "backups"), "--to", key)


def _restore(vigie, made, tmp_path, *places, code=0, name="new"):
    """Restore on "new machines"; the store of PostgreSQL is the restored dump itself."""
    new = Installation(tmp_path / name, vigie.database_url, dict(vigie.env))
    words = [word for place in places for word in ("--checkpoint", str(place))]
    identity = str(tmp_path / "backup.key")
    return new, new.json("restore", made["file"], "--identity", identity, *words, code=code)


def _opened(made, tmp_path) -> dict[str, bytes]:
    identity = pyrage.x25519.Identity.from_str(
        (tmp_path / "backup.key").read_text().splitlines()[1]
    )
    path = tmp_path / "plain.tar"
    path.write_bytes(pyrage.decrypt(Path(made["file"]).read_bytes(), [identity]))
    with tarfile.open(path) as tar:
        return {one.name: there.read() for one in tar if (there := tar.extractfile(one))}


def test_a_restored_installation_goes_on_with_the_same_log(vigie, key, tmp_path):
    size = _record(vigie, "one")
    made = _backup(vigie, key, tmp_path)
    assert made["manifest"]["entries"] == size
    assert Path(made["checkpoint"]).read_text().split("\n")[1] == str(size)
    shutil.move(vigie.folder, tmp_path / "taken-away")
    new, said = _restore(vigie, made, tmp_path, made["checkpoint"])
    assert said["signs"]
    assert [row["state"] for row in said["compared"]] == ["same", "same"]
    assert said["entries_lost"] == 0
    later = new.json("ledger", "checkpoint")
    assert later["size"] == size + 1
    assert later["origin"].endswith("/log/1")
    assert new.json("ledger", "verify")[0]["ok"]
    assert new.run("ledger", "fsck").returncode == 0
    assert _record(new, "two") > later["size"]


def test_what_opens_evidence_is_in_no_backup(vigie, key, tmp_path):
    for name in ("vault/epoch-1.key", "evidence/child/aa/x.age", "evidence/general/aa/y.age"):
        path = vigie.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"secret")
    (vigie.folder / "unheard-of").write_text("x")
    made = _backup(vigie, key, tmp_path)
    inside = _opened(made, tmp_path)
    assert "evidence/general/aa/y.age" in inside
    assert not [name for name in inside if name.startswith(("vault", "evidence/child", "run"))]
    assert "keys/seal" not in inside
    assert {"keys/log", "keys/receipt", "keys/pseudonym", "keys/origin"} <= set(inside)
    assert ("store.sqlite3" in inside) == (not vigie.database_url)
    left = made["manifest"]["left_out"]
    assert {"keys/seal", "vault", "evidence/child", "unheard-of"} <= set(left)
    assert b"AGE-SECRET-KEY" not in Path(made["file"]).read_bytes()
    assert Path(made["file"]).stat().st_mode & 0o077 == 0
    assert not list((vigie.folder / "run").glob("backup-*"))


def test_an_old_backup_refuses_to_sign_and_says_what_is_lost(vigie, key, tmp_path):
    if vigie.database_url:
        pytest.skip(NOT_HERE)
    old = _record(vigie, "one")
    made = _backup(vigie, key, tmp_path)
    newer = _record(vigie, "two")
    published = vigie.folder / "log" / "1" / "checkpoint"
    new, said = _restore(vigie, made, tmp_path, published, code=1)
    assert not said["signs"]
    assert said["entries_lost"] == newer - old
    assert f"{newer - old} published log entries" in " ".join(said["lost"])
    before = (new.folder / "log" / "1" / "checkpoint").read_bytes()
    assert new.run("ledger", "checkpoint").returncode == 1
    assert new.run("ledger", "resume", "--reason", "We want to.").returncode != 0
    assert (new.folder / "log" / "1" / "checkpoint").read_bytes() == before
    assert "refused to sign" in new.run("check").stdout
    assert new.run("ledger", "begin-next").returncode == 2
    begun = new.json("ledger", "begin-next", "--reason", "The newest backup is old.")
    assert begun["origin"].endswith("/log/2")
    assert begun["signed_now"]
    checkpoint = new.json("ledger", "checkpoint")
    assert checkpoint["checkpoint"].startswith(begun["origin"])
    assert checkpoint["size"] == old + 1
    assert new.json("ledger", "verify")[0]["ok"]
    assert new.run("ledger", "begin-next", "--reason", "Once more.").returncode == 1
    seen = (new.folder / "keys" / "log").stat().st_mode & 0o077
    assert seen == 0
    assert (new.folder / "keys" / "log-1").exists()


NOT_HERE = "only where the store is a SQLite file"


def test_a_store_that_lost_commits_in_a_failover_refuses_too(vigie, tmp_path):
    """What PostgreSQL loses in an asynchronous failover, on both databases."""
    _record(vigie, "one")
    newer = _record(vigie, "two")
    kept = tmp_path / "outside.checkpoint"
    shutil.copy(vigie.folder / "log" / "1" / "checkpoint", kept)
    shutil.rmtree(vigie.folder / "log")
    shutil.rmtree(vigie.folder / "log-state")
    _forget_last_entry(vigie)
    said = vigie.json("ledger", "compare", "--checkpoint", str(kept), code=1)
    assert (said["entries"], said["entries_lost"]) == (newer - 1, 1)
    assert vigie.run("ledger", "checkpoint").returncode == 1
    assert not (vigie.folder / "log" / "1" / "checkpoint").exists()


def _forget_last_entry(vigie):
    if vigie.database_url:
        import psycopg

        with psycopg.connect(vigie.database_url) as store:
            store.execute(
                "DELETE FROM store_logentry WHERE index = (SELECT max(index) FROM store_logentry)"
            )
        return
    from vigie.sqlite_driver import sqlite3

    store = sqlite3.connect(vigie.folder / "store.sqlite3")
    store.execute(
        'DELETE FROM store_logentry WHERE "index" = (SELECT max("index") FROM store_logentry)'
    )
    store.commit()
    store.close()


def test_nothing_is_signed_before_something_outside_was_compared(vigie, key, tmp_path):
    _record(vigie, "one")
    made = _backup(vigie, key, tmp_path)
    new, said = _restore(vigie, made, tmp_path, code=1)
    assert "not compared" in said["why"]
    assert new.run("ledger", "checkpoint").returncode == 1
    assert new.json("ledger", "compare", code=1)["why"] == said["why"]
    shown = new.json("ledger", "compare", "--checkpoint", made["checkpoint"])
    assert shown["signs"]
    assert new.json("ledger", "checkpoint")["signed_now"]


def test_a_person_may_go_on_without_anything_outside_and_it_is_recorded(vigie, key, tmp_path):
    size = _record(vigie, "one")
    made = _backup(vigie, key, tmp_path)
    new, _ = _restore(vigie, made, tmp_path, code=1)
    new.json("ledger", "resume", "--reason", "This log was never published.")
    assert new.json("ledger", "checkpoint")["size"] == size + 1


def test_a_witness_that_is_ahead_of_the_backup_is_heard(vigie, key, tmp_path):
    if vigie.database_url:
        pytest.skip(NOT_HERE)
    old = _record(vigie, "one")
    port, folder = free_port(), tmp_path / "witness"
    log_key = vigie.json("ledger", "checkpoint")["log_key"]
    vkey = make(folder, log_key)
    policy = tmp_path / "witnesses.txt"
    policy.write_text(f"witness w {vkey} http://127.0.0.1:{port}\nquorum w\n")
    vigie.env["VIGIE_WITNESSES"] = str(policy)
    made = _backup(vigie, key, tmp_path)
    with serving(folder, port=port) as address:
        newer = _record(vigie, "two")
        _cosign(vigie, address)
        new, said = _restore(vigie, made, tmp_path, code=1)
        assert said["entries_lost"] == newer - old
        assert {row["where"]: row["state"] for row in said["compared"]}["witness w"] == "ahead"
        _, said = _restore(vigie, made, tmp_path, made["checkpoint"], code=1, name="again")
        assert said["entries_lost"] == newer - old
    assert new.run("ledger", "checkpoint").returncode == 1
    new, said = _restore(vigie, made, tmp_path, made["checkpoint"], name="unreached")
    assert {row["where"]: row["state"] for row in said["compared"]}["witness w"] == "unreached"


def _cosign(vigie, address):
    """Bring the published checkpoint to the witness, as anybody may."""
    import httpx2

    note = (vigie.folder / "log" / "1" / "checkpoint").read_text()
    assert httpx2.post(f"{address}/add-checkpoint", content=f"old 0\n\n{note}").status_code == 200


def test_a_mistaken_checkpoint_is_no_comparison(vigie, key, tmp_path):
    _record(vigie, "one")
    made = _backup(vigie, key, tmp_path)
    other = tmp_path / "other.checkpoint"
    other.write_text(Path(made["checkpoint"]).read_text().replace("log/1\n", "log/2\n"))
    new = Installation(tmp_path / "new", vigie.database_url)
    identity = str(tmp_path / "backup.key")
    done = new.run(
        "restore", made["file"], "--identity", identity, "--checkpoint", str(other), "--json"
    )
    assert done.returncode != 0
    assert json.loads(done.stderr)["error"]["code"] == "not_our_checkpoint"
    assert new.run("ledger", "checkpoint").returncode == 1


@pytest.mark.parametrize("damage", ["cut", "flip", "key", "full"])
def test_a_backup_that_is_not_whole_writes_nothing(vigie, key, tmp_path, damage):
    made = _backup(vigie, key, tmp_path)
    path, new = Path(made["file"]), tmp_path / "new"
    data = bytearray(path.read_bytes())
    if damage == "cut":
        path.write_bytes(data[: len(data) // 2])
    elif damage == "flip":
        data[len(data) // 2] ^= 1
        path.write_bytes(data)
    elif damage == "key":
        (tmp_path / "backup.key").write_text(str(pyrage.x25519.Identity.generate()))
    else:
        new.mkdir()
        (new / "something").write_text("x")
    identity = str(tmp_path / "backup.key")
    done = Installation(new).run("restore", str(path), "--identity", identity, "--json")
    assert done.returncode == 1
    expected = "not_empty" if damage == "full" else "backup_unreadable"
    assert json.loads(done.stderr)["error"]["code"] == expected
    assert not new.exists() or damage == "full"
    assert not list(tmp_path.glob(".new*"))


def test_a_copy_of_the_published_log_brings_the_same_log_on(vigie, key, tmp_path):
    if vigie.database_url:
        pytest.skip(NOT_HERE)
    old = _record(vigie, "one")
    made = _backup(vigie, key, tmp_path)
    newer = _record(vigie, "two")
    mirror = tmp_path / "mirror"
    shutil.copytree(vigie.folder / "log" / "1", mirror)
    new, said = _restore(vigie, made, tmp_path, mirror / "checkpoint", code=1)
    assert said["entries_lost"] == newer - old
    done = new.json("ledger", "refill", str(mirror), "--reason", "The machines were seized.")
    assert (done["signs"], done["first"], done["until"]) == (True, old, newer)
    checkpoint = new.json("ledger", "checkpoint")
    assert checkpoint["origin"].endswith("/log/1")
    assert checkpoint["size"] > newer
    assert new.run("ledger", "fsck").returncode == 0
    assert new.run("ledger", "compare", "--checkpoint", str(mirror / "checkpoint")).returncode == 0
    assert "refused to sign" not in new.run("check").stdout
    assert new.run("ledger", "refill", str(mirror), "--reason", "Again.").returncode == 1
    assert _record(new, "three") > checkpoint["size"]


def test_a_copy_that_was_changed_brings_nothing_back(vigie, key, tmp_path):
    if vigie.database_url:
        pytest.skip(NOT_HERE)
    _record(vigie, "one")
    made = _backup(vigie, key, tmp_path)
    _record(vigie, "two")
    mirror = tmp_path / "mirror"
    shutil.copytree(vigie.folder / "log" / "1", mirror)
    new, _ = _restore(vigie, made, tmp_path, mirror / "checkpoint", code=1)
    [bundle] = sorted((mirror / "tile" / "entries").rglob("*.p/*"), key=lambda p: int(p.name))[-1:]
    bundle.write_bytes(bundle.read_bytes()[:-1] + b"x")
    said = new.run("ledger", "refill", str(mirror), "--reason", "The disk.", "--json")
    assert json.loads(said.stderr)["error"]["code"] == "bad_copy"
    assert new.run("ledger", "checkpoint").returncode == 1
