# SPDX-License-Identifier: Apache-2.0
"""`vigie vault`: set up, status, escrow, rotate, check, open, shred."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from vigie.evidence import age

SEAL = """
import django; django.setup()
from vigie.flow import house
from vigie.flow.vault import seal
row = seal.seal(house.current(), data=b"sealed words", kind="document", cls="hate",
    rule="fr_press_law", basis="test", service="default", item_id="p-1")
print(row.number)
"""


@pytest.fixture
def vault(vigie):
    vigie.json("vault", "init")
    return vigie


def seal(vigie):
    env = vigie.environment() | {"DJANGO_SETTINGS_MODULE": "vigie.django_settings"}
    done = subprocess.run(
        [sys.executable, "-c", SEAL], env=env, capture_output=True, text=True, check=True
    )
    return int(done.stdout)


def ask(vigie, word, *arguments):
    """Run a command that asks for a password."""
    return subprocess.run(
        [sys.executable, "-m", "vigie", "vault", *arguments],
        env=vigie.environment(),
        input=word + "\n",
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_without_a_vault_check_warns_and_status_is_empty(vigie):
    found = vigie.json("check", code=1)["findings"]
    [line] = [one for one in found if one["code"] == "vault"]
    assert line["level"] == "warning"
    assert vigie.json("vault", "status") == {
        "answers": False, "sealed": 0, "shredded": 0, "epochs": [],
    }  # fmt: skip
    assert vigie.run("vault", "rotate").returncode == 1


def test_the_escrows_secret_is_printed_once_and_kept_nowhere(vault):
    done = vault.run("vault", "escrow", "--new")
    assert done.returncode == 0, done.stderr
    secret = next(one for one in done.stdout.splitlines() if one.startswith("AGE-SECRET-KEY-1"))
    held = [one.read_bytes() for one in vault.folder.rglob("*") if one.is_file()]
    assert not any(secret.encode() in one for one in held)
    assert "no_escrow" not in {one["code"] for one in vault.json("vault", "check")["problems"]}
    again = vault.json("vault", "init")
    assert again["epochs"] == []
    assert vault.run("vault", "escrow").returncode == 1


def test_rotation_with_destruction_leaves_one_identity(vault):
    seal(vault)
    done = vault.json("vault", "rotate", "--destroy")
    assert (done["epoch"], done["wrapped"], done["destroyed"]) == (2, 1, [1])
    assert {one.name for one in (vault.folder / "vault").iterdir()} == {"general-2.txt"}
    states = [
        (e["number"], bool(e["destroyed_at"])) for e in vault.json("vault", "status")["epochs"]
    ]
    assert states == [(1, True), (2, False)]


def test_check_finds_files_without_rows_rows_without_files_and_open_modes(vault):
    seal(vault)
    assert vault.json("vault", "check")["ok"]
    [file] = (vault.folder / "evidence" / "general").glob("*/*.age")
    stray = file.with_name("f" * 32 + ".age")
    file.rename(stray)
    old = time.time() - 7_200
    import os

    os.utime(stray, (old, old))
    (vault.folder / "vault" / "general-1.txt").chmod(0o644)
    found = vault.json("vault", "check", code=1)
    assert {one["code"] for one in found["problems"]} >= {"row_without_file", "file_without_row"}
    assert found["too_open"] == ["vault/general-1.txt"]


def test_a_record_is_opened_into_a_file_and_shredded_by_somebody_who_proves_who_they_are(
    vault, tmp_path
):
    word = vault.json("account", "create", "l.anders", "--role", "legal")["password"]
    number = str(seal(vault))
    out = tmp_path / "evidence.bin"
    given = ("--as", "l.anders", "--reason", "order O-7")
    down = ask(vault, word, "open", number, *given, "--out", str(out))
    assert down.returncode == 1
    assert "does not answer" in down.stderr
    assert not out.exists()
    process = vault.start("serve", "--role", "vault", stderr=subprocess.DEVNULL)
    try:
        for _ in range(60):
            if vault.json("vault", "status")["answers"]:
                break
        wrong = ask(vault, "guess", "open", number, *given, "--out", str(out))
        assert wrong.returncode == 1
        assert not out.exists()
        done = ask(vault, word, "open", number, *given, "--out", str(out))
        assert done.returncode == 0, done.stderr
        assert out.read_bytes() == b"sealed words"
        assert out.stat().st_mode & 0o077 == 0
        assert ask(vault, word, "open", number, *given, "--out", str(out)).returncode == 1
    finally:
        process.terminate()
        process.wait(timeout=30)
    gone = ask(vault, word, "shred", number, "--as", "l.anders", "--reason", "withdrawn")
    assert gone.returncode == 0, gone.stderr
    assert vault.json("vault", "status")["shredded"] == 1


def test_officers_are_people_for_child_safety_with_keys_of_their_own(vigie):
    vigie.json("account", "create", "k.one", "--role", "child_safety")
    vigie.json("account", "create", "m.one", "--role", "moderator")
    key = age.generate().recipient
    assert vigie.run("vault", "init", "--officer", f"m.one={key}").returncode == 1
    assert vigie.run("vault", "init", "--officer", f"k.one={key}").returncode == 1


def test_a_key_for_an_officer_is_printed_and_kept_nowhere(vigie):
    made = vigie.json("vault", "key")
    assert age.recipient_of(made["secret"]) == made["recipient"]
