# SPDX-License-Identifier: Apache-2.0
"""Disk full during a journal commit: 507, nothing accepted is lost, on again with room."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.test_kill import journaled
from tests.support.door import PLANTED, item, set_up
from tests.support.server import Server, serving

LONG = "Many words stand here. " * 2000
POSTS = 400
LIMITED = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (3 << 20, 30 << 20)); "


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path | None]:
    """A file system of eight megabytes; None where none can be mounted."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        yield None
        return
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(server: Server, name: str) -> tuple[set[str], list[int]]:
    """Post until five refusals; return what was acknowledged and every status."""
    acknowledged: set[str] = set()
    statuses: list[int] = []
    for number in range(POSTS):
        one = item(id=f"{name}-{number}", text=f"{PLANTED} {LONG}")
        status, body = server.post(one)
        statuses.append(status)
        said = json.loads(body)
        if status == 200:
            acknowledged.add(said["decision"]["decision_id"])
        elif statuses.count(status) >= 5:
            assert said["error"]["code"] == ("disk_full" if status == 507 else "journal_failed")
            break
    return acknowledged, statuses


def test_a_full_disk_is_told_and_survived_without_a_restart(small, tmp_path) -> None:
    folder = (small or tmp_path) / "data"
    set_up(folder)
    ballast = folder / "ballast"
    if small is not None:
        ballast.write_bytes(b"x" * (3 << 20))
    # Where nothing can be mounted, a limit on the size of files stands in for it.
    fault = "" if small is not None else LIMITED
    with serving(folder, fault) as server:
        first, statuses = fill(server, "before")
        assert statuses[-1] in (507, 503)
        if small is not None:
            assert statuses[-1] == 507
        assert server.ask("GET", "/healthz")[0] == 200
        assert first - set(journaled(folder)) == set()
        if small is not None:
            ballast.unlink()
            second, statuses = fill(server, "after")
            assert statuses[0] == 200
            assert len(second) > 5
            assert (first | second) - set(journaled(folder)) == set()
        server.kill()
    assert first - set(journaled(folder)) == set()


def test_a_file_that_may_not_grow_refuses_and_loses_nothing(tmp_path) -> None:
    set_up(tmp_path)
    with serving(tmp_path, LIMITED) as server:
        acknowledged, statuses = fill(server, "limited")
        assert statuses[-1] in (507, 503)
        assert server.ask("GET", "/healthz")[0] == 200
    assert len(acknowledged) > 5
    assert acknowledged - set(journaled(tmp_path)) == set()
