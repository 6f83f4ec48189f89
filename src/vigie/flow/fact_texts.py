# SPDX-License-Identifier: Apache-2.0
"""Short texts for the facts of a statement, in the languages of statements.

Shipped texts stand in `fact_texts.yaml`; an operator's own in `facts.yaml` of
the data folder, in the same form: a text under a known name takes its place,
one without words takes it away. Read again when the file changes.
"""

from __future__ import annotations

from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import msgspec
import structlog
import yaml

from vigie.flow.asked import MAX_REASON
from vigie.flow.house import House
from vigie.law.wording import LANGUAGES

OWN: Final = "facts.yaml"
log = structlog.get_logger(__name__)


class FactText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One text to start from; it says what the item does, never who said so."""

    id: str
    category: str
    """A category of `law.categories`; empty: fits every case."""
    title: dict[str, str]
    text: dict[str, str]

    def name(self, language: str) -> str:
        """Return what the chooser calls it."""
        return self.title.get(language) or self.title.get("en") or self.id


def texts_for(house: House, categories: set[str]) -> list[FactText]:
    """Return the texts for a case: those of its categories first, then those for every case."""
    known = texts(house).values()
    own = [one for one in known if one.category and one.category in categories]
    return own + [one for one in known if not one.category]


def texts(house: House) -> dict[str, FactText]:
    """Return all texts by name, the operator's own in place of ours."""
    path = house.settings.data_dir / OWN
    try:
        changed = path.stat().st_mtime_ns
    except OSError:
        return _shipped()
    return _with_own(path, changed)


@cache
def _shipped() -> dict[str, FactText]:
    text = files("vigie.flow").joinpath("fact_texts.yaml").read_text(encoding="utf-8")
    return {one.id: one for one in _read(text)}


@lru_cache(maxsize=2)
def _with_own(path: Path, changed: int) -> dict[str, FactText]:
    """Return ours and the operator's; a file that does not read leaves ours alone."""
    del changed
    try:
        own = _read(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError, msgspec.ValidationError) as problem:
        log.warning("fact_texts_unreadable", kind=type(problem).__name__)
        return _shipped()
    found = _shipped() | {one.id: one for one in own}
    return {name: one for name, one in found.items() if any(one.text.values())}


def _read(text: str) -> list[FactText]:
    document: dict[str, Any] = yaml.safe_load(text) or {}
    found = msgspec.convert(document.get("texts", []), list[FactText])
    for one in found:
        long = any(len(words) > MAX_REASON for words in one.text.values())
        if long or not set(one.text) <= set(LANGUAGES):
            raise msgspec.ValidationError(f"the text {one.id} is too long or in no language")
    return found
