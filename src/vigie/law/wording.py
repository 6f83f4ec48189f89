# SPDX-License-Identifier: Apache-2.0
"""The words of statements in English, French and German, as data.

One file per language under ``wording/``; a language that lacks a sentence does
not load. Sentences are whole: plurals and cases stand in the files.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from functools import cache
from importlib.resources import files
from typing import Final

import msgspec
import yaml

from vigie.core.actions import ActionKind
from vigie.core.item import Surface
from vigie.core.territory import EVERYWHERE

LANGUAGES: Final = ("en", "fr", "de")
CONTENT: Final = "content"
"""The word for an item that a statement does not describe further."""
_NO_BREAK: Final = "\u00a0"
_FRENCH: Final = (re.compile(r" (?=[:;!?»])"), re.compile(r"(?<=«) "))


class _Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Base of the parts: names that a part does not know are refused."""


class Noun(_Words, frozen=True, forbid_unknown_fields=True):
    """An item as subject, as object, and after a preposition of direction."""

    subject: str
    object: str
    to: str


class Counted(_Words, frozen=True, forbid_unknown_fields=True):
    """A sentence for one country, for several, for all."""

    one: str
    some: str
    everywhere: str


class ActionWords(_Words, frozen=True, forbid_unknown_fields=True):
    """How an action is named, and told in the title and the first sentence."""

    name: str
    title: Counted
    lead: str


class Where(_Words, frozen=True, forbid_unknown_fields=True):
    """Where it applies: in a list of countries, or everywhere."""

    some: str
    everywhere: str


class Detected(_Words, frozen=True, forbid_unknown_fields=True):
    """Whether a program found the content."""

    automatic: str
    manual: str


class RemedyWords(_Words, frozen=True, forbid_unknown_fields=True):
    """One way to contest a decision."""

    name: str
    deadline: str
    cost: str
    note: str


class Remedies(_Words, frozen=True, forbid_unknown_fields=True):
    """The three ways of Art. 17(3)(f)."""

    complaint: RemedyWords
    body: RemedyWords
    court: RemedyWords


class Headings(_Words, frozen=True, forbid_unknown_fields=True):
    """Headings of the page."""

    what: str
    why: str
    redress: str
    facts: str
    legal: str
    terms: str
    automated: str


class Labels(_Words, frozen=True, forbid_unknown_fields=True):
    """Names of the facts in lists and tables."""

    measure: str
    countries: str
    since: str
    duration: str
    decided: str
    category: str
    way: str
    deadline: str
    cost: str


class OrderWords(_Words, frozen=True, forbid_unknown_fields=True):
    """What a person is told of an order that was carried out on their content."""

    article: dict[str, str]
    """By the act that asks for the information: `dsa`, `tco`, `other`."""
    received: str
    not_ours: str
    reference: str
    basis: str
    reasons: str
    on_request: str
    """In place of the reasons, where the act gives them on request."""
    person: str
    named: RemedyWords
    """The redress that the order itself names."""
    court: RemedyWords
    mistaken: RemedyWords


class Wording(_Words, frozen=True, forbid_unknown_fields=True):
    """Everything that a statement says in one language."""

    language: str
    article: str
    day_form: str
    first_day: str
    moment_form: str
    months: tuple[str, ...]
    surfaces: dict[str, Noun]
    dated: str
    actions: dict[ActionKind, ActionWords]
    where: Where
    may_complain: str
    headings: Headings
    labels: Labels
    everywhere: str
    unconfirmed: str
    no_end: str
    ends: str
    sources: dict[str, str]
    discreet: str
    """In place of a source, where that could point to the person harmed."""
    detected: Detected
    decided: dict[str, str]
    order: OrderWords
    facts: dict[str, str]
    illegal: str
    illegal_short: str
    provision: str
    meaning: dict[str, str]
    clause: str
    category: str
    categories: dict[str, str]
    remedies: Remedies
    countries: dict[str, str]

    def say(self, sentence: str, **values: object) -> str:
        """Fill a sentence and set it by the rules of the language."""
        said = sentence.format(**values)
        if self.language != "fr":
            return said
        for pattern in _FRENCH:
            said = pattern.sub(_NO_BREAK, said)
        return said

    def day(self, value: date) -> str:
        """Write a day, as `22 November 2026`."""
        number = self.first_day if value.day == 1 else str(value.day)
        return self.day_form.format(day=number, month=self.months[value.month - 1], year=value.year)

    def at(self, value: datetime) -> str:
        """Write a moment in UTC, as `22 November 2026, 20:41 (UTC)`."""
        utc = value.astimezone(UTC)
        return self.moment_form.format(date=self.day(utc.date()), time=utc.strftime("%H:%M"))

    def noun(self, surface: Surface | None) -> Noun:
        """Return the words for an item; `content` where none are given."""
        return self.surfaces[surface.value if surface else CONTENT]

    def country(self, code: str) -> str:
        """Return a country's name; an unknown code is shown as it is."""
        return self.everywhere if code == EVERYWHERE else self.countries.get(code, code)

    def country_list(self, codes: Iterable[str]) -> str:
        """Write countries by name in the order of their names, without `*`."""
        names = {self.country(code) for code in codes if code != EVERYWHERE}
        return ", ".join(sorted(names, key=_plain))


_PLAIN: Final = str.maketrans("ÉÖÄÜéöäü", "EOAUeoau")


def _plain(name: str) -> str:
    """Order É with E and Ö with O, as a reader expects."""
    return name.translate(_PLAIN)


@cache
def wording(language: str) -> Wording:
    """Return the words of a language; English where there is no such file."""
    known = language if language in LANGUAGES else "en"
    text = files("vigie.law").joinpath("wording", f"{known}.yaml").read_text(encoding="utf-8")
    return msgspec.convert(yaml.safe_load(text), Wording)
