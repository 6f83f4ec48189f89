# SPDX-License-Identifier: Apache-2.0
"""Locks of the run folder: one holder, named, let go by death."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from vigie import locks

HOLD = (
    "import sys, time\nfrom pathlib import Path\nfrom vigie import locks\n"
    "l = locks.acquire(Path(sys.argv[1]), address='http://127.0.0.1:1')\n"
)


def _hold(path, rest="print('held', flush=True); time.sleep(60)"):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD + rest, str(path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "held"
    return process


@pytest.fixture
def path(tmp_path):
    return tmp_path / "run" / "serve.lock"


def _end(process):
    process.kill()
    process.communicate()


def test_the_second_is_refused_and_told_who_holds_it(path):
    process = _hold(path)
    try:
        with pytest.raises(locks.HeldError) as caught:
            locks.acquire(path)
        assert f"process {process.pid} on " in str(caught.value)
        assert "http://127.0.0.1:1" in str(caught.value)
        assert caught.value.code == "already_running"
        assert locks.is_held(path)
    finally:
        _end(process)


def test_a_killed_holder_lets_go(path):
    process = _hold(path)
    _end(process)
    assert not locks.is_held(path)
    with locks.acquire(path):
        found = locks.holder(path)
        assert found is not None
        assert found.pid == os.getpid()


def test_orphans_of_a_dead_holder_are_waited_for(path):
    rest = (
        "import os, subprocess\n"
        "child = subprocess.Popen(['sleep', '1'], pass_fds=(l.fd,), stdout=subprocess.DEVNULL)\n"
        "print('held', flush=True); time.sleep(60)"
    )
    process = _hold(path, rest)
    _end(process)
    with pytest.raises(locks.HeldError):
        locks.acquire(path)
    locks.acquire(path, orphans=10).close()


def test_a_living_holder_is_not_waited_for(path):
    process = _hold(path)
    try:
        start = time.monotonic()
        with pytest.raises(locks.HeldError):
            locks.acquire(path, orphans=10)
        assert time.monotonic() - start < 5
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate()


def test_an_unreadable_lock_file_names_nobody(path):
    path.parent.mkdir()
    path.write_text('["not a holder"]')
    assert locks.holder(path) is None
    locks.acquire(path).close()
