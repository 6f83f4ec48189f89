# SPDX-License-Identifier: Apache-2.0
"""The statement of reasons for a warning or a suspension, in each language.

What Art. 17(3) of Regulation (EU) 2022/2065 asks for, for a measure under
Art. 23: what and until when, on which facts and which assessment, that a person
decided, and how to contest it. Kept as it was composed.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, Final

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from vigie.flow.house import House
from vigie.flow.strikes import told
from vigie.law.statement import months_after
from vigie.law.wording import LANGUAGES, RemedyWords, Wording, wording
from vigie.store.models import Measure, MeasureKind, Strike, SubjectKind

MOST_NAMED: Final = 30
"""So many decisions are named one by one; the count names them all."""


def compose(house: House, measure: Measure) -> dict[str, Any]:
    """Return the page of a measure by language."""
    strikes = told.strikes_of(measure)
    pages = {}
    for language in LANGUAGES:
        with translation.override(language):
            pages[language] = _page(house, measure, strikes, wording(language))
    return pages


def _page(house: House, measure: Measure, strikes: list[Strike], words: Wording) -> dict[str, Any]:
    until = words.day(_date(measure.until or house.now()))
    complaint = words.day(months_after(_date(house.now())))
    return {
        "article": _article(measure),
        "title": _title(measure, until),
        "lead": [*_lead(measure, until), _contest(complaint)],
        "facts": [
            {"name": _("Decided"), "value": words.day(_date(house.now()))},
            {"name": _("Ends by itself"), "value": until},
            {"name": _("Points"), "value": str(measure.points)},
        ],
        "why": [
            {"title": words.headings.facts, "paragraphs": _facts(measure, strikes, words)},
            {"title": _("Assessment"), "paragraphs": _assessed(measure)},
            {"title": words.headings.automated, "paragraphs": [_automated()]},
        ],
        "redress": _redress(words, complaint),
    }


def _article(measure: Measure) -> str:
    paragraph = "1" if measure.subject_kind == SubjectKind.AUTHOR else "2"
    return _("Statement of reasons under Article 17, measure under Article 23(%(paragraph)s)") % {
        "paragraph": paragraph
    }


def _title(measure: Measure, until: str) -> str:
    author = measure.subject_kind == SubjectKind.AUTHOR
    if measure.kind == MeasureKind.WARNING:
        return _("A warning about your account") if author else _("A warning about your notices")
    if author:
        return _("Your account is suspended until %(until)s") % {"until": until}
    return _("Your notices are not processed until %(until)s") % {"until": until}


def _lead(measure: Measure, until: str) -> list[str]:
    author = measure.subject_kind == SubjectKind.AUTHOR
    if measure.kind == MeasureKind.SUSPENSION:
        if author:
            return [_("After a prior warning we have suspended your account. It ends by itself.")]
        return [
            _("After a prior warning we have suspended the processing of your notices."),
            _("Notices about children and about danger to life are always processed."),
        ]
    if author:
        return [
            _("Several of your contributions were restricted. Nothing else changes for now."),
            _("If more follow before %(until)s, your account can be suspended for some time.")
            % {"until": until},
        ]
    return [
        _("Several of your notices were manifestly unfounded. Nothing else changes for now."),
        _(
            "If more follow before %(until)s, the processing of your notices can be suspended "
            "for some time."
        )
        % {"until": until},
    ]


def _contest(until: str) -> str:
    return _("You can lodge a complaint free of charge until %(until)s.") % {"until": until}


def _facts(measure: Measure, strikes: list[Strike], words: Wording) -> list[str]:
    count = len(strikes)
    if measure.subject_kind == SubjectKind.AUTHOR:
        first = ngettext(
            "It rests on %(count)s decision of a person about your contributions.",
            "It rests on %(count)s decisions of persons about your contributions.",
            count,
        )
    else:
        first = ngettext(
            "It rests on %(count)s notice that a person called manifestly unfounded.",
            "It rests on %(count)s notices that persons called manifestly unfounded.",
            count,
        )
    named = [f"{_label(one)}, {words.day(_date(one.at))}" for one in strikes[-MOST_NAMED:]]
    return [first % {"count": count}, "; ".join(named) + "."]


def _label(strike: Strike) -> str:
    if strike.notice_number is not None:
        return f"N-{strike.notice_number}"
    return strike.decision.label if strike.decision else _("before this register began")


def _assessed(measure: Measure) -> list[str]:
    """The words of the person who decided, under the points of Art. 23(3)."""
    names = {
        "absolute": _("Absolute numbers"),
        "relative": _("In relation to everything"),
        "gravity": _("Gravity and consequences"),
        "intention": _("Intention, as far as it is known"),
    }
    return [f"{names[key]}: {text}" for key, text in measure.assessment.items() if key in names]


def _automated() -> str:
    return _("A program added up the points and proposed the measure. A person decided.")


def _redress(words: Wording, until: str) -> list[dict[str, str]]:
    ways: tuple[RemedyWords, ...] = (
        words.remedies.complaint,
        words.remedies.body,
        words.remedies.court,
    )
    return [
        {
            "name": way.name,
            "deadline": words.say(way.deadline, date=until),
            "cost": way.cost,
            "note": words.say(way.note),
        }
        for way in ways
    ]


def _date(ms: int) -> date:
    return datetime.fromtimestamp(ms / 1000, UTC).date()
