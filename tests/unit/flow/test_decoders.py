# SPDX-License-Identifier: Apache-2.0
"""The people's decoder starts with the first picture and ends with its process, however it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from tests.support.pictures import picture
from vigie.flow.pictures import decoders

PROGRAM = """
import sys
from vigie.flow.pictures import decoders
assert decoders.pool().pids == []
facts = decoders.facts_of(bytes.fromhex(sys.stdin.readline().strip()))
print(facts.status, *decoders.pool().pids, flush=True)
sys.stdin.readline()
"""


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("end", ["itself", "TERM", "KILL"])
def test_the_worker_ends_with_its_process(end):
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(picture(1).hex() + "\n")
        process.stdin.flush()
        status, pid = process.stdout.readline().split()
        assert status == "ok"
        assert alive(int(pid))
        if end == "itself":
            process.stdin.write("\n")
            process.stdin.flush()
        else:
            process.send_signal(getattr(signal, f"SIG{end}"))
        process.wait(30)
    deadline = time.monotonic() + 10
    while alive(int(pid)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not alive(int(pid))


def test_one_process_has_one_pool():
    assert decoders.pool() is decoders.pool()
