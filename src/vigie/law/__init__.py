# SPDX-License-Identifier: Apache-2.0
"""The law of each country as data: which provision applies where, how sure.

Packs restate public law; they are an engineering reference, not legal advice.
What the data does not hold stays unknown and is listed by `gaps`.
"""

from vigie.law.check import Gap, GapKind, gaps
from vigie.law.elements import Element, elements_of
from vigie.law.entry import (
    Cls,
    Codes,
    Confidence,
    Custody,
    Entry,
    Kind,
    Origin,
    Proposal,
    Sor,
)
from vigie.law.listing import Row, Standing, list_json, show, standing
from vigie.law.loader import LawPackError, load, load_folder
from vigie.law.restriction import (
    Automation,
    Exemption,
    Restriction,
    Source,
    TermsClause,
)
from vigie.law.statement import Statement, check_grounds, compose
from vigie.law.table import DenialMatrix, LawTable, from_document, to_document

__all__ = [
    "Automation",
    "Cls",
    "Codes",
    "Confidence",
    "Custody",
    "DenialMatrix",
    "Element",
    "Entry",
    "Exemption",
    "Gap",
    "GapKind",
    "Kind",
    "LawPackError",
    "LawTable",
    "Origin",
    "Proposal",
    "Restriction",
    "Row",
    "Sor",
    "Source",
    "Standing",
    "Statement",
    "TermsClause",
    "check_grounds",
    "compose",
    "elements_of",
    "from_document",
    "gaps",
    "list_json",
    "load",
    "load_folder",
    "show",
    "standing",
    "to_document",
]
