# SPDX-License-Identifier: Apache-2.0
"""The checklist on paper says what the page of the console says, in one page each."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "src/vigie/console/templates/console/search_checklist.html"
PAPERS = ROOT / "docs/search-day"
MOST_WORDS = 430
"""What an A4 page of 10.5 points holds in lists."""


def sentences() -> list[str]:
    """The words of the console's page, in their order."""
    body = PAGE.read_text().split("{% block main %}")[1]
    return re.findall(r'{% translate "([^"]+)" %}', body)


def test_the_english_paper_is_the_page_of_the_console() -> None:
    paper = (PAPERS / "en.md").read_text()
    places = [paper.find(one) for one in sentences()]
    assert -1 not in places
    assert len(places) > 20


@pytest.mark.parametrize("language", ["en", "fr", "de"])
def test_each_language_has_the_same_steps_and_fits_on_one_page(language: str) -> None:
    paper = (PAPERS / f"{language}.md").read_text()
    english = (PAPERS / "en.md").read_text()
    shape = re.compile(r"^(#+|\d+\.|\*\*)", re.MULTILINE)
    assert shape.findall(paper) == shape.findall(english)
    assert len(paper.split()) < MOST_WORDS
    for command in ("vigie order search open", "vigie order search close", "vigie restore"):
        assert f"`{command}`" in paper


def test_no_paper_and_no_page_knows_a_function_that_hides_or_destroys() -> None:
    """The control of the promise in the guide: no command, no verb, no setting of that kind."""
    from vigie.cli.app import COMMANDS

    wanted = re.compile(r"\b(panic|wipe|self.?destruct|kill.?switch)\b", re.IGNORECASE)
    assert not [name for name in COMMANDS if wanted.search(name)]
    for path in sorted((ROOT / "src/vigie").rglob("*.py")):
        found = wanted.findall(path.read_text(encoding="utf-8"))
        assert not found, (path.name, found)
