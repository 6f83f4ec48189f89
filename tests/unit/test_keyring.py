# SPDX-License-Identifier: Apache-2.0
"""Keys: made once, mode 0600, and a log keeps its name."""

from __future__ import annotations

import stat

import pytest

from vigie import keyring
from vigie.core.errors import ConflictError, InvalidInputError, UnavailableError

ORIGIN = "agora.example/log/1"


@pytest.fixture
def folder(tmp_path):
    assert keyring.create(tmp_path / "keys", ORIGIN) is True
    return tmp_path / "keys"


def test_every_secret_is_readable_by_its_owner_alone(folder):
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for path in folder.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path.name
    assert keyring.loose_files(folder) == []


def test_a_secret_that_others_may_read_is_found(folder):
    (folder / "log").chmod(0o640)
    assert keyring.loose_files(folder) == [folder / "log"]


def test_a_key_that_exists_is_never_replaced(folder):
    before = keyring.read(folder)
    assert keyring.create(folder, ORIGIN) is False
    assert keyring.read(folder) == before
    assert len({before.log, before.receipt, before.pseudonym}) == 3


def test_the_ring_shows_no_secret(folder):
    assert repr(keyring.read(folder)) == f"Keyring(origin={ORIGIN!r})"


@pytest.mark.parametrize("content", [None, b"short"])
def test_a_missing_or_damaged_key_is_named(folder, content):
    (folder / "receipt").unlink()
    if content is not None:
        (folder / "receipt").write_bytes(content)
    with pytest.raises(UnavailableError, match="receipt is missing or damaged"):
        keyring.read(folder)


@pytest.mark.parametrize(
    "origin",
    ["", "agora.example", "agora.example/log/0", "agora.example/log/x", "a b/log/1", "a+b/log/1",
     "/log/1", "agora.example/other/1", "agora.example/log/1\n", "ägora.example/log/1"],
)  # fmt: skip
def test_a_name_that_no_log_can_bear_is_refused(tmp_path, origin):
    with pytest.raises(InvalidInputError) as caught:
        keyring.create(tmp_path / "keys", origin)
    assert caught.value.field == "VIGIE_LOG_ORIGIN"
    assert not (tmp_path / "keys").exists()


def test_a_log_keeps_its_name(folder, tmp_path):
    assert keyring.settled_origin(folder, None) == ORIGIN
    assert keyring.settled_origin(folder, ORIGIN) == ORIGIN
    assert keyring.settled_origin(tmp_path / "new", "b.example/log/1") == "b.example/log/1"
    with pytest.raises(ConflictError, match="belongs to the log agora.example/log/1"):
        keyring.settled_origin(folder, "agora.example/log/2")
