# SPDX-License-Identifier: Apache-2.0
"""Values by type: checked and made plain when read, numbers when asked.

Whatever has an order is a stretch `[low, high)` of whole numbers: a day has
86,400,000 milliseconds, a number one. So `at = 2026-11-22` is the whole day,
`at > 2026-11-22` begins with the next.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Final, NamedTuple

from django.utils.translation import gettext as _

from vigie.flow.search.errors import SearchError, nearest
from vigie.flow.search.kinds import Field, Kind
from vigie.flow.search.nodes import Operator

LONGEST: Final = 512
MILLION: Final = 1_000_000
_LAST: Final = 2**62
_UNITS: Final = {"m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
_RELATIVE: Final = re.compile(r"([+-])(\d{1,5})([mhdw])", re.ASCII)
_NUMBER: Final = re.compile(r"-?\d{1,18}", re.ASCII)
_DECISION: Final = re.compile(r"(?:d-)?(\d{1,18})", re.ASCII | re.IGNORECASE)
_FLAGS: Final = {"yes": "yes", "true": "yes", "no": "no", "false": "no"}
_COUNTRY: Final = re.compile(r"[A-Z]{2}|\*", re.ASCII)


class Stretch(NamedTuple):
    """Whole numbers from `low`, below `high`; None: no end."""

    low: int | None
    high: int | None

    def holds(self, value: int) -> bool:
        """Say whether a number lies in it."""
        return (self.low is None or value >= self.low) and (self.high is None or value < self.high)


def plain(field: Field, text: str, column: int) -> str:
    """Check one value against its field and return its plain form; raises SearchError."""
    if len(text) > LONGEST:
        raise SearchError(_("the value is too long"), column)
    if any(not sign.isprintable() or "\ud800" <= sign <= "\udfff" for sign in text):
        raise SearchError(_("the value has signs that cannot be searched"), column)
    match field.kind:
        case Kind.TEXT:
            return text
        case Kind.CODE:
            return _code(field, text, column)
        case Kind.FLAG:
            if text.casefold() in _FLAGS:
                return _FLAGS[text.casefold()]
            raise SearchError(_("write yes or no"), column)
        case Kind.COUNTRY:
            if _COUNTRY.fullmatch(text.upper()):
                return text.upper()
            raise SearchError(_("write a country as two letters, or *"), column)
        case _:
            return _number(field.kind, text, column)


def _code(field: Field, text: str, column: int) -> str:
    word = text.lower()
    if field.choices and word not in field.choices:
        known = _("one of: %(words)s") % {"words": ", ".join(field.choices)}
        raise SearchError(
            _("%(field)s is never %(word)s") % {"field": field.name, "word": text},
            column,
            fix=nearest(word, field.choices) or known,
        )
    return word


def _number(kind: Kind, text: str, column: int) -> str:
    """Check whatever has an order."""
    if kind is Kind.MOMENT:
        _moment(text.upper() if "T" in text.upper() else text.lower(), 0, column)
        return text.lower() if _RELATIVE.fullmatch(text.lower()) else text.upper()
    if kind is Kind.SCORE:
        return _score(text, column)
    if kind is Kind.DECISION:
        found = _DECISION.fullmatch(text)
        if found is None:
            raise SearchError(_("write a number such as D-123"), column)
        return f"D-{int(found[1])}"
    if not _NUMBER.fullmatch(text):
        raise SearchError(_("write a whole number"), column)
    return str(int(text))


def _score(text: str, column: int) -> str:
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal(-1)
    if not (value.is_finite() and 0 <= value <= 1):
        raise SearchError(_("write a score from 0 to 1, such as 0.9"), column)
    return format(Decimal(round(value * MILLION)) / MILLION, "f")


def stretch(field: Field, operator: Operator, value: str, now: int) -> Stretch:
    """Return the numbers that a comparison of an ordered field lets through."""
    low, high = _unit(field.kind, value, now)
    match operator:
        case Operator.LESS:
            return Stretch(None, low)
        case Operator.AT_MOST:
            return Stretch(None, high)
        case Operator.MORE:
            return Stretch(high, None)
        case Operator.AT_LEAST:
            return Stretch(low, None)
        case _:
            return Stretch(low, high)


def _unit(kind: Kind, value: str, now: int) -> tuple[int, int]:
    if kind is Kind.MOMENT:
        return _moment(value, now, 0)
    score = kind is Kind.SCORE
    number = millionths(float(value)) if score else int(value.removeprefix("D-"))
    return number, number + 1


def millionths(value: float) -> int:
    """Return a score as it is kept: a whole number of millionths."""
    return round(value * MILLION)


def _moment(text: str, now: int, column: int) -> tuple[int, int]:
    """Return the stretch of a day, a minute, or a moment from now on."""
    relative = _RELATIVE.fullmatch(text)
    if relative:
        sign, count, unit = relative.groups()
        at = now + int(f"{sign}1") * int(count) * _UNITS[unit]
        return at, at + 1
    for form, length in (("%Y-%m-%d", timedelta(days=1)), ("%Y-%m-%dT%H:%M", timedelta(minutes=1))):
        try:
            begin = datetime.strptime(text, form).replace(tzinfo=UTC)
            return _ms(begin), _ms(begin) + length // timedelta(milliseconds=1)
        except (ValueError, OverflowError):
            continue
    raise SearchError(
        _("this is no date"), column, fix=_("Write 2026-11-22, 2026-11-22T14:30, -7d or +4h.")
    )


def _ms(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
