# SPDX-License-Identifier: Apache-2.0
"""A run under CI fails on every skip whose reason is not listed in tests/platforms.txt.

Without this a machine that lacks PostgreSQL, Chromium, Go or the test data
would report a green run that tested nothing of them.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

LIST = Path(__file__).parent.parent / "platforms.txt"


def allowed_reasons(path: Path = LIST) -> list[re.Pattern[str]]:
    """Read the patterns; a line is a regular expression that the reason must match whole."""
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    return [re.compile(line) for line in lines if line and not line.startswith("#")]


class SkipGuard:
    """Collects skips and turns a passing run into a failed one where a skip is not allowed."""

    def __init__(self, patterns: list[re.Pattern[str]]) -> None:
        self.patterns = patterns
        self.refused: dict[str, str] = {}

    def pytest_runtest_logreport(self, report):
        """See tests that were skipped while they ran."""
        self._look(report)

    def pytest_collectreport(self, report):
        """See modules that were skipped whole."""
        self._look(report)

    def _look(self, report):
        if not report.skipped or hasattr(report, "wasxfail"):
            return
        text = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        reason = text.removeprefix("Skipped: ")
        if not any(pattern.fullmatch(reason) for pattern in self.patterns):
            self.refused[report.nodeid] = reason

    def pytest_sessionfinish(self, session):
        """Fail the run."""
        if self.refused and session.exitstatus in (pytest.ExitCode.OK, 0):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter):
        """Say which tests did not run and why that is not allowed here."""
        if not self.refused:
            return
        terminalreporter.section("skipped without leave (see tests/platforms.txt)")
        for name, reason in sorted(self.refused.items()):
            terminalreporter.line(f"{name}: {reason}")
