# SPDX-License-Identifier: Apache-2.0
"""The page on security names tests that exist."""

from __future__ import annotations

import re

from tests.support.tree import ROOT

PAGE = ROOT / "docs" / "reference" / "security.md"
NAMED = re.compile(r"`(test_\w+)`")
MADE = re.compile(r"^(?:async )?def (test_\w+)", re.MULTILINE)


def names_of_tests() -> set[str]:
    """Every test of the tree by name."""
    return {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in MADE.findall(path.read_text(encoding="utf-8"))
    }


def test_every_test_that_the_page_names_exists() -> None:
    named = set(NAMED.findall(PAGE.read_text(encoding="utf-8")))
    assert len(named) > 60
    assert named - names_of_tests() == set()


def test_every_item_names_a_test() -> None:
    rows = [
        line for line in PAGE.read_text(encoding="utf-8").splitlines() if re.match(r"\| \d", line)
    ]
    assert len(rows) > 40
    assert [row for row in rows if not NAMED.search(row)] == []
