# SPDX-License-Identifier: Apache-2.0
"""The statement of reasons that the person concerned reads.

Composes what Art. 17(3) of Regulation (EU) 2022/2065 asks for, in English,
French or German: what, where, how long, facts, ground, automated means,
redress. Never a score, a detector, a span or the name of a list. Class
`child` names category, provision or clause, action and redress only.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from datetime import UTC, date, datetime

import msgspec

from vigie.core.errors import InvalidInputError
from vigie.core.territory import EVERYWHERE
from vigie.law.entry import Cls, Entry
from vigie.law.restriction import Restriction, classes_of, codes_of, entries_of, uncovered
from vigie.law.table import LawTable
from vigie.law.wording import ActionWords, Noun, RemedyWords, Wording, wording

COMPLAINT_MONTHS = 6
"""At least so long the complaint system is open (Art. 20(1)-(2))."""


class Fact(msgspec.Struct, frozen=True):
    """A name and a value of a list of facts."""

    key: str
    name: str
    value: str


class Part(msgspec.Struct, frozen=True):
    """A heading, its paragraphs, a list of points, and what follows the list."""

    key: str
    title: str
    paragraphs: tuple[str, ...]
    points: tuple[str, ...] = ()
    closing: tuple[str, ...] = ()


class Remedy(msgspec.Struct, frozen=True):
    """One way to contest the decision."""

    key: str
    name: str
    deadline: str
    cost: str
    note: str


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """The content of the page, ready to be laid out; all of it plain text."""

    language: str
    article: str
    title: str
    lead: tuple[str, ...]
    """What happened, where, and what one can do until when."""
    what_title: str
    facts: tuple[Fact, ...]
    territories: tuple[str, ...]
    """The codes, for a map; with `*` where it holds everywhere."""
    why_title: str
    why: tuple[Part, ...]
    redress_title: str
    redress: tuple[Remedy, ...]
    complaint_until: date


def compose(
    restriction: Restriction, table: LawTable, language: str, informed_at: datetime | None = None
) -> Statement:
    """Return the statement of a restriction in `en`, `fr` or `de`.

    Another language gets English. The complaint term runs from the day on
    which the person is informed; without it, from the start of the restriction.
    Raises InvalidInputError where a territory has no ground (`no_ground`).
    """
    check_grounds(restriction, table)
    words = wording(language)
    entries = entries_of(restriction, table)
    until = months_after((informed_at or restriction.starts).astimezone(UTC).date())
    classes = classes_of(entries, restriction.clauses)
    bare = Cls.CHILD in classes
    return Statement(
        language=words.language,
        article=words.say(words.article),
        title=title_of(restriction, words, bare=bare),
        lead=tuple(_lead(restriction, words, until, bare=bare)),
        what_title=words.headings.what,
        facts=tuple(facts_of(restriction, table, words)),
        territories=restriction.territories,
        why_title=words.headings.why,
        why=tuple(_why(restriction, entries, classes, words, bare=bare)),
        redress_title=words.headings.redress,
        redress=tuple(_redress(words, until)),
        complaint_until=until,
    )


def check_grounds(restriction: Restriction, table: LawTable) -> None:
    """Raise InvalidInputError unless each territory has a ground that acts there."""
    without = uncovered(restriction, table)
    if without or not restriction.territories:
        raise InvalidInputError(
            f"No ground acts in: {', '.join(without) or 'no territory'}.",
            code="no_ground",
            field="territories",
            fix="Name an offence of these territories, or a clause of the terms.",
        )


def months_after(day: date, months: int = COMPLAINT_MONTHS) -> date:
    """Return the same day some months later, or the last of that month."""
    year, month = divmod(day.month - 1 + months, 12)
    last = calendar.monthrange(day.year + year, month + 1)[1]
    return date(day.year + year, month + 1, min(day.day, last))


def _noun(restriction: Restriction, words: Wording, *, bare: bool) -> Noun:
    return words.noun(None if bare else restriction.surface)


def title_of(restriction: Restriction, words: Wording, *, bare: bool) -> str:
    """Return what happened to the content, as a title."""
    noun = _noun(restriction, words, bare=bare)
    forms = words.actions[restriction.action].title
    count = len(set(restriction.territories))
    form = forms.one if count == 1 else forms.some
    if restriction.everywhere:
        form = forms.everywhere
    return words.say(form, subject=noun.subject, object=noun.object, to=noun.to, count=count)


def _lead(restriction: Restriction, words: Wording, until: date, *, bare: bool) -> Iterator[str]:
    noun = _noun(restriction, words, bare=bare)
    action = words.actions[restriction.action]
    yield _what_happened(action, noun, None if bare else restriction.created_at, words)
    yield where_of(restriction, words)
    yield words.say(words.may_complain, date=words.day(until))


def where_of(restriction: Restriction, words: Wording) -> str:
    """Return the sentence on where it applies."""
    if restriction.everywhere:
        return words.say(words.where.everywhere)
    countries = words.country_list(restriction.territories)
    return words.say(words.where.some, countries=countries)


def _what_happened(
    action: ActionWords, noun: Noun, published: datetime | None, words: Wording
) -> str:
    item, to = noun.object, noun.to
    if published is not None:
        day = words.day(published.astimezone(UTC).date())
        item, to = (words.dated.format(item=form, date=day) for form in (item, to))
    return words.say(action.lead, object=item, to=to)


def facts_of(restriction: Restriction, table: LawTable, words: Wording) -> Iterator[Fact]:
    """Yield what was done, where, since when and until when."""
    names = words.labels
    everywhere, some = words.country(EVERYWHERE), words.country_list(restriction.territories)
    countries = everywhere if restriction.everywhere else some
    yield Fact("measure", names.measure, words.actions[restriction.action].name)
    if restriction.offences or restriction.clauses:
        yield Fact("category", names.category, _categories(restriction, table, words))
    yield Fact("countries", names.countries, countries)
    yield Fact("decided", names.decided, words.at(restriction.decided_at))
    yield Fact("since", names.since, _since(restriction, words))
    yield Fact("duration", names.duration, _duration(restriction, words))


def _since(restriction: Restriction, words: Wording) -> str:
    if restriction.applied_at is None:
        return words.say(words.unconfirmed, moment=words.at(restriction.decided_at))
    return words.at(restriction.applied_at)


def _duration(restriction: Restriction, words: Wording) -> str:
    if restriction.until is None:
        return words.no_end
    return words.say(words.ends, moment=words.at(restriction.until))


def _categories(restriction: Restriction, table: LawTable, words: Wording) -> str:
    entries = entries_of(restriction, table)
    codes = codes_of(restriction, entries, restriction.clauses)
    names = dict.fromkeys(words.categories[code.category] for code in codes)
    return ", ".join(names)


def _why(
    restriction: Restriction,
    entries: tuple[Entry, ...],
    classes: tuple[Cls, ...],
    words: Wording,
    *,
    bare: bool,
) -> Iterator[Part]:
    heads = words.headings
    if not bare:
        told = [words.discreet if restriction.discreet else words.sources[restriction.source]]
        told += [words.facts[cls] for cls in classes]
        facts = restriction.told(words.language)
        told += [facts] if facts else []
        yield Part("facts", heads.facts, tuple(told))
    if entries:
        points = tuple(_provisions(entries, words))
        meanings = tuple(dict.fromkeys(words.meaning[entry.cls] for entry in entries))
        yield Part("legal", heads.legal, (words.say(words.illegal),), points, meanings)
    if restriction.clauses:
        yield Part("terms", heads.terms, tuple(_clauses(restriction, words)))
    yield Part("automated", heads.automated, tuple(_automated(restriction, words, bare=bare)))


def _provisions(entries: tuple[Entry, ...], words: Wording) -> Iterator[str]:
    named = sorted((words.country(entry.jurisdiction), entry.provision) for entry in entries)
    for country, provision in named:
        yield words.say(words.provision, country=country, provision=provision)


def _clauses(restriction: Restriction, words: Wording) -> Iterator[str]:
    for clause in restriction.clauses:
        yield words.say(words.clause, clause=clause.clause, title=clause.title)


def _automated(restriction: Restriction, words: Wording, *, bare: bool) -> Iterator[str]:
    """Tell of automated means; class `child` says nothing of how it was found."""
    if not bare:
        found = words.detected
        yield found.automatic if restriction.automated_detection else found.manual
    yield words.decided[restriction.automated_decision]


def _redress(words: Wording, until: date) -> Iterator[Remedy]:
    ways = words.remedies
    for key, way in (("complaint", ways.complaint), ("body", ways.body), ("court", ways.court)):
        yield _remedy(key, way, words, until)


def _remedy(key: str, way: RemedyWords, words: Wording, until: date) -> Remedy:
    deadline = words.say(way.deadline, date=words.day(until))
    return Remedy(key, way.name, deadline, way.cost, words.say(way.note))
