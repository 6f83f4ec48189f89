# SPDX-License-Identifier: Apache-2.0
"""Power loss at 200 places: no acknowledged record is lost; without syncs they are."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.conftest import FULL
from tests.support.power import Cut, cut_often, record
from tests.support.server import ROOT
from vigie import keys
from vigie.flow.checkpoints import open_log, state_folder
from vigie.journal.file import connect
from vigie.journal.reader import Reader
from vigie.ledger.log import Log
from vigie.ledger.note import Signer
from vigie.ledger.source import ListSource
from vigie.ledger.verify.errors import LedgerError
from vigie.settings import Settings
from vigie.sqlite_driver import sqlite3
from vigie.store.database import FILE_NAME

CUTS = 1000 if FULL else 200
NEEDED = 20
"""Cuts, of 200, in which each control must lose something."""

pytestmark = pytest.mark.campaign


def losses(tmp_path: Path, what: str, lost, *words: str) -> int:
    """Record a process that began on a prepared folder; count the cuts that lose."""
    folder, before = tmp_path / "data", tmp_path / "before"
    folder.mkdir(exist_ok=True)
    shutil.copytree(folder, before)
    env = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "VIGIE_DATA_DIR": str(folder),
        "DJANGO_SETTINGS_MODULE": "vigie.django_settings",
    }
    command = [sys.executable, "-m", "tests.support.writing", what, str(folder), *words]
    events = record(command, folder, tmp_path / "trace", **env)
    target = tmp_path / "after"
    return sum(bool(lost(cut)) for cut in cut_often(events, before, folder, target, CUTS))


def said(cut: Cut, word: str) -> int:
    """Return the last number that was acknowledged under a word."""
    return max((int(number) for name, number in cut.said if name == word), default=0)


def journal_lost(cut: Cut) -> bool:
    """Say whether the journal, opened again, lacks or garbles what was acknowledged."""
    try:
        with contextlib.closing(Reader(cut.folder, "wa")) as reader:
            rows = reader.read(0, 100_000)
        with contextlib.closing(connect(cut.folder / "wa.sqlite3")) as again:
            sound = again.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    except (sqlite3.Error, FileNotFoundError):
        return True
    expected = [(n, bytes([(n - 1) % 3 + 1]) * 300) for n in range(1, len(rows) + 1)]
    found = [(row.seq, row.body) for row in rows]
    return not sound or len(rows) < said(cut, "committed") or found != expected


def entries_of(folder: Path) -> list[bytes] | None:
    """Return the log's entries of a store, opened as the product opens it; None if damaged."""
    try:
        with contextlib.closing(connect(folder / FILE_NAME)) as store:
            if store.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
                return None
            rows = store.execute('SELECT "index", entry FROM store_logentry ORDER BY "index"')
            found = list(rows)
    except (sqlite3.Error, FileNotFoundError):
        return None
    assert [index for index, _ in found] == list(range(len(found)))
    return [bytes(entry) for _, entry in found]


def store_lost(cut: Cut) -> bool:
    """Say whether the store lacks what was committed, or the log what was signed."""
    entries = entries_of(cut.folder)
    if entries is None or len(entries) < said(cut, "committed"):
        return True
    settings = Settings(data_dir=cut.folder)
    signer = Signer(settings.log_origin, keys.read(settings.keys_dir, keys.KeyName.LOG))
    log = Log(cut.folder / "log", state_folder(settings), [signer], ListSource(entries))
    try:
        # Refuses where the store holds less than, or other than, what was signed.
        signed = log.start(0).size
        log.publish(1)
    except (LedgerError, OSError):
        return True
    return signed < said(cut, "signed") or log.checkpoint.size != len(entries)


@pytest.fixture
def _store(tmp_path: Path) -> None:
    """Set up an empty store with its keys in the folder that will be written."""
    folder = tmp_path / "data"
    settings = Settings(data_dir=folder)
    keys.create_missing(settings.keys_dir)
    subprocess.run(
        [
            sys.executable,
            "-m",
            "django",
            "migrate",
            "-v0",
            "--skip-checks",
            "--settings",
            "vigie.django_settings",
        ],
        env={"PATH": os.environ["PATH"], "VIGIE_DATA_DIR": str(folder)},
        check=True,
        timeout=120,
    )


def test_no_cut_of_power_loses_an_acknowledged_row_of_the_journal(tmp_path) -> None:
    assert losses(tmp_path, "journal", journal_lost) == 0


def test_control_a_journal_that_does_not_sync_loses(tmp_path) -> None:
    lost = losses(tmp_path, "journal", journal_lost, "forget-sqlite")
    print(f"without syncs {lost} of {CUTS} cuts lose")
    assert lost * 200 >= NEEDED * CUTS


@pytest.mark.usefixtures("_store")
def test_no_cut_of_power_loses_a_commit_of_the_store_or_a_signed_checkpoint(tmp_path) -> None:
    assert losses(tmp_path, "store", store_lost) == 0


@pytest.mark.parametrize(
    "fault", ["forget-sqlite", pytest.param("forget-files", marks=pytest.mark.whole)]
)
@pytest.mark.usefixtures("_store")
def test_control_a_store_or_a_log_that_does_not_sync_loses(tmp_path, fault: str) -> None:
    lost = losses(tmp_path, "store", store_lost, fault)
    print(f"{fault}: {lost} of {CUTS} cuts lose")
    assert lost * 200 >= NEEDED * CUTS


def test_the_log_opens_on_the_folder_that_flow_names(tmp_path) -> None:
    settings = Settings(data_dir=tmp_path)
    keys.create_missing(settings.keys_dir)
    assert open_log(settings).folder.path == tmp_path / "log" / "1"
