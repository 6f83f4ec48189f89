# SPDX-License-Identifier: Apache-2.0
"""What templates write the same way everywhere: moments, numbers, links that keep filters."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from django import template
from django.utils import formats
from django.utils.html import format_html
from django.utils.translation import get_language, gettext

from vigie.core.clock import iso
from vigie.flow import house
from vigie.web import countries

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.utils.safestring import SafeString

register = template.Library()
RIGHT_TO_LEFT: Final = ("ar", "fa", "he", "ur", "yi")
PREFERENCES: Final = ("lang", "theme", "keys")


def _date(at: datetime) -> str:
    """Write a day as the language does; English as Europe writes it."""
    english = get_language() in {None, "en"}
    return formats.date_format(at, "j M Y" if english else "DATE_FORMAT", use_l10n=not english)


@register.filter
def moment(ms: int | None) -> SafeString | str:
    """Write milliseconds as date and time in UTC, machine-readable beside."""
    if not ms:
        return "—"
    at = datetime.fromtimestamp(ms / 1000, UTC)
    words = gettext("%(date)s, %(time)s UTC") % {
        "date": _date(at),
        "time": at.strftime("%H:%M:%S"),
    }
    return format_html('<time datetime="{}">{}</time>', iso(ms), words)


@register.filter
def day(ms: int | None) -> SafeString | str:
    """Write the day of a moment in UTC."""
    if not ms:
        return "—"
    at = datetime.fromtimestamp(ms / 1000, UTC)
    return format_html(
        '<time datetime="{}">{}</time>',
        at.date().isoformat(),
        _date(at),
    )


@register.filter
def clock_time(ms: int | None) -> SafeString | str:
    """Write the time of day in UTC, for a list of events."""
    if not ms:
        return "—"
    at = datetime.fromtimestamp(ms / 1000, UTC)
    return format_html('<time datetime="{}">{}</time>', iso(ms), at.strftime("%H:%M:%S"))


@register.filter
def whole(number: int) -> str:
    """Write a whole number with the separators of the reader's language."""
    return formats.number_format(number, use_l10n=True, force_grouping=True)


@register.filter
def score(value: float | None) -> str:
    """Write a score or limit with two places, as the reader's language does."""
    return "—" if value is None else formats.number_format(value, 2, use_l10n=True)


@register.filter
def country(code: str) -> str:
    """Write a country's full name."""
    return countries.name(code)


@register.filter
def country_list(codes: Any) -> str:
    """Write countries as one phrase with full names."""
    return countries.sentence(codes)


@register.filter
def direction(language: str | None) -> str:
    """Say in which direction a language is written; unknown leaves it to the text."""
    if not language:
        return "auto"
    return "rtl" if language.split("-")[0] in RIGHT_TO_LEFT else "ltr"


@register.simple_tag(takes_context=True)
def link_with(context: template.Context, **changes: Any) -> str:
    """Return this page's address with some parameters changed (None: left out)."""
    request: HttpRequest = context["request"]
    query = request.GET.copy()
    for name in PREFERENCES:
        query.pop(name, None)
    for name, value in changes.items():
        query.pop(name, None)
        if value not in (None, ""):
            query[name] = str(value)
    text = query.urlencode()
    return f"?{text}" if text else request.path


@register.simple_tag
def gauge(value: float, limit: float) -> SafeString:
    """Draw a value against its limit; both numbers always stand beside it."""
    width = 88
    shown, at = (round(width * min(max(one, 0.0), 1.0)) for one in (value, limit))
    return format_html(
        '<svg class="gauge" width="{0}" height="14" viewBox="0 0 {0} 14" aria-hidden="true">'
        '<rect class="ground" y="3" width="{0}" height="8"/>'
        '<rect class="value" y="3" width="{1}" height="8"/>'
        '<rect class="limit" x="{2}" width="2" height="14"/></svg>',
        width,
        shown,
        min(at, width - 2),
    )


@register.simple_tag
def page_language() -> str:
    """Return the language of the page."""
    return get_language() or "en"


@register.simple_tag
def leave_url() -> str:
    """Return the harmless page that *leave quickly* opens."""
    return house.current().settings.leave_url
