# SPDX-License-Identifier: Apache-2.0
"""How long a queue waits, as a bar that the server draws, with its numbers beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.utils import formats
from django.utils.translation import gettext as _

from vigie.console.clocks import span

if TYPE_CHECKING:
    from vigie.flow.queues.figures import Ageing, Count

WIDTH: Final = 416
GAP: Final = 2
LEAST: Final = 6
"""A part that is not empty is never too thin to see."""
_CLASSES: Final = ("wash", "wash", "fc", "fa")


@dataclass(frozen=True, slots=True)
class Part:
    """One stretch of the bar."""

    words: str
    number: str
    x: int
    width: int
    shape: str


@dataclass(frozen=True, slots=True)
class Bar:
    """All of it; `finding` says the same in a sentence."""

    parts: list[Part]
    finding: str
    width: int = WIDTH


def number(count: Count) -> str:
    """Write a number, honest about where counting stopped."""
    words = formats.number_format(count.number, use_l10n=True, force_grouping=True)
    return _("%(count)s+") % {"count": words} if count.more else words


def oldest(ageing: Ageing, now: int) -> str:
    """Say how long the oldest waits."""
    if ageing.oldest is None:
        return _("nothing waits")
    return _("oldest %(time)s") % {"time": span(now - ageing.oldest)}


def bar(ageing: Ageing) -> Bar:
    """Draw how long the cases of a queue wait, in four stretches."""
    counts = [one.count.number for one in ageing.buckets]
    widths = _widths(counts)
    parts, x = [], 0
    for one, width, shape in zip(ageing.buckets, widths, _CLASSES, strict=True):
        parts.append(Part(_edge(one.hours), number(one.count), x, width, shape))
        x += width + GAP if width else 0
    finding = ", ".join(f"{part.words}: {part.number}" for part in parts)
    return Bar(parts, finding)


def _widths(counts: list[int]) -> list[int]:
    total = sum(counts)
    if total == 0:
        return [0] * len(counts)
    room = WIDTH - GAP * len(counts) - LEAST * len(counts)
    return [LEAST + room * one // total if one else 0 for one in counts]


def _edge(hours: int | None) -> str:
    if hours is None:
        return _("48 h and more")
    return _("under %(hours)s h") % {"hours": hours}
