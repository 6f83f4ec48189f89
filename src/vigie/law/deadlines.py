# SPDX-License-Identifier: Apache-2.0
"""Clocks of the law as data: what starts each, how long it runs, how sure we are.

A clock of low confidence is shown as unconfirmed; it never sets a time that
sorts. Where the law gives no figure, `suggested` is Vigie's own aim.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final

import msgspec

from vigie.law.entry import Confidence
from vigie.law.loader import LawPackError, converted, pack_error, read_yaml

FILE: Final = "deadlines.yaml"
DAY_MS: Final = 86_400_000
_ID: Final = re.compile(r"^[a-z][a-z0-9_]{1,63}$")
_DURATION: Final = re.compile(
    r"P(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)S)?)?"
)
_UNITS: Final = {
    "weeks": 7 * DAY_MS,
    "days": DAY_MS,
    "hours": 3_600_000,
    "minutes": 60_000,
    "seconds": 1000,
}


class ClockKind(StrEnum):
    """What kind of time an entry states."""

    HARD = "hard"
    """Fixed by law."""
    SOFT = "soft"
    """The law gives no figure."""
    RETENTION = "retention"
    """Keep at least so long."""
    INFO = "info"
    """Somebody else's clock, or context."""
    RECURRING = "recurring"
    APPLICATION_DATE = "application_date"
    EXPIRY = "expiry"
    TRANSPOSITION = "transposition"
    TECHNICAL = "technical"
    """A limit of a system outside."""


class Rule(StrEnum):
    """By which rule a period is counted besides the strict reading (`law.calendars`)."""

    NONE = ""
    EU = "eu"
    """Regulation (EEC, Euratom) No 1182/71."""


@dataclass(frozen=True, slots=True)
class Duration:
    """A span of ISO 8601. Months have no fixed length, so they stand apart."""

    months: int
    ms: int

    def after(self, start: int) -> int:
        """Return the moment so long after another; a month ends on its last day at most."""
        at = dt.datetime.fromtimestamp(start / 1000, dt.UTC)
        year, month = divmod(at.year * 12 + at.month - 1 + self.months, 12)
        day = min(at.day, calendar.monthrange(year, month + 1)[1])
        moved = at.replace(year=year, month=month + 1, day=day)
        return start + round((moved - at).total_seconds() * 1000) + self.ms


class Pause(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What lets a clock stop: nothing stops without it."""

    id: str
    basis: str
    """Act and article."""
    when: str
    letters: tuple[str, ...] = ()
    """One of these letters was sent to the authority; empty: none is asked."""
    restarts: bool = False
    """The law lets the whole period run anew when it goes on."""


class Deadline(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One clock as its document states it; what is not known is empty."""

    id: str
    law: str
    kind: ClockKind
    confidence: Confidence
    start: str | None = None
    """The event that starts it."""
    duration: str | None = None
    suggested: str | None = None
    """Vigie's own aim where the law gives no figure."""
    date: str | None = None
    applies_from: str | None = None
    due: str | None = None
    action: str | None = None
    text: str | None = None
    extendable: str | None = None
    then: str | None = None
    suspended_while: str | None = None
    pre_notice: str | None = None
    exceptions: str | None = None
    source: str | None = None
    """How its data was checked; empty is shown as not stated."""
    calendar: Rule = Rule.NONE
    pauses: tuple[Pause, ...] = ()
    own: bool = False
    """An aim of this house, not of a law: set by where it stands in the document."""

    @property
    def duration_ms(self) -> int | None:
        """The law's own figure in milliseconds; None without one, or counted in months."""
        return _fixed(self.duration)

    @property
    def suggested_ms(self) -> int | None:
        """Vigie's own aim in milliseconds, if there is one."""
        return _fixed(self.suggested)

    @property
    def hard(self) -> bool:
        """True where the law itself fixes the time."""
        return self.kind is ClockKind.HARD

    def pause(self, basis: str) -> Pause | None:
        """Return the pause of a basis, by its short name or its article; None: none allows it."""
        return next((one for one in self.pauses if basis in (one.id, one.basis)), None)

    @property
    def sorts(self) -> bool:
        """True where it is sure enough to set the time by which cases are ordered."""
        return self.confidence is not Confidence.LOW

    def applies(self, on: dt.date) -> bool:
        """Say whether it applies on a day, as far as its document knows."""
        return self.applies_from is None or dt.date.fromisoformat(self.applies_from) <= on

    def due_after(self, start: int) -> int | None:
        """Return when it ends if its event was at `start`; None where it is no span."""
        span = self.duration or self.suggested
        return parse(span).after(start) if span else None


class _Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    as_of: str
    deadlines: list[dict[str, Any]]
    own: list[dict[str, Any]] = []


def parse(text: str) -> Duration:
    """Read a duration such as `PT48H` or `P6M`. Raises ValueError for anything else."""
    found = _DURATION.fullmatch(text)
    if found is None or text in {"P", "PT"} or text.endswith("T"):
        raise ValueError(text)
    parts = {name: int(value) for name, value in found.groupdict().items() if value}
    months = 12 * parts.pop("years", 0) + parts.pop("months", 0)
    return Duration(months, sum(_UNITS[name] * count for name, count in parts.items()))


def _fixed(text: str | None) -> int | None:
    span = parse(text) if text else None
    return span.ms if span is not None and not span.months else None


@cache
def load() -> Mapping[str, Deadline]:
    """Return every clock by id, in the order of its document.

    Raises LawPackError, naming file and field, for anything amiss.
    """
    return read(FILE, files("vigie.law").joinpath(FILE).read_text(encoding="utf-8"))


def read(name: str, text: str) -> Mapping[str, Deadline]:
    """Read a document of clocks strictly; LawPackError names file and field."""
    document = converted(read_yaml(name, text), _Document, name, "")
    found: dict[str, Deadline] = {}
    for path, raw in _listed(document):
        one = converted(raw, Deadline, name, path)
        for problem in _problems(one, found, name, path):
            raise problem
        found[one.id] = one
    return MappingProxyType(found)


def _listed(document: _Document) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every entry with its path: those of laws, then the house's own."""
    for number, raw in enumerate(document.deadlines):
        yield f"deadlines[{number}]", raw | {"own": False}
    for number, raw in enumerate(document.own):
        yield f"own[{number}]", raw | {"own": True}


def _problems(
    one: Deadline, before: Mapping[str, Deadline], name: str, path: str
) -> Iterator[LawPackError]:
    """Yield what is wrong with a clock."""
    if not _ID.match(one.id):
        fix = "Small letters, digits and underscores."
        yield pack_error(name, f"{path}.id", "is no id", fix)
    if one.id in before:
        yield pack_error(name, f"{path}.id", "the id stands twice", "Choose another.")
    if not one.law.strip():
        yield pack_error(name, f"{path}.law", "says nothing", "Name act and article.")
    for field in ("duration", "suggested"):
        if not _reads(parse, getattr(one, field)):
            fix = "Write it as PT48H, P10D or P6M."
            yield pack_error(name, f"{path}.{field}", "is no duration", fix)
    for field in ("date", "applies_from"):
        if not _reads(dt.date.fromisoformat, getattr(one, field)):
            yield pack_error(name, f"{path}.{field}", "is no day", "Write it as 2026-05-19.")
    if one.kind is ClockKind.HARD and not (one.duration or one.due):
        fix = "State duration or due, or call it soft."
        yield pack_error(name, f"{path}.duration", "a hard clock has a figure", fix)


def _reads(reader: Any, text: str | None) -> bool:
    try:
        if text is not None:
            reader(text)
    except ValueError:
        return False
    return True
