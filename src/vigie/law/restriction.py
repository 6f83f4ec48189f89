# SPDX-License-Identifier: Apache-2.0
"""What was restricted, where and on what ground: the input of a statement.

Filled from a recorded decision; holds no score, detector, span or list.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

import msgspec

from vigie.core.actions import ActionKind
from vigie.core.item import Surface
from vigie.core.territory import EVERYWHERE
from vigie.law.entry import Cls, Codes, Entry
from vigie.law.table import LawTable

OTHER_TERMS = "STATEMENT_CATEGORY_OTHER_VIOLATION_TC"


class Source(StrEnum):
    """What drew attention to the content (codes of the DSA database)."""

    OWN_INITIATIVE = "SOURCE_VOLUNTARY"
    NOTICE = "SOURCE_ARTICLE_16"
    TRUSTED_FLAGGER = "SOURCE_TRUSTED_FLAGGER"
    OTHER = "SOURCE_TYPE_OTHER_NOTIFICATION"


class Automation(StrEnum):
    """How far a program decided (codes of the DSA database)."""

    FULLY = "AUTOMATED_DECISION_FULLY"
    PARTIALLY = "AUTOMATED_DECISION_PARTIALLY"
    NOT = "AUTOMATED_DECISION_NOT_AUTOMATED"


class Exemption(StrEnum):
    """Why no statement goes to the person: Art. 17(2), (5) and Art. 9 DSA."""

    NO_CONTACT = "no_contact"
    """No electronic contact details are known (17(2))."""
    COMMERCIAL = "deceptive_high_volume_commercial_content"
    """Deceptive commercial content in high volume (17(2))."""
    ORDER = "article_9_order"
    """The act executes an order, which has its own information duty (17(5))."""


class TermsClause(msgspec.Struct, frozen=True, kw_only=True):
    """A clause of the operator's terms and conditions as a ground."""

    clause: str
    title: str
    cls: Cls = Cls.OTHER
    category: str = OTHER_TERMS
    keywords: tuple[str, ...] = ()
    other_text: str | None = None
    url: str | None = None


class Restriction(msgspec.Struct, frozen=True, kw_only=True):
    """One restriction of one item, with what its statement may say."""

    action: ActionKind
    territories: tuple[str, ...]
    """ISO 3166 codes; with `*` it holds everywhere."""
    offences: tuple[str, ...] = ()
    """Ids of law entries."""
    clauses: tuple[TermsClause, ...] = ()
    decided_at: datetime
    applied_at: datetime | None = None
    """When the platform confirmed the effect; None: not yet confirmed."""
    until: datetime | None = None
    automated_detection: bool
    automated_decision: Automation
    source: Source = Source.OWN_INITIATIVE
    discreet: bool = False
    """The page does not say what drew attention to it: somebody may be harmed by that."""
    surface: Surface = Surface.POST
    content_types: tuple[str, ...] = ()
    """`CONTENT_TYPE_...` codes."""
    language: str | None = None
    """Language of the content, ISO 639-1."""
    created_at: datetime | None = None
    """When it was published; None where the platform did not say."""
    synthetic: bool = False
    women: bool = False
    incitement: bool = False
    facts: str | None = None
    """What the person who decided wrote about the facts, for the author."""
    facts_in: dict[str, str] = msgspec.field(default_factory=dict)
    """The same in other languages, where the person gave it in them."""

    @property
    def everywhere(self) -> bool:
        """True where the restriction has no border."""
        return EVERYWHERE in self.territories

    def told(self, language: str) -> str | None:
        """Return the person's facts in a language, or as they were written."""
        return self.facts_in.get(language) or self.facts

    @property
    def starts(self) -> datetime:
        """The confirmed time, or the time of the decision until then."""
        return self.applied_at or self.decided_at


def entries_of(restriction: Restriction, table: LawTable) -> tuple[Entry, ...]:
    """Return the law entries on which the restriction rests.

    Only those that act where it holds: a provision is never named for a
    country in which it is no ground.
    """
    named = (table.get(entry_id) for entry_id in restriction.offences)
    return tuple(entry for entry in named if _acts(entry, restriction))


def _acts(entry: Entry, restriction: Restriction) -> bool:
    reach = set(entry.territories)
    if restriction.everywhere:
        return bool(reach)
    return EVERYWHERE in reach or bool(reach & set(restriction.territories))


def uncovered(restriction: Restriction, table: LawTable) -> tuple[str, ...]:
    """Return the territories of the restriction in which no ground acts.

    A clause of the terms acts everywhere, a provision where its entry says.
    """
    if restriction.clauses:
        return ()
    reach = {code for entry in entries_of(restriction, table) for code in entry.territories}
    if EVERYWHERE in reach:
        return ()
    return tuple(code for code in restriction.territories if code not in reach)


def classes_of(entries: Iterable[Entry], clauses: Iterable[TermsClause]) -> tuple[Cls, ...]:
    """Return the classes concerned, the legal grounds' first, each once."""
    found = [entry.cls for entry in entries] + [clause.cls for clause in clauses]
    return tuple(dict.fromkeys(found))


def codes_of(
    restriction: Restriction, entries: Iterable[Entry], clauses: Iterable[TermsClause]
) -> tuple[Codes, ...]:
    """Return the statement codes of every ground that has some."""
    legal = (
        entry.codes(
            synthetic=restriction.synthetic,
            women=restriction.women,
            incitement=restriction.incitement,
        )
        for entry in entries
    )
    terms = (Codes(clause.category, clause.keywords, clause.other_text) for clause in clauses)
    return tuple(codes for codes in (*legal, *terms) if codes is not None)
