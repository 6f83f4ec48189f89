# SPDX-License-Identifier: Apache-2.0
"""Values of a form as they are kept: one spelling for each type, nothing guessed.

What cannot be read as its type is kept as it was written, for a person to see, and
named (`Missing`): nothing is corrected silently.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from vigie.core import locations
from vigie.core.clock import DAY_MS, from_iso, iso
from vigie.flow.orders.given import line_of
from vigie.law.orders import FieldType, Means, OrderField, OrderForm

MAX_LINE: Final = 500
MAX_TEXT: Final = 20_000
MAX_LIST: Final = 500
MAX_ENTRY: Final = 2_000
KEPT: Final = 2_000
"""Characters that are kept of a value that cannot be read."""
_COUNTRY: Final = re.compile(r"[A-Z]{2}\Z")
_LANGUAGE: Final = re.compile(r"([a-z]{2})(?:[-_][A-Za-z]{2})?\Z")
_MAIL: Final = re.compile(r"[^@\s]{1,64}@[^@\s]{1,189}\Z")
_ALSO: Final = {"EL": "GR", "UK": "GB"}
"""Country codes of the Union's style guide that ISO 3166 writes otherwise."""
_YES: Final = frozenset({"true", "yes", "on", "1", "x", "oui", "ja"})
_NO: Final = frozenset({"false", "no", "off", "0", "", "non", "nein"})
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d\Z")


class Why(StrEnum):
    """What is wrong with a field."""

    EMPTY = "empty"
    UNREADABLE = "unreadable"
    """It is not of its type."""
    TOO_LONG = "too_long"
    NOT_DECLARED = "not_declared"
    """A language that the operator did not declare."""


@dataclass(frozen=True, slots=True)
class Missing:
    """One field that keeps a form from being complete."""

    field: str
    why: Why


@dataclass(slots=True)
class Cleaned:
    """Values in one spelling, with what could not be read."""

    values: dict[str, Any] = field(default_factory=dict)
    unreadable: list[Missing] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    """Names that the form does not know, with what was written kept elsewhere: in the document."""


class _WrongError(ValueError):
    """A value is not of its type; `why` says how."""

    def __init__(self, why: Why = Why.UNREADABLE) -> None:
        super().__init__(why.value)
        self.why = why


def cleaned(form: OrderForm, raw: Mapping[str, Any]) -> Cleaned:
    """Return values as they are kept; what the form does not know is named, not kept."""
    found = Cleaned()
    for name, value in raw.items():
        known = form.field(str(name))
        if known is None:
            found.unknown.append(line_of(str(name))[:64])
            continue
        try:
            read = _READERS[known.type](known, value)
        except _WrongError as problem:
            found.unreadable.append(Missing(known.name, problem.why))
            found.values[known.name] = _as_written(known, value)
            continue
        if read not in ("", [], None):
            found.values[known.name] = read
    return found


def _as_written(known: OrderField, value: Any) -> Any:
    """Keep what was written, of a length that a page can show."""
    if known.many:
        return [one[:KEPT] for one in _entries(value)][:MAX_LIST]
    return str(value)[:KEPT] if not isinstance(value, bool) else value


def moment(value: Any) -> int | None:
    """Return a kept moment or day in milliseconds; None for anything else."""
    try:
        text = str(value)
        return from_iso(f"{text}T00:00:00+00:00" if _DAY.match(text) else text) if text else None
    except (ValueError, OverflowError, OSError):
        return None


def _line(known: OrderField, value: Any) -> str:
    text = line_of(_text_of(value))
    if len(text) > (known.most or MAX_LINE):
        raise _WrongError(Why.TOO_LONG)
    return text


def _words(known: OrderField, value: Any) -> str:
    text = _text_of(value).replace("\r\n", "\n").replace("\r", "\n").strip()
    if len(text) > (known.most or MAX_TEXT):
        raise _WrongError(Why.TOO_LONG)
    return text


def _text_of(value: Any) -> str:
    """Return a scalar as text; a list of lines as lines."""
    if isinstance(value, list | tuple):
        return "\n".join(_text_of(one) for one in value)
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        return str(value).encode("utf-8", "ignore").decode().replace("\0", "")
    if value is None:
        return ""
    raise _WrongError


def _entries(value: Any) -> list[str]:
    """Return the entries of a list, once each, in their order."""
    parts = value if isinstance(value, list | tuple) else str(value or "").splitlines()
    lines = (line_of(str(one)) for one in parts if isinstance(one, str | int))
    return list(dict.fromkeys(one for one in lines if one))


def _lines(known: OrderField, value: Any) -> list[str]:
    found = _entries(value)
    if len(found) > (known.most or MAX_LIST) or any(len(one) > MAX_ENTRY for one in found):
        raise _WrongError(Why.TOO_LONG)
    return found


def _locations(known: OrderField, value: Any) -> list[str]:
    """Read addresses: an address has no spaces, so they part too."""
    parts = [part for one in _entries(value) for part in one.split()]
    found = _lines(known, list(dict.fromkeys(parts)))
    if not all(locations.is_plausible(one) for one in found):
        raise _WrongError
    return found


def _country(_known: OrderField, value: Any) -> str:
    code = _text_of(value).strip().upper()
    code = _ALSO.get(code, code)
    if code and not _COUNTRY.match(code):
        raise _WrongError
    return code


def _countries(known: OrderField, value: Any) -> list[str]:
    parts = re.split(r"[\s,;]+", " ".join(_entries(value)))
    found = [_country(known, one) for one in parts if one]
    return sorted(set(found))


def _language(_known: OrderField, value: Any) -> str:
    text = _text_of(value).strip()
    named = _LANGUAGE.match(text[:1].lower() + text[1:2].lower() + text[2:])
    if text and named is None:
        raise _WrongError
    return named[1] if named else ""


def _moment(known: OrderField, value: Any) -> str:
    """Write a moment in UTC; a day alone is its first moment, as an end its last."""
    text = _text_of(value).strip()
    if not text:
        return ""
    at = moment(text if _DAY.match(text) else _zoned(text))
    if at is None or at < 0:
        raise _WrongError
    return iso(at + DAY_MS - 1 if _DAY.match(text) and known.means is Means.UNTIL else at)


def _zoned(text: str) -> str:
    """Return the text with UTC where it names no offset."""
    try:
        said = dt.datetime.fromisoformat(text)
    except ValueError as problem:
        raise _WrongError from problem
    return (said if said.tzinfo else said.replace(tzinfo=dt.UTC)).isoformat()


def _date(_known: OrderField, value: Any) -> str:
    text = _text_of(value).strip()
    try:
        return dt.date.fromisoformat(text[:10]).isoformat() if text else ""
    except ValueError as problem:
        raise _WrongError from problem


def _mail(_known: OrderField, value: Any) -> str:
    text = line_of(_text_of(value))
    if text and not _MAIL.match(text):
        raise _WrongError
    return text


def _boolean(_known: OrderField, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    text = _text_of(value).strip().lower()
    if text not in _YES | _NO:
        raise _WrongError
    return text in _YES


def _choice(known: OrderField, value: Any) -> str:
    """Read a choice by its code, or by its words in any of our languages."""
    text = line_of(_text_of(value)).casefold()
    for one in known.options:
        if text in {one.code.casefold(), *(word.casefold() for word in one.labels.values())}:
            return one.code
    if text:
        raise _WrongError
    return ""


def _choices(known: OrderField, value: Any) -> list[str]:
    found = {_choice(known, one) for one in _entries(value)}
    return [one.code for one in known.options if one.code in found]


_READERS: Final[Mapping[FieldType, Callable[[OrderField, Any], Any]]] = {
    FieldType.LINE: _line,
    FieldType.TEXT: _words,
    FieldType.LINES: _lines,
    FieldType.LOCATIONS: _locations,
    FieldType.COUNTRY: _country,
    FieldType.COUNTRIES: _countries,
    FieldType.LANGUAGE: _language,
    FieldType.MOMENT: _moment,
    FieldType.DATE: _date,
    FieldType.EMAIL: _mail,
    FieldType.BOOLEAN: _boolean,
    FieldType.CHOICE: _choice,
    FieldType.CHOICES: _choices,
}


def names(found: Iterable[Missing]) -> list[str]:
    """Return the fields once each, in their order."""
    return list(dict.fromkeys(one.field for one in found))
