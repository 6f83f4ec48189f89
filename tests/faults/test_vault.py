# SPDX-License-Identifier: Apache-2.0
"""The vault as processes: kill -9 while opening, power loss while sealing, who reads what."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults.conftest import FULL
from tests.faults.test_power import losses
from tests.support.installation import Installation
from tests.support.power import Cut
from tests.support.server import ROOT
from vigie.core.errors import UnavailableError
from vigie.evidence import age, keys
from vigie.journal.file import connect
from vigie.settings import Settings
from vigie.sqlite_driver import sqlite3
from vigie.store.database import FILE_NAME

KILLS = 40 if FULL else 5
READS = 200 if FULL else 25
pytestmark = pytest.mark.campaign


@pytest.fixture
def house(tmp_path: Path) -> Installation:
    """An installation with a vault of both lanes."""
    made = Installation(tmp_path / "data")
    made.json("init")
    made.json("account", "create", "k.one", "--role", "child_safety")
    made.json("account", "create", "k.two", "--role", "child_safety")
    pairs = [age.generate(), age.generate()]
    officers = [
        f"--officer={name}={one.recipient}"
        for name, one in zip(("k.one", "k.two"), pairs, strict=True)
    ]
    made.json("vault", "init", *officers)
    return made


@contextlib.contextmanager
def store(house: Installation) -> Iterator[Any]:
    with contextlib.closing(connect(house.folder / FILE_NAME)) as opened:
        yield opened


def answers(house: Installation) -> bool:
    return bool(house.json("vault", "status")["answers"])


def start(house: Installation) -> subprocess.Popen[str]:
    return house.start(
        "serve", "--role", "vault", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def reading(house: Installation, count: int, tries: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [
            sys.executable,
            "-m",
            "tests.support.vault_reading",
            str(house.folder),
            str(count),
            str(tries),
        ],
        env={
            **house.environment(),
            "PYTHONPATH": str(ROOT),
            "DJANGO_SETTINGS_MODULE": "vigie.django_settings",
        },
        stdout=subprocess.PIPE,
        text=True,
    )


def test_killed_while_opening_no_byte_leaves_that_is_not_in_the_log(house, dice) -> None:
    vault = start(house)
    reader = reading(house, READS, READS * 100)
    assert reader.stdout is not None
    lines, killed, next_kill = [], 0, dice.randint(1, 4)
    for line in reader.stdout:
        lines.append(line)
        next_kill -= line.startswith("opened")
        if next_kill == 0 and killed < KILLS:
            # Somewhere in the next opening.
            time.sleep(dice.uniform(0.0, 0.03))
            vault.kill()
            vault.wait()
            vault = start(house)
            killed, next_kill = killed + 1, dice.randint(1, 4)
    reader.wait(timeout=60)
    reader.stdout.close()
    vault.terminate()
    vault.wait(timeout=60)
    out = "".join(lines)
    assert killed == KILLS
    said = [line.split() for line in out.splitlines()]
    opened = {int(number) for word, number in said if word == "opened"}
    assert {word for word, _ in said} <= {"opened", "down", "refused"}
    assert opened, "nothing was ever opened: the test shows nothing"
    assert any(word == "down" for word, _ in said), "no kill hit an opening"
    with store(house) as rows:
        logged = {
            number
            for (number,) in rows.execute(
                "SELECT e.number FROM store_custodyevent c JOIN store_evidence e"
                " ON e.evidence_id = c.evidence_id JOIN store_logentry l"
                " ON l.record_id = c.record_id WHERE c.kind = 'opened'"
            )
        }
        twice = rows.execute(
            "SELECT count(*) FROM store_vaultgrant WHERE used_at IS NOT NULL AND record_id IS NULL"
        ).fetchone()[0]
        assert rows.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    assert opened <= logged
    assert twice == 0
    assert house.json("vault", "check")["ok"]


def sealed_lost(cut: Cut) -> bool:
    """Say whether a record that was acknowledged is gone, doubled, or does not open."""
    promised = max((int(n) for name, n in cut.said if name == "sealed"), default=0)
    offered = {name for word, name in cut.said if word == "offered"}
    try:
        with contextlib.closing(connect(cut.folder / FILE_NAME)) as rows:
            if rows.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
                return True
            found = rows.execute(
                "SELECT evidence_id, number, file, wrapped, sha256, lane, item_id"
                " FROM store_evidence"
            ).fetchall()
    except (sqlite3.Error, FileNotFoundError):
        return True
    items = [row[6] for row in found]
    if len(items) != len(set(items)) or len(found) < promised:
        return True
    waiting = {path.stem for path in (cut.folder / "evidence" / "incoming").rglob("*.sealed")}
    if not offered <= waiting | {row[0] for row in found}:
        return True
    return any(_broken(cut.folder, *row[2:6]) for row in found)


def _broken(folder: Path, file: str, wrapped: str, sha256: str, lane: str) -> bool:
    try:
        body = (folder / file).read_bytes()
        if lane == "child":
            return not body.startswith(b"age-encryption.org/v1\n")
        own = keys.unwrap(json.loads(wrapped)[0], [SECRETS[lane]])
        keys.check_digest(age.decrypt(body, [own]), sha256)
    except (OSError, UnavailableError, KeyError):
        return True
    return False


SECRETS: dict[str, str] = {}


@pytest.fixture
def _sealing(house: Installation) -> None:
    path = Settings(data_dir=house.folder).vault_dir / "general-1.txt"
    SECRETS["general"] = path.read_text().strip()


@pytest.mark.usefixtures("_sealing")
def test_no_cut_of_power_loses_doubles_or_garbles_what_was_sealed(tmp_path) -> None:
    assert losses(tmp_path, "vault", sealed_lost) == 0


@pytest.mark.parametrize(
    "fault", ["forget-sqlite", pytest.param("forget-files", marks=pytest.mark.whole)]
)
@pytest.mark.usefixtures("_sealing")
def test_control_sealing_that_does_not_sync_loses(tmp_path, fault: str) -> None:
    assert losses(tmp_path, "vault", sealed_lost, fault) > 0


def opened_files(house: Installation, trace: Path, role: str, seconds: float) -> list[str]:
    """Run a role for a while under strace; return every path it opened."""
    command = [
        "strace", "-f", "-e", "trace=openat,open", "-o", str(trace), sys.executable, "-m",
        "vigie", "serve", "--role", role, "--port", "0",
    ]  # fmt: skip
    process = subprocess.Popen(
        command,
        env=house.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    time.sleep(seconds)
    # The whole group: strace alone would let go of what it watches.
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    text = trace.read_text(errors="replace")
    return [os.path.realpath(one) for one in re.findall(r'open(?:at)?\([^"]*"([^"]+)"', text)]


@pytest.mark.parametrize(
    "role",
    [
        pytest.param("web", marks=pytest.mark.whole),
        pytest.param("intake", marks=pytest.mark.whole),
        pytest.param("jobs", marks=pytest.mark.whole),
    ],
)
def test_no_other_process_opens_an_identity(house, tmp_path, role) -> None:
    seen = opened_files(house, tmp_path / "trace", role, 20.0)
    assert any(one.startswith(str(house.folder)) for one in seen), "the role did not start"
    assert [one for one in seen if one.startswith(str(house.folder / "vault"))] == []


@pytest.mark.whole
def test_control_the_vault_process_does_and_the_trace_shows_it(house, tmp_path) -> None:
    reader: list[subprocess.Popen[str]] = []

    import threading

    def later() -> None:
        time.sleep(12)
        reader.append(reading(house, 2, 100))

    threading.Thread(target=later, daemon=True).start()
    seen = opened_files(house, tmp_path / "trace", "vault", 25.0)
    assert str(house.folder / "vault" / "general-1.txt") in seen
    for one in reader:
        one.communicate(timeout=60)


def test_the_doors_seal_and_run_without_the_folder_of_identities(house) -> None:
    (house.folder / "vault").rename(house.folder.parent / "elsewhere")
    out, _ = reading(house, 3, 3).communicate(timeout=120)
    assert out.splitlines() == ["down 1", "down 2", "down 3"]
    assert house.json("vault", "status")["sealed"] == 3
