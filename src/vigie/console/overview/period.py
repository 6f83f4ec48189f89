# SPDX-License-Identifier: Apache-2.0
"""The days that the overview is about, and searches over them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import formats
from django.utils.translation import gettext as _

from vigie.flow.overview.days import DAY_MS, Day, day_of, series

if TYPE_CHECKING:
    from collections.abc import Mapping

CHOICES: Final = (7, 28, 91)
USUAL: Final = 28


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """So many days up to today, and as many before."""

    days: int
    now: int

    @property
    def first(self) -> int:
        """The first day: days since 1970, UTC."""
        return day_of(self.now) - self.days + 1

    @property
    def since(self) -> int:
        """When it begins, in milliseconds."""
        return self.first * DAY_MS

    def these(self) -> list[Day]:
        """Return the decisions of its days."""
        return series(self.first, day_of(self.now))

    def before(self) -> list[Day]:
        """Return the decisions of the days before."""
        return series(self.first - self.days, self.first - 1)

    def search(self, expression: str) -> str:
        """Return the address of a search over its days."""
        words = f"{expression} and at >= {as_date(self.first).isoformat()}"
        return search(words)


def search(expression: str, target: str = "decisions") -> str:
    """Return the address of a search."""
    return f"{reverse('console:search')}?{urlencode({'target': target, 'q': expression})}"


def read(query: Mapping[str, str], now: int) -> Period:
    """Read the period that an address asks for."""
    asked = query.get("days", "")
    return Period(days=next((one for one in CHOICES if str(one) == asked), USUAL), now=now)


def as_date(day: int) -> date:
    """Return a day as a date."""
    return datetime.fromtimestamp(day * DAY_MS / 1000, UTC).date()


def short(day: int) -> str:
    """Write a day without its year."""
    return formats.date_format(as_date(day), "j M")


def change(now: int, before: int) -> str:
    """Write how a number changed; nothing before cannot be compared."""
    if before == 0:
        return "—"
    share = 100 * (now - before) / before
    return f"{formats.number_format(share, 1, use_l10n=True) if share < 0 else _plus(share)} %"


def _plus(share: float) -> str:
    return f"+{formats.number_format(share, 1, use_l10n=True)}"


def percent(share: float) -> str:
    """Write a share of 1 as per cent, with one place."""
    return _("%(share)s %%") % {"share": formats.number_format(100 * share, 1, use_l10n=True)}
