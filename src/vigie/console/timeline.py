# SPDX-License-Identifier: Apache-2.0
"""Open orders by the time that is left, on a logarithmic line that the server draws.

The picture repeats what the table below it says; its title says the finding.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _

from vigie.console.clocks import HOUR, span

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from django.utils.safestring import SafeString

    from vigie.store.models import Order

SHORT: Final = {
    "tco_removal_order_annex_i": "TCO",
    "fr_lcen_6_1_request": "LCEN",
    "dsa_art9_order": "DSA 9",
    "dsa_art10_order": "DSA 10",
    "epoc_annex_i": "EPOC",
    "epocpr_annex_ii": "EPOC-PR",
}
"""Names of forms as lawyers say them in every language; others stand by their number."""
TICKS: Final = (1, 8, 24, 48, 240, 1440)
"""Hours."""
WIDTH: Final = 1296
HEIGHT: Final = 58
MOST: Final = 200
"""Orders on the line; the table has them all."""
_ENDS: Final = (20.0, 1276.0)
_HOUR_AT: Final = 244.0
_SCALE: Final = 139.14
"""Points for each natural logarithm: 12 minutes stand at the left end, 70 days at the right."""
_LETTER: Final = 7.2
_SPOKEN: Final = 8


@dataclass(frozen=True, slots=True)
class Point:
    """One order on the line."""

    x: float
    words: str
    urgent: bool


def place(left: int) -> float:
    """Return where so many milliseconds stand; what is over, at the left end."""
    if left <= 0:
        return _ENDS[0]
    return min(_ENDS[1], max(_ENDS[0], _HOUR_AT + _SCALE * math.log(left / HOUR)))


def points(orders: Sequence[tuple[Order, int]], now: int, own: Collection[int] = ()) -> list[Point]:
    """Return the points of orders with the moments when each is due, the first one first.

    `own`: keys of orders whose clock is the house's own aim; their last hour is no alarm.
    """
    return [
        Point(
            place(due - now),
            f"{_name(order)} {_left(due - now)}",
            due - now <= (0 if order.pk in own else HOUR),
        )
        for order, due in orders[:MOST]
    ]


def _name(order: Order) -> str:
    return SHORT.get(order.form, f"O-{order.number}")


def _left(left: int) -> str:
    return _("late") if left < 0 else span(left)


def draw(orders: Sequence[tuple[Order, int]], now: int, own: Collection[int] = ()) -> SafeString:
    """Draw the line. Names stand where there is room; every order has its dot."""
    found = points(orders, now, own)
    return format_html(
        '<svg class="chart" width="{w}" height="{h}" viewBox="0 0 {w} {h}" role="img"'
        ' aria-label="{finding}"><g aria-hidden="true"><path class="axis" d="M20 34H1276"/>'
        "{ticks}{dots}</g></svg>",
        w=WIDTH,
        h=HEIGHT,
        finding=finding(found),
        ticks=format_html_join("", "{}", ((_tick(hours),) for hours in TICKS)),
        dots=format_html_join("", "{}", ((one,) for one in _dots(found))),
    )


def finding(found: Sequence[Point]) -> str:
    """Say in a sentence what the picture shows."""
    if not found:
        return _("No open order has a clock.")
    words = ", ".join(one.words for one in found[:_SPOKEN])
    return _("Open orders by time left, logarithmic: %(orders)s") % {"orders": words}


def _tick(hours: int) -> SafeString:
    x = f"{place(hours * HOUR):.1f}"
    return format_html(
        '<path class="grid" d="M{x} 26V42"/><text x="{x}" y="55" text-anchor="middle">{words}'
        "</text>",
        x=x,
        words=span(hours * HOUR),
    )


def _dots(found: Sequence[Point]) -> list[SafeString]:
    """Draw each dot, and its name where none before it reaches."""
    parts, free = [], 0.0
    for one in found:
        style = "urgent" if one.urgent else "fa"
        parts.append(
            format_html('<circle class="{}" cx="{}" cy="34" r="5.5"/>', style, f"{one.x:.1f}")
        )
        half = len(one.words) * _LETTER / 2
        middle = min(max(one.x, half), WIDTH - half)
        if middle - half >= free:
            parts.append(
                format_html(
                    '<text class="name{}" x="{}" y="18" text-anchor="middle">{}</text>',
                    " urgent" if one.urgent else "",
                    f"{middle:.1f}",
                    one.words,
                )
            )
            free = middle + half + _LETTER
    return parts
