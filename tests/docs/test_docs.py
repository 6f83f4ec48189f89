# SPDX-License-Identifier: Apache-2.0
"""The documentation says what the program does, and its links lead somewhere."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from tests.docs.pages import PAGES, commands, path_of
from tests.support.tree import ROOT
from vigie.cli.app import root

PAGES_OF_PEOPLE = sorted(
    path for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")] if path.name not in PAGES
)
PICTURES = sorted((ROOT / "docs" / "images").iterdir())
LARGEST = 150_000
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)(?:#[^)]*)?\)")
CALL = re.compile(r"^\s*(vigie [a-z][^\n]*)$", re.MULTILINE)
KNOWN = dict(commands(root, ("vigie",)))


def _ids(paths):
    return [str(path.relative_to(ROOT)) for path in paths]


@pytest.mark.parametrize("name", PAGES)
def test_a_generated_page_is_what_the_program_says_now(name):
    assert path_of(name).read_text(encoding="utf-8") == PAGES[name](), "run `make docs`"


@pytest.mark.parametrize("page", PAGES_OF_PEOPLE, ids=_ids(PAGES_OF_PEOPLE))
def test_every_link_leads_to_a_file(page):
    text = page.read_text(encoding="utf-8")
    dead = [link for link in LINK.findall(text) if not (page.parent / link).exists()]
    assert dead == []


@pytest.mark.parametrize("picture", PICTURES, ids=_ids(PICTURES))
def test_every_picture_is_shown_somewhere_and_loads_at_once(picture):
    assert picture.stat().st_size < LARGEST
    assert any(f"images/{picture.name})" in page.read_text("utf-8") for page in PAGES_OF_PEOPLE)


@pytest.mark.parametrize("page", PAGES_OF_PEOPLE, ids=_ids(PAGES_OF_PEOPLE))
def test_every_command_that_a_page_shows_exists_with_its_options(page):
    for call in CALL.findall(page.read_text(encoding="utf-8")):
        assert problem_of(call) is None, call


def problem_of(call: str) -> str | None:
    """Return what is wrong with a shown command line, or None."""
    for part in call.split("&&"):
        words = shlex.split(part.split(" | ")[0], comments=True)
        path: tuple[str, ...] = ("vigie",)
        rest = words[1:]
        while rest and (*path, rest[0]) in KNOWN:
            path, rest = (*path, rest[0]), rest[1:]
        command = KNOWN[path]
        if isinstance(command, click.Group) and rest and not rest[0].startswith("-"):
            return f"no command {rest[0]}"
        options = {opt for param in command.params for opt in param.opts} | {"--help", "-h"}
        for word in rest:
            if word.startswith("--") and word.split("=")[0] not in options:
                return f"no option {word}"
    return None


def test_a_command_that_does_not_exist_is_found():
    assert problem_of("vigie law shew --country FR") == "no command shew"
    assert problem_of("vigie law show --land FR") == "no option --land"
    assert problem_of("vigie law show --country FR") is None


def test_a_dead_link_is_found(tmp_path: Path):
    assert LINK.findall("[a](b.md) [c](https://x.example) [d](e.md#f)") == ["b.md", "e.md"]
