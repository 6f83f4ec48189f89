# SPDX-License-Identifier: Apache-2.0
"""Pictures of numbers, drawn by the server as SVG.

A picture is decoration for those who see it: its title and finding say the
same in words, and the table beside has the numbers. Colours are classes of the
style sheet, so that dark mode, print and forced colours work.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

LEFT: Final = 44
TOP: Final = 20
WIDTH: Final = 640
HEIGHT: Final = 230
RIGHT: Final = 136
"""Room for the names of the lines, at their ends."""
BOTTOM: Final = 30
CLASSES: Final = ("a", "b", "c")
"""Solid, dashed, dotted: told apart without colour."""
LINE: Final = 15
ROW: Final = 26
BARS: Final = 300
"""Where bars begin, after their names."""
BAR_LONG: Final = 220


@dataclass(frozen=True, slots=True)
class Series:
    """One line: a name and a value for each step."""

    name: str
    values: Sequence[int]


@dataclass(frozen=True, slots=True)
class Share:
    """One row: a share of 1 with its interval."""

    name: str
    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Bar:
    """One row: a number as a bar, and what stands at its end; no number: the words alone."""

    name: str
    value: int | None
    words: str
    style: str = "fa"


def lines(
    key: str, title: str, finding: str, steps: Sequence[str], series: Sequence[Series]
) -> SafeString:
    """Draw up to three series over the same steps; `key` makes its ids unique on the page."""
    top = _nice(max((max(one.values, default=0) for one in series), default=0))
    parts = [*_grid(top), *_steps(steps)]
    ends: list[tuple[float, str]] = []
    for one, shape in zip(series, CLASSES, strict=False):
        points = [(_x(n, len(one.values)), _y(value, top)) for n, value in enumerate(one.values)]
        parts.append(_path(shape, points))
        ends.append((points[-1][1] if points else _y(0, top), one.name))
    parts += _names(ends)
    return _picture(key, title, finding, (WIDTH, HEIGHT), parts)


def shares(key: str, title: str, finding: str, rows: Sequence[Share]) -> SafeString:
    """Draw shares with their intervals, one row each, from 0 to the greatest that can be."""
    top = next((one for one in (0.1, 0.2, 0.4, 0.6, 1.0) if _most(rows) <= one), 1.0)
    height = ROW * len(rows) + BOTTOM
    begin, end = 170, 540

    def at(share: float) -> float:
        return begin + (end - begin) * share / top

    parts = []
    for step in range(5):
        share = top * step / 4
        words = f"{100 * share:.0f} %" if step == 4 else f"{100 * share:.0f}"
        parts.append(_grid_line(at(share), 4, height - BOTTOM + 4))
        parts.append(_text(at(share), height - 10, words, anchor="middle"))
    for place, row in enumerate(rows):
        y = ROW * place + ROW / 2 + 2
        parts.append(_text(0, y + 4, _short(row.name), style="name"))
        parts.append(_path("range", [(at(row.low), y), (at(row.high), y)]))
        parts.append(
            format_html('<circle class="fa" cx="{}" cy="{}" r="4.5"/>', _n(at(row.share)), _n(y))
        )
    return _picture(key, title, finding, (560, height), parts)


def bars(key: str, title: str, finding: str, rows: Sequence[Bar]) -> SafeString:
    """Draw numbers as bars, one row each, from zero; the number stands at the end of its bar."""
    top = max((row.value or 0 for row in rows), default=0) or 1
    parts = [_path("axis", [(BARS, 0), (BARS, ROW * len(rows))])]
    for place, row in enumerate(rows):
        y, long = ROW * place + ROW / 2, BAR_LONG * (row.value or 0) / top
        parts.append(_text(0, y + 4, _short(row.name, 46), style="name"))
        parts.append(
            format_html(
                '<rect class="{}" x="{}" y="{}" width="{}" height="12"/>',
                row.style, _n(BARS), _n(y - 6), _n(long),
            )
        )  # fmt: skip
        parts.append(_text(BARS + long + 6, y + 4, row.words))
    return _picture(key, title, finding, (WIDTH, ROW * max(1, len(rows))), parts)


def _most(rows: Sequence[Share]) -> float:
    return max((row.high for row in rows), default=0.0)


def _picture(
    key: str, title: str, finding: str, size: tuple[int, int], parts: Sequence[SafeString]
) -> SafeString:
    return format_html(
        '<svg class="chart" width="{w}" height="{h}" viewBox="0 0 {w} {h}" role="img"'
        ' aria-labelledby="{key}-t {key}-d"><title id="{key}-t">{title}</title>'
        '<desc id="{key}-d">{finding}</desc><g aria-hidden="true">{parts}</g></svg>',
        w=size[0],
        h=size[1],
        key=key,
        title=title,
        finding=finding,
        parts=format_html_join("", "{}", ((part,) for part in parts)),
    )


def _nice(most: int) -> int:
    """Return a round number at or above the greatest, that four steps divide."""
    size = 4
    while size < most:
        for factor in (4, 8, 12, 20, 40):
            if most <= factor * size // 4:
                return factor * size // 4
        size *= 10
    return size


def _x(place: int, count: int) -> float:
    return LEFT + (WIDTH - RIGHT - LEFT) * place / max(1, count - 1)


def _y(value: float, top: int) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * value / top


def _n(number: float) -> str:
    """Write a coordinate: never in the language of the reader."""
    return f"{number:.1f}".removesuffix(".0")


def _grid(top: int) -> list[SafeString]:
    """Draw five level lines with their numbers."""
    parts = []
    for step in range(5):
        value = top * step // 4
        y = _y(value, top)
        style = "axis" if step == 0 else "grid"
        parts.append(_path(style, [(LEFT, y), (WIDTH - RIGHT, y)]))
        parts.append(_text(LEFT - 6, y + 4, f"{value:,}".replace(",", "\u2009"), anchor="end"))
    return parts


def _grid_line(x: float, y: float, to: float) -> SafeString:
    return _path("grid", [(x, y), (x, to)])


def _steps(steps: Sequence[str]) -> list[SafeString]:
    """Name the first, the last and some steps between."""
    last = len(steps) - 1
    places = sorted({0, last, *(round(last * part / 4) for part in (1, 2, 3))}) if steps else []
    anchors = {0: "start", last: "end"}
    return [
        _text(_x(n, len(steps)), HEIGHT - 10, steps[n], anchor=anchors.get(n, "middle"))
        for n in places
    ]


def _path(style: str, points: Sequence[tuple[float, float]]) -> SafeString:
    drawn = " L".join(f"{_n(x)} {_n(y)}" for x, y in points)
    return format_html('<path class="{}" d="M{}"/>', style, drawn) if drawn else mark_safe("")


def _text(x: float, y: float, words: str, *, anchor: str = "start", style: str = "") -> SafeString:
    return format_html(
        '<text{} x="{}" y="{}" text-anchor="{}">{}</text>',
        format_html(' class="{}"', style) if style else "",
        _n(x),
        _n(y),
        anchor,
        words,
    )


def _names(ends: Sequence[tuple[float, str]]) -> list[SafeString]:
    """Write the names at the ends of the lines: none over another, none below the picture."""
    at: dict[int, float] = {}
    above = float("-inf")
    for place in sorted(range(len(ends)), key=lambda one: ends[one][0]):
        at[place] = above = max(ends[place][0] + 4, above + LINE)
    up = max(0.0, above - (HEIGHT - BOTTOM + 4))
    x = WIDTH - RIGHT + 8
    return [
        _text(x, at[place] - up, _short(name, 20), style="name")
        for place, (_, name) in enumerate(ends)
    ]


def _short(name: str, most: int = 24) -> str:
    return name if len(name) <= most else f"{name[: most - 1]}…"
