# SPDX-License-Identifier: Apache-2.0
"""Days, times and numbers as forms send them; times of forms are UTC and say so."""

from __future__ import annotations

from datetime import UTC, datetime

from django.utils.translation import gettext as _

from vigie.core.errors import InvalidInputError
from vigie.web.numbers import whole_number


def moment(text: str, field: str) -> int | None:
    """Return the time of a `datetime-local` or `date` field; None where it is empty.

    Raises InvalidInputError, naming the field.
    """
    if not text.strip():
        return None
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError as problem:
        raise InvalidInputError(
            _("Give a day and a time, such as 2026-11-22T09:30."), code="no_time", field=field
        ) from problem
    return round(found.replace(tzinfo=found.tzinfo or UTC).timestamp() * 1000)


def number(text: str) -> int | None:
    """Return the number that a field names, with or without its letter; None where it is empty."""
    digits = text.strip().upper().lstrip("ADEMNORS-")
    if not digits:
        return None
    return whole_number(digits) or 0


def numbers(text: str, field: str) -> tuple[int, ...]:
    """Return the numbers of a field, one a line or apart by commas. Raises InvalidInputError."""
    found = [number(one) for one in text.replace(",", "\n").splitlines() if one.strip()]
    if any(not one for one in found):
        raise InvalidInputError(_("Give numbers, one a line."), code="no_number", field=field)
    return tuple(one for one in found if one)


def lines(text: str) -> tuple[str, ...]:
    """Return the lines of a field that say something."""
    return tuple(one.strip() for one in text.splitlines() if one.strip())
