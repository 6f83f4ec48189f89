# SPDX-License-Identifier: Apache-2.0
"""The supervisor on small stand-in children: restarts, pauses, order of stopping."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path
from unittest.mock import Mock

import pytest

from tests.support.probe import loaded_with
from vigie.core.errors import ConflictError, UnavailableError
from vigie.supervisor import child as child_module
from vigie.supervisor.child import FIRST_PAUSE, HOPELESS, Child
from vigie.supervisor.parent import Supervisor, answers, listen


def _child(role, code):
    return Child(role, {}, (), (sys.executable, "-c", code))


def _wait(condition, seconds=10.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def test_a_child_that_dies_starts_again_after_a_growing_pause():
    child = _child("web", "raise SystemExit(3)")
    pauses = []
    for _ in range(3):
        child.start()
        assert child.process is not None
        child.process.wait()
        now = time.monotonic()
        assert child.tend(now) == 3
        pauses.append(child.due - now)
        assert child.tend(now) is None, "not before its pause"
        assert child.process is None
    assert pauses == pytest.approx([FIRST_PAUSE, FIRST_PAUSE * 2, FIRST_PAUSE * 4])


def test_a_child_that_was_steady_starts_again_without_a_longer_pause(monkeypatch):
    monkeypatch.setattr(child_module, "STEADY", 0.0)
    child = _child("web", "")
    for _ in range(HOPELESS + 2):
        child.start()
        assert child.process is not None
        child.process.wait()
        child.tend(time.monotonic())
    assert child.pause == FIRST_PAUSE * 2
    assert not child.is_hopeless


def test_the_supervisor_gives_up_on_a_child_that_never_stays_up(monkeypatch):
    monkeypatch.setattr(child_module, "FIRST_PAUSE", 0.0)
    child = _child("jobs", "raise SystemExit(1)")
    child.pause = 0.0
    with pytest.raises(UnavailableError, match="jobs ended 5 times"):
        Supervisor([child], threading.Event()).run()


def test_a_killed_child_is_replaced_and_all_are_stopped_in_order(tmp_path):
    log = tmp_path / "log"
    code = (
        "import signal, sys, time\n"
        f"def end(*_):\n    open({str(log)!r}, 'a').write(sys.argv[1] + ' ')\n    sys.exit(0)\n"
        "signal.signal(signal.SIGTERM, end)\nprint('up', flush=True)\ntime.sleep(60)"
    )
    children = [Child(role, {}, (), (sys.executable, "-c", code, role)) for role in ("web", "jobs")]
    stop = threading.Event()
    thread = threading.Thread(target=Supervisor(children, stop).run)
    thread.start()
    try:
        _wait(lambda: all(c.process is not None for c in children))
        web = children[0].process
        assert web is not None
        web.kill()
        _wait(lambda: children[0].process not in (None, web))
        time.sleep(0.5)
    finally:
        stop.set()
        thread.join(timeout=20)
    assert log.read_text() == "web jobs "


def test_a_child_that_does_not_finish_is_ended():
    code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"
    child = _child("web", code)
    child.start()
    time.sleep(0.5)
    assert child.stop(0.3) is False


def test_children_end_when_the_supervisor_is_killed():
    code = (
        "import os, subprocess, sys, time\n"
        "r, w = os.pipe()\n"
        'role = \'import os; os.environ["VIGIE_PARENT_FD"] = "%d"\\n\' % r\n'
        "role += 'from vigie.supervisor.roles import _follow_parent as f; f()\\n'\n"
        "role += 'import time; print(\"up\", flush=True); time.sleep(60)'\n"
        "p = subprocess.Popen([sys.executable, '-c', role], pass_fds=(r,))\n"
        "print(p.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    assert parent.stdout.readline().strip() == "up"
    parent.kill()
    parent.wait()

    def gone():
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return True
        return state == "Z"

    _wait(gone)
    parent.stdout.close()


def test_a_taken_port_is_refused_with_a_fix():
    with listen("127.0.0.1", 0) as sock:
        with pytest.raises(ConflictError) as caught:
            listen("127.0.0.1", sock.getsockname()[1])
        assert caught.value.code == "port_taken"
        assert "--port" in (caught.value.fix or "")


def test_a_port_without_a_server_behind_it_is_not_ready():
    sock = listen("127.0.0.1", 0)
    closed = Mock(getsockname=Mock(return_value=sock.getsockname()))
    sock.close()
    assert answers(closed) is False


def test_the_supervisor_stays_small():
    brought = {name.partition(".")[0] for name in loaded_with("vigie.supervisor")}
    assert not brought & {"django", "numpy", "uvicorn", "starlette", "pyarrow", "ahocorasick"}
