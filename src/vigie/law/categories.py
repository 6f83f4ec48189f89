# SPDX-License-Identifier: Apache-2.0
"""What a notice can be about (Art. 16 DSA): the categories that people choose from.

Each names its category in the DSA transparency database, the offences of the
packs that a person may look at first, and the rules that hold for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

import msgspec
import yaml


class Category(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One category, in the words of the person who gives notice."""

    code: str
    titles: dict[str, str]
    help: dict[str, str]
    """One sentence, by language."""
    statement_category: str
    offences: dict[str, tuple[str, ...]] = {}
    """Law entries by jurisdiction: where to look for a ground, never a finding."""
    anonymous: bool = False
    """Name, mail and words are neither asked nor taken (Art. 16(2)(c) DSA)."""
    victim: bool = False
    """The notifier may be the person harmed: never named, quoted or heard jointly."""
    terms: bool = False
    """May also be reported under the operator's terms."""

    @property
    def discreet(self) -> bool:
        """True where nothing that is sent may show what it is about."""
        return self.victim or self.anonymous

    def title(self, language: str) -> str:
        """Return the title in a language, or in English."""
        return self.titles.get(language) or self.titles["en"]

    def hint(self, language: str) -> str:
        """Return the sentence of help in a language, or in English."""
        return self.help.get(language) or self.help["en"]


class _Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    as_of: str
    categories: list[Category]


@cache
def load() -> Mapping[str, Category]:
    """Return the categories by code, in the order in which forms offer them."""
    text = files("vigie.law").joinpath("categories.yaml").read_text(encoding="utf-8")
    document = msgspec.convert(yaml.safe_load(text), _Document)
    return MappingProxyType({one.code: one for one in document.categories})
