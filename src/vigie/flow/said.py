# SPDX-License-Identifier: Apache-2.0
"""What a person writes for the author never names or quotes who gave notice.

Nobody's name or mail of a notice stands in a statement (Art. 17(3)(b) DSA: the
notifier only where strictly necessary). Where the notifier may be the person
harmed, no run of her own words stands in it either.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from vigie.core.errors import InvalidInputError
from vigie.flow.asked import PersonDecision
from vigie.law import categories
from vigie.law.restriction import Source
from vigie.store.models import (
    Case,
    CaseKind,
    DecisionKind,
    Notice,
    NoticeItem,
    NoticeKind,
    PictureCopy,
)

QUOTE: Final = 5
"""So many words of a notice in a row are a quotation."""
_WORDS: Final = re.compile(r"\w+")
_LEAST_NAME: Final = 3
BY_NOTICE: Final = (CaseKind.NOTICE, CaseKind.INTIMATE)


def notices_of(case: Case | None) -> list[Notice]:
    """Return the notices that a case answers, the first one first."""
    if case is None or case.pk is None:
        return []
    found = Notice.objects.filter(items__case=case).select_related("flagger")
    return list(found.distinct().order_by("number"))


def is_victims(case: Case | None) -> bool:
    """Say whether the notifier of a case may be the person harmed."""
    if case is None:
        return False
    known = categories.load().get(case.category)
    return case.kind == CaseKind.INTIMATE or (known is not None and known.victim)


def is_found_by_program(case: Case | None) -> bool:
    """Say whether a program found the item (Art. 17(3)(c) DSA), though people decide on it.

    So it is where a machine's decision opened the case, whatever notice joined
    it later, and where a notifier's hash found what no notice named.
    """
    if case is None or case.kind not in BY_NOTICE or case.decision.kind == DecisionKind.MACHINE:
        return True
    return PictureCopy.objects.filter(notice_item__case=case).exists()


def source_of(case: Case | None, notices: Iterable[Notice]) -> Source:
    """Say what drew attention to the content (Art. 17(3)(b) DSA).

    What only a program found for a notice that does not name it was found by
    our own looking: no notice pointed to it.
    """
    given = list(notices)
    if not given:
        by_notice = case is not None and case.kind in BY_NOTICE
        return Source.NOTICE if by_notice else Source.OWN_INITIATIVE
    named = _named_by(case)
    found = [one for one in given if one.pk in named]
    if any(one.flagger_id is not None for one in found):
        return Source.TRUSTED_FLAGGER
    if any(one.kind == NoticeKind.ILLEGAL for one in found):
        return Source.NOTICE
    return Source.OTHER if found else Source.OWN_INITIATIVE


def _named_by(case: Case | None) -> set[int]:
    """Return the notices that themselves name the item of a case."""
    copies = PictureCopy.objects.filter(notice_item__case=case)
    named = NoticeItem.objects.filter(case=case).exclude(pk__in=copies.values("notice_item"))
    return set(named.values_list("notice_id", flat=True))


def check_told(asked: PersonDecision, case: Case | None) -> None:
    """Raise InvalidInputError where the facts name a notifier, or quote a victim."""
    if not asked.told_all:
        return
    victim = is_victims(case)
    for notice in notices_of(case):
        for told in asked.told_all:
            _check_names(told, notice)
            if victim or notice.on_behalf:
                _check_quotes(told, notice.explanation)


def _check_names(told: str, notice: Notice) -> None:
    said = " ".join(_WORDS.findall(told.casefold()))
    name = " ".join(_WORDS.findall(notice.name.casefold()))
    named = len(name) >= _LEAST_NAME and f" {name} " in f" {said} "
    if named or (notice.email and notice.email.casefold() in told.casefold()):
        raise InvalidInputError(
            "The facts name the person who gave notice.",
            code="names_notifier",
            field="facts",
            fix="Say what stands in the item, without the person.",
        )


def _check_quotes(told: str, explanation: str) -> None:
    said, words = _WORDS.findall(told.casefold()), _WORDS.findall(explanation.casefold())
    runs = {tuple(words[n : n + QUOTE]) for n in range(len(words) - QUOTE + 1)}
    if any(tuple(said[n : n + QUOTE]) in runs for n in range(len(said) - QUOTE + 1)):
        raise InvalidInputError(
            "The facts quote the notice of the person concerned.",
            code="quotes_notice",
            field="facts",
            fix="Use neutral words of your own.",
        )
