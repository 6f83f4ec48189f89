# SPDX-License-Identifier: Apache-2.0
"""Everyday sentences in many languages: the quotation files of Debian's fortunes packages.

`apt-get download fortunes-es fortunes-it ...` and `dpkg-deb -x`, then name the
folder. Only weights leave here, never a text.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

_BY_FILE = {"brasil": "pt"}
_DATA = {".dat", ".u8"}


def read_quotes(folders: Iterable[Path]) -> dict[str, list[str]]:
    """Return the different quotations of each language, in a fixed order."""
    found: dict[str, set[str]] = defaultdict(set)
    for folder in folders:
        for path in sorted(folder.rglob("games/fortunes/**/*")):
            language = _BY_FILE.get(path.name, path.parent.name)
            if path.is_file() and path.suffix not in _DATA and language != "fortunes":
                found[language].update(_quotes(path))
    return {language: sorted(texts) for language, texts in sorted(found.items())}


def _quotes(path: Path) -> Iterator[str]:
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return
    for quote in text.split("\n%"):
        yield " ".join(quote.split())[:2000]
