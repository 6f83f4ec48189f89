# SPDX-License-Identifier: Apache-2.0
"""How long sealed evidence is kept: one rule a duty, with source and confidence.

A rule has a minimum (before it nobody shreds), a maximum (then it is shredded
unless a hold stands) and the event from which both are counted. Where a statute
gives a minimum alone, the maximum is the operator's; `note` says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from vigie.core.errors import InvalidInputError

DAY_MS: Final = 86_400_000


class Confidence(StrEnum):
    """How sure the reading is; `low` is for counsel to confirm before it is leaned on."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Start(StrEnum):
    """The event from which a term runs."""

    REMOVED = "removed"
    RECEIVED = "received"
    """The order, request or letter."""
    REPORTED = "reported"
    """The report was completed."""
    INFORMED = "informed"
    """The person concerned was told."""
    PUBLISHED = "published"
    SEALED = "sealed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One retention rule."""

    id: str
    law: str
    start: Start
    least_days: int
    most_days: int
    extension_days: int = 0
    """By how much one renewal moves both ends; 0: none, holds alone prolong it."""
    confidence: Confidence = Confidence.HIGH
    note: str = ""

    def keep_until(self, start: int) -> int:
        """Return the moment before which nobody shreds (milliseconds)."""
        return start + self.least_days * DAY_MS

    def purge_at(self, start: int) -> int:
        """Return the moment at which it is shredded unless a hold stands."""
        return start + self.most_days * DAY_MS


TERMS: Final = (
    Term(
        id="tco_preservation",
        law="Reg. (EU) 2021/784 Art. 6(2)",
        start=Start.REMOVED,
        least_days=184,
        most_days=184,
        note="six months, counted as 184 days at most; longer on request of the authority or "
        "court for ongoing review proceedings: then by a hold",
    ),
    Term(
        id="eevidence_production",
        law="Reg. (EU) 2023/1543 Art. 10",
        start=Start.RECEIVED,
        least_days=10,
        most_days=60,
        confidence=Confidence.MEDIUM,
        note="preserved at once until transmitted; 60 days leave time for refusals and reviews",
    ),
    Term(
        id="eevidence_preservation",
        law="Reg. (EU) 2023/1543 Art. 11(1)",
        start=Start.RECEIVED,
        least_days=60,
        most_days=60,
        extension_days=30,
        note="30 days more by Annex VI; as long as needed once a production request is confirmed "
        "(Annex V): then by a hold",
    ),
    Term(
        id="cybertip",
        law="18 U.S.C. 2258A(h)",
        start=Start.REPORTED,
        least_days=365,
        most_days=366,
        confidence=Confidence.MEDIUM,
        note="one year from the completed report; longer voluntarily, to reduce exploitation: "
        "not used here",
    ),
    Term(
        id="us_preservation_letter",
        law="18 U.S.C. 2703(f)",
        start=Start.RECEIVED,
        least_days=90,
        most_days=90,
        extension_days=90,
    ),
    Term(
        id="budapest_freeze",
        law="Budapest Convention Art. 16(2)",
        start=Start.RECEIVED,
        least_days=90,
        most_days=90,
        extension_days=90,
        confidence=Confidence.MEDIUM,
        note="up to 90 days, renewable; the order may name fewer",
    ),
    Term(
        id="fr_identification",
        law="LCEN Art. 6 V, decree 2021-1362",
        start=Start.PUBLISHED,
        least_days=365,
        most_days=366,
        confidence=Confidence.LOW,
        note="source address of a contribution, one year; civil identity runs five years from "
        "the end of the contract and stays with the platform",
    ),
    Term(
        id="fr_press_law",
        law="Law of 29 July 1881 Art. 65-3",
        start=Start.PUBLISHED,
        least_days=0,
        most_days=366,
        confidence=Confidence.LOW,
        note="limitation of one year for offences of hate and denial: no duty to keep, the time "
        "in which a complaint can still be filed",
    ),
    Term(
        id="complaint",
        law="Reg. (EU) 2022/2065 Art. 20(1)",
        start=Start.INFORMED,
        least_days=184,
        most_days=190,
        note="what is needed to reverse the decision",
    ),
    Term(
        id="order",
        law="Reg. (EU) 2022/2065 Art. 9, 10",
        start=Start.SEALED,
        least_days=184,
        most_days=366,
        confidence=Confidence.MEDIUM,
        note="the law names no term; the complaint window, and a year for redress against the "
        "order",
    ),
    Term(
        id="life_threat",
        law="Reg. (EU) 2022/2065 Art. 18",
        start=Start.REPORTED,
        least_days=90,
        most_days=366,
        confidence=Confidence.MEDIUM,
        note="the law names no term; so that the authority told can still ask",
    ),
    Term(
        id="gateway_excerpt",
        law="Reg. (EU) 2022/2065 Art. 17, 20",
        start=Start.SEALED,
        least_days=0,
        most_days=180,
        confidence=Confidence.MEDIUM,
        note="of what the AI gateway stopped: the profile's end counts where it is earlier, "
        "30 days unless set; the law names no term for it, and a complaint can still be heard "
        "on the facts when the words are gone",
    ),
    Term(
        id="custody_basis",
        law="basis recorded by counsel",
        start=Start.SEALED,
        least_days=0,
        most_days=365,
        confidence=Confidence.LOW,
        note="bytes of class `child` without a duty of law: the end date on record counts where "
        "it is earlier",
    ),
)
_BY_ID: Final = {one.id: one for one in TERMS}


def find(rule: str) -> Term:
    """Return a rule by its name. Raises InvalidInputError."""
    try:
        return _BY_ID[rule]
    except KeyError:
        raise InvalidInputError(
            "There is no such retention rule.",
            code="no_term",
            field="rule",
            fix=f"Choose from: {', '.join(sorted(_BY_ID))}.",
        ) from None
