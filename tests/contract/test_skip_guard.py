# SPDX-License-Identifier: Apache-2.0
"""The guard against silent skips, run on planted tests in a process of its own."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from tests.support.skips import allowed_reasons
from tests.support.tree import ROOT

CONFTEST = """
import re
from tests.support.skips import SkipGuard

def pytest_configure(config):
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(SkipGuard([re.compile("only on .*")]))
"""
PLANTED = """
import pytest

def test_runs():
    pass

@pytest.mark.skip(reason={reason!r})
def test_is_skipped():
    pass
"""


def _run(folder, reason, *options):
    (folder / "conftest.py").write_text(CONFTEST)
    (folder / "test_planted.py").write_text(PLANTED.format(reason=reason))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options]
    command += ["-c", str(ROOT / "pyproject.toml"), "--rootdir", str(folder), str(folder)]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)


@pytest.mark.parametrize("options", [(), ("-n", "1")], ids=["alone", "workers"])
def test_a_skip_without_leave_fails_the_run_and_is_named(tmp_path, options):
    done = _run(tmp_path, "PostgreSQL is not installed", *options)
    assert done.returncode == 1
    assert "test_is_skipped: PostgreSQL is not installed" in done.stdout


def test_a_listed_skip_passes(tmp_path):
    assert _run(tmp_path, "only on macOS").returncode == 0


def test_the_list_does_not_allow_what_ci_installs():
    patterns = allowed_reasons()
    for reason in ("PostgreSQL is not installed", "VIGIE_TEST_DATA is not set: no test data"):
        assert not any(re.fullmatch(p, reason) for p in patterns)
