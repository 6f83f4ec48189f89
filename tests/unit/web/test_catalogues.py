# SPDX-License-Identifier: Apache-2.0
"""The catalogues are whole, compiled, and fit what they translate."""

from __future__ import annotations

import ast
import gettext
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import vigie

LOCALE = Path(vigie.__file__).parent / "locale"
LANGUAGES = ("fr", "de")
NAMED = re.compile(r"%\((\w+)\)")


def entries(language: str) -> Iterator[tuple[str, list[str]]]:
    """Yield every message with its translations, as the source file has them."""
    text = (LOCALE / language / "LC_MESSAGES" / "django.po").read_text(encoding="utf-8")
    for block in text.split("\n\n")[1:]:
        found = re.findall(r'^msgid(?:_plural)? "(.*)"$', block, re.MULTILINE)
        said = re.findall(r'^msgstr(?:\[\d\])? "(.*)"$', block, re.MULTILINE)
        if found:
            yield found[0], said


def read(quoted: str) -> str:
    """Return a message as it is meant: the file escapes quotes and backslashes as C does."""
    return str(ast.literal_eval(f'"{quoted}"'))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_message_is_untranslated_or_fuzzy(language: str) -> None:
    found = list(entries(language))
    assert len(found) > 300
    assert [message for message, said in found if not said or not all(said)] == []
    text = (LOCALE / language / "LC_MESSAGES" / "django.po").read_text(encoding="utf-8")
    assert "fuzzy" not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_keep_every_named_value(language: str) -> None:
    for message, said in entries(language):
        for one in said:
            assert set(NAMED.findall(one)) == set(NAMED.findall(message)), message


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalogue_is_the_source(language: str) -> None:
    path = LOCALE / language / "LC_MESSAGES" / "django.mo"
    with path.open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for message, said in entries(language):
        if len(said) == 1:
            assert compiled.gettext(read(message)) == read(said[0])


def test_french_keeps_its_narrow_places() -> None:
    for _message, said in entries("fr"):
        for one in said:
            assert not re.search(r"[^\u00a0][;!?»]", one), one
            assert not re.search(r"« ", one), one


def test_every_message_of_the_pages_is_in_the_catalogue() -> None:
    known = {message.replace('\\"', '"') for message, _ in entries("fr")}
    root = Path(vigie.__file__).parent
    pattern = re.compile(r"""\{% translate (['"])((?:(?!\1).)*)\1(?: as \w+)? %\}""")
    for path in root.rglob("templates/**/*.html"):
        for _quote, message in pattern.findall(path.read_text(encoding="utf-8")):
            assert message.replace("%", "%%") in known or message in known, (path.name, message)
