# SPDX-License-Identifier: Apache-2.0
"""The codes of the DSA transparency database, as data.

Codes of the public interface of the European Commission's database (schema in
force since 1 July 2025), restated in ``statement_codes.json``.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import msgspec


class StatementCodes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Accepted values by field; which keywords belong to which category."""

    schema_in_force_since: str
    enums: dict[str, frozenset[str]]
    countries: frozenset[str]
    languages: frozenset[str]
    category_keywords: dict[str, frozenset[str]]

    @property
    def categories(self) -> frozenset[str]:
        """Categories that a statement may name."""
        return self.enums["category"]

    @property
    def keywords(self) -> frozenset[str]:
        """Keywords that a statement may name."""
        return self.enums["category_specification"]

    def belongs(self, category: str, keyword: str) -> bool:
        """Say whether the keyword stands under the category."""
        return keyword in self.category_keywords.get(category, frozenset())


@cache
def statement_codes() -> StatementCodes:
    """Return the codes; read once, they never change while a process runs."""
    raw = files("vigie.law").joinpath("statement_codes.json").read_bytes()
    return msgspec.json.decode(raw, type=StatementCodes)
