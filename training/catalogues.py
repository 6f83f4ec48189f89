# SPDX-License-Identifier: Apache-2.0
"""Texts in many languages from the message catalogues of installed free software.

They stand in for "other languages": GNU gettext `.mo` files below the given
folders. Only weights leave here, never a text.
"""

from __future__ import annotations

import gettext
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

_CODES = re.compile(
    r"%\(\w+\)[sdif]|%[-+ #0-9.*l]*[a-zA-Z]|\{\w*\}|<[^>]*>|&\w+;|_(?=\w)|\\n|--?[a-z-]+"
)
_NAMES_ONLY = ("iso_", "xdg")
"""Catalogues of names of countries and languages: not sentences."""
_ODD_SCRIPTS = ("shaw", "quot")


def language_of(locale: str) -> str | None:
    """Return the language of a locale folder; a script of its own counts as one."""
    base, _, variant = locale.replace("_Latn", "@latin").partition("@")
    if any(odd in variant for odd in _ODD_SCRIPTS):
        return None
    language = base.partition("_")[0]
    if variant in {"latin", "cyrillic"}:
        return f"{language}-{variant}"
    return "nb" if language == "no" else language


def read_catalogues(folders: Iterable[Path], shortest: int = 12) -> dict[str, list[str]]:
    """Return the different translated messages of each language, in a fixed order."""
    found: dict[str, set[str]] = defaultdict(set)
    for folder in folders:
        for path in sorted(folder.rglob("LC_MESSAGES/*.mo")):
            language = language_of(path.parent.parent.name)
            if language and not path.name.startswith(_NAMES_ONLY):
                found[language].update(t for t in _messages(path) if len(t) >= shortest)
    return {language: sorted(texts) for language, texts in sorted(found.items())}


def _messages(path: Path) -> Iterator[str]:
    try:
        with path.open("rb") as handle:
            catalogue = gettext.GNUTranslations(handle)._catalog  # type: ignore[attr-defined] # noqa: SLF001
    except (OSError, LookupError, ValueError):
        return
    for key, text in catalogue.items():
        source = key[0] if isinstance(key, tuple) else key
        if source and text and text != source:
            yield " ".join(_CODES.sub(" ", text).split())
